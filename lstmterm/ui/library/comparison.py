"""Models side by side: a table of their figures, and a sample of each from one seed. Opens over the Library."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static
from textual.worker import get_current_worker

from lstmterm.infer.score import RESET
from lstmterm.infer.side_by_side import (
    SHOWN_SHARE,
    CharacterFigures,
    Models,
    SampleSettings,
    SharedText,
    size_cells,
)
from lstmterm.ui.library.comparer import Comparer, Ended, Figures, Measured, Request, TextRead, Working
from lstmterm.ui.services import Services, with_keys
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.hints import fitting_hints
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import Line, plain_lines
from lstmterm.visible import shorten, shorten_middle, visible, visible_lines

_ROOMY_FROM = 110  # columns from which the samples are beside each other
_NAME = 12  # columns of a name, from which on figures are left out rather than more of it
_SPARE = ("file", "params", "size", "chars/s", "copied")  # those left out first where the room is short
_BEST = {"loss": min, "reset": min, "adapted": min} | dict.fromkeys(
    ("accuracy", "unknown", "macro F1", "span F1"), max
)
_LEGEND = {
    "reset": f"loss in nats per character; reset: every {RESET} characters",
    "adapted": "adapted: a copy learns from the text",
    "copied": f"copied: share of the sample's {SHOWN_SHARE}-character windows in the training text",
    "unknown": "unknown: accuracy on words that are not in the training data",
}


class Sample(VerticalScroll):
    """What a model wrote."""

    def __init__(self, name: str) -> None:
        super().__init__(classes="panel sample")
        self.shown = ""
        self.border_title = Content(shorten(name, 40))

    def compose(self) -> ComposeResult:
        yield Static()

    def show(self, text: str) -> None:
        """Show this text."""
        self.shown = visible_lines(text)
        self.query_one(Static).update(Content(self.shown))


class ComparisonScreen(Dialog[None]):
    """A thread measures; escape stops it, and then closes the screen."""

    BINDINGS = [
        Binding("escape", "stop_or_leave", "Stop, or close"),
        key("a", "adapt", "Adapt", "comparison.adapt", "Also let a copy of each model learn from the text"),
        key("ctrl+l", "text", "Text", "comparison.text", "Choose a text or a file to compare on"),
        key("ctrl+r", "again", "Again", "comparison.again", "Measure again, with samples from another seed"),
    ]

    def __init__(self, services: Services, models: Models) -> None:
        super().__init__()
        self.services, self.models = services, models
        self.kind = models[0][1].kind
        self.place: str | None = None  # the text; None: that of the first model
        self.sample = SampleSettings(secrets.randbelow(2**32))
        self.text: SharedText | None = None
        self.figures: dict[int, Figures] = {}  # by the place among the models
        self.busy = False
        self._number = 0  # of the newest request

    def compose(self) -> ComposeResult:
        with Vertical(id="comparison") as box:
            box.border_title = "Compare models"
            yield Line(id="compared-on", grows=True)
            with VerticalScroll(id="compared-figures"):
                yield Static(id="compared-table")
            yield Line(id="compared-status", grows=True)
            if self.kind == "charlm":
                with VerticalScroll(id="samples"):
                    yield from (Sample(entry.name) for entry, _ in self.models)

    def on_mount(self) -> None:
        self.query_one("#samples" if self.kind == "charlm" else "#compared-figures").focus()
        self._measure()

    def on_unmount(self) -> None:
        self._number += 1  # what still runs is stale

    def on_resize(self, event: Resize) -> None:
        roomy = event.size.width >= _ROOMY_FROM
        self.set_class(roomy, "-roomy")
        for sample in self.query(Sample):  # each scrolls by itself, or all together
            sample.can_focus = roomy
        if self.focused is not None:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)
        self.call_after_refresh(self._draw)
        self._show_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "adapt":
            return self.text is not None and not self.busy and len(self.figures) == len(self.models)
        return True

    # --- measuring --------------------------------------------------------------------------------

    def _measure(self, *, adapting: bool = False) -> None:
        """Measure all models in a thread, or only their adapted losses."""
        self._number += 1
        if not adapting:
            self.figures, self.text = {}, None
            self.query_one("#compared-on", Line).set_text(Content(""))
        self._set_busy(True, "reading")
        figures = [self.figures[place] for place in sorted(self.figures)]
        self._work(Request(self._number, self.models, self.place, self.sample, adapting, self.text, figures))
        self._draw()

    @work(thread=True, exclusive=True, group="comparison")
    def _work(self, request: Request) -> None:
        worker = get_current_worker()
        Comparer(
            request, self.post_message, lambda: worker.is_cancelled or request.number != self._number
        ).run()

    def on_working(self, message: Working) -> None:
        if message.number == self._number:
            self._show_status(message.what)

    def on_text_read(self, message: TextRead) -> None:
        if message.number == self._number:
            self.text = message.text
            more = ""
            if message.text is not None:
                more = (
                    f" · {len(message.text.characters):,} characters · seed of the samples {self.sample.seed}"
                )
            name, *notes = message.about
            self.query_one("#compared-on", Line).set_text(
                Content.assemble((visible(name), "bold"), more, *(f"\n{visible(note)}" for note in notes))
            )

    def on_measured(self, message: Measured) -> None:
        if message.number == self._number:
            self.figures[message.place] = message.figures
            self._draw()

    def on_ended(self, message: Ended) -> None:
        if message.number == self._number:
            headings = self.figures[0].cells() if self.figures else ()
            legend = " · ".join(sentence for heading, sentence in _LEGEND.items() if heading in headings)
            self._set_busy(False, message.reason or legend, wrong=bool(message.reason))

    # --- actions ----------------------------------------------------------------------------------

    def action_stop_or_leave(self) -> None:
        if not self.busy:
            self.leave(None)
            return
        self._number += 1
        self.workers.cancel_group(self, "comparison")
        self._set_busy(False, "Stopped.")

    def action_adapt(self) -> None:
        self._measure(adapting=True)

    def action_again(self) -> None:
        self.sample = replace(self.sample, seed=secrets.randbelow(2**32))
        self._measure()

    @work
    async def action_text(self) -> None:
        from lstmterm.ui.tagger.data_picker import DataPicker
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        picker = DataPicker if self.kind == "tagger" else CorpusPicker
        chosen = await self.app.push_screen_wait(picker(self.place or "", self.services.settings.folder))
        if chosen:
            self.place = chosen
            self._measure()

    # --- drawing ----------------------------------------------------------------------------------

    def _set_busy(self, busy: bool, status: str, wrong: bool = False) -> None:
        self.busy = busy
        self._show_status(status, wrong)
        self.refresh_bindings()
        self._show_keys()

    def _show_keys(self) -> None:
        adapt = "{comparison.adapt:a} adapt · " if self.check_action("adapt", ()) else ""
        keys = (
            "esc stop"
            if self.busy
            else with_keys(
                self.app,
                f"esc close · {adapt}{{comparison.text:ctrl+l}} text · {{comparison.again:ctrl+r}} again",
            )
        )
        box = self.query_one("#comparison")
        box.border_subtitle = fitting_hints(box, keys)

    def _show_status(self, status: str, wrong: bool = False) -> None:
        line = self.query_one("#compared-status", Line)
        line.set_text(plain_lines(status))
        line.set_class(wrong, "-wrong")

    def _draw(self) -> None:
        """Show the figures and the samples that there are."""
        cells = [
            self.figures[place].cells() if place in self.figures else size_cells(card)
            for place, (_, card) in enumerate(self.models)
        ]
        room = self.query_one("#compared-figures").scrollable_content_region
        self.query_one("#compared-table", Static).update(
            figures_table([entry.name for entry, _ in self.models], cells, room.width or self.app.size.width)
        )
        for place, sample in enumerate(self.query(Sample)):
            figures = self.figures.get(place)
            sample.show(figures.sample if isinstance(figures, CharacterFigures) else "")


def figures_table(names: Sequence[str], cells: Sequence[dict[str, str]], room: int) -> Table:
    """A row for each model in `room` columns, the best figures bold; where it is short, figures are left out and names cut."""
    headings, width = _fitting(names, cells, room)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("model", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    best = {heading: _best(heading, [row.get(heading, "") for row in cells]) for heading in headings}
    for name, row in zip(names, cells, strict=True):
        texts = (
            Text(row.get(heading, ""), style="bold" if row.get(heading) == best[heading] else "")
            for heading in headings
        )
        table.add_row(Text(shorten_middle(name, width)), *texts)
    return table


def _fitting(names: Sequence[str], cells: Sequence[dict[str, str]], room: int) -> tuple[list[str], int]:
    """The headings that have room beside the names, and the columns that they leave for these."""
    headings = [*dict.fromkeys(heading for row in cells for heading in row)]
    widths = {
        heading: 2 + max(len(heading), *(len(row.get(heading, "")) for row in cells)) for heading in headings
    }
    name = min(max(len("model"), *(cell_len(visible(name)) for name in names)), _NAME)
    left = room - sum(widths.values())
    for spare in _SPARE:
        if name <= left:
            break
        if spare in headings:
            headings.remove(spare)
            left += widths[spare]
    return headings, max(left, len("model"))


def _best(heading: str, cells: Sequence[str]) -> str:
    """The best of several figures; empty where no one is better."""
    numbers = {cell: float(cell.rstrip("%")) for cell in cells if cell.strip("–")} if heading in _BEST else {}
    return _BEST[heading](numbers, key=numbers.__getitem__) if len(numbers) > 1 else ""
