"""Choosing another tag for a word."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import drawn
from lstmterm.ui.tagger.probabilities import Ranked, bar_line
from lstmterm.ui.widgets.list_line import ListLine
from lstmterm.visible import shorten, visible


class TagPicker(ModalScreen[str | None]):
    """All tags, the most probable first. Typing filters them; a new tag can be typed too."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def __init__(self, word: str, chosen: str, ranked: Ranked) -> None:
        super().__init__()
        self._word, self._chosen, self._ranked = word, chosen, ranked
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker tag-picker") as box:
            box.border_title = Content(f"The tag of {shorten(drawn(self._word), 30)}")
            box.border_subtitle = "enter chooses · esc cancels"
            yield ListLine(placeholder="A tag", id="filter")
            yield OptionList(id="tags", markup=False, compact=True)

    def on_mount(self) -> None:
        self._show("")
        self.query_one("#filter").focus()

    def _show(self, typed: str) -> None:
        colours = TagColours((tag for tag, _ in self._ranked), self.app.current_theme)
        found = [(tag, probability) for tag, probability in self._ranked if typed.lower() in tag.lower()]
        options = [
            Option(
                Content.assemble(
                    ("▸ " if tag == self._chosen else "  ", "bold $accent"),
                    bar_line(tag, probability, colours, 14, 20),
                )
            )
            for tag, probability in found
        ]
        self._rows = [tag for tag, _ in found]
        if typed and typed not in self._rows:
            self._rows.append(typed)
            options.append(Option(Content.assemble("  another tag: ", (visible(typed), "bold"))))
        listed = self.query_one("#tags", OptionList)
        listed.set_options(options)
        if options:
            listed.highlighted = 0

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value.strip())

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.query_one("#tags", OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._rows[event.option_index])
