"""How probable each tag is: bars beside the words, and a list of tags to choose from."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.tokens import CORRECTED, UNKNOWN, UNSURE, Token, cut, drawn
from lstmterm.ui.widgets.list_line import ListLine
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten, visible

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEAST = 5e-4  # rarer tags are not drawn
_MOST = 40

Chances = Sequence[tuple[str, float]]  # tags and their probabilities, likeliest first


def bar_line(tag: str, chance: float, colours: TagColours, name_width: int, bar_width: int) -> Content:
    """A tag, its bar, its probability in percent."""
    name = cut(visible(tag), name_width)
    eighths = round(8 * bar_width * chance)
    bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return Content.assemble(
        (name, colours.style(tag, "bold")),
        " " * (name_width - cell_len(name) + 1),
        (f"{bar:<{bar_width}}", colours.style(tag)),
        (f" {chance:6.1%}", "$foreground 75%"),
    )


class Odds(VerticalScroll, can_focus=False):
    """What the tagger thinks of the token under the cursor."""

    app = getters.app(LstmTerm)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shown: tuple[Token, Chances, tuple[str, ...]] | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="odds", grows=True)

    def on_mount(self) -> None:
        self.border_title = "Odds"
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self._draw()

    def show(self, token: Token | None, chances: Chances = (), names: tuple[str, ...] = ()) -> None:
        """The odds of a token; None is no token at all."""
        self._shown = (token, chances, names) if token is not None else None
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        line = self.query_one("#odds", Line)
        if self._shown is None:
            line.tell(
                Content.styled("The odds of the word under the cursor are drawn here.", "$foreground 60%")
            )
            return
        token, chances, names = self._shown
        colours = TagColours(names, self.app.current_theme)
        width = max((self.scrollable_content_region.width or self.size.width) - 1, 14)
        name_width = min(max((cell_len(visible(tag)) for tag, _ in chances[:12]), default=4), width // 3)
        bar_width = max(width - name_width - 9, 3)
        rows = [Content.assemble((cut(drawn(token.word), width), "bold"), "\n")]
        if not token.known:
            rows.append(Content.assemble((f"{UNKNOWN} not in its training data\n", "$foreground 70%")))
        if token.corrected:
            rows.append(
                Content.assemble(
                    (f"{CORRECTED} corrected to ", "$foreground 70%"),
                    (cut(visible(token.tag), width - 15), colours.style(token.tag, "bold")),
                    "\n",
                )
            )
        elif token.unsure:
            rows.append(Content.assemble((f"{UNSURE} unsure\n", "$foreground 70%")))
        for tag, chance in chances[:_MOST]:
            if chance < _LEAST and len(rows) > 3:
                break
            rows += [bar_line(tag, chance, colours, name_width, bar_width), Content("\n")]
        line.tell(Content.assemble(*rows))


class TagPicker(ModalScreen[str | None]):
    """All tags, the likeliest first; typing narrows them, and another one can be typed."""

    app = getters.app(LstmTerm)

    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def __init__(self, word: str, chosen: str, chances: Chances) -> None:
        super().__init__()
        self._word, self._chosen, self._chances = word, chosen, chances
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker tag-picker") as box:
            box.border_title = Content(f"The tag of {shorten(drawn(self._word), 30)}")
            box.border_subtitle = "enter takes it · esc leaves"
            yield ListLine(placeholder="A tag", id="filter")
            yield OptionList(id="tags", markup=False, compact=True)

    def on_mount(self) -> None:
        self._show("")
        self.query_one("#filter").focus()

    def _show(self, typed: str) -> None:
        colours = TagColours((tag for tag, _ in self._chances), self.app.current_theme)
        found = [(tag, chance) for tag, chance in self._chances if typed.lower() in tag.lower()]
        options = [
            Option(
                Content.assemble(
                    ("▸ " if tag == self._chosen else "  ", "bold $accent"),
                    bar_line(tag, chance, colours, 14, 20),
                )
            )
            for tag, chance in found
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
