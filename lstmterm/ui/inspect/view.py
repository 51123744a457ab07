"""What the pages of the tab have in common: each colours the same text, and tells more beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from lstmterm.errors import InputError, within_memory
from lstmterm.ui.inspect.cursor_card import CursorCard, Expected, Predictions
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.plain import plain
from lstmterm.ui.widgets.scale import signs_of
from lstmterm.ui.widgets.scale_legend import ScaleLegend
from lstmterm.visible import shorten


@dataclass(frozen=True)
class Colours:
    """The colours of a text, and their legend.

    `levels` has a byte for each character: 0 if it has no number, else a step of the scale from 1.
    `labels` has a label for each step. The user jumps between the positions in `marks`, which ascend.
    A `diverging` scale has numbers near zero in its middle. `signs` are those of the steps, one column each,
    if digits do not fit the labels. `end` is a last word beside the labels.
    """

    levels: bytes
    title: str
    labels: tuple[str, ...]
    marks: Sequence[int] = ()
    diverging: bool = False
    signs: str = ""
    end: str = ""


@dataclass
class Looked(Message):
    """What was expected at a position; `reason` says why it is not known."""

    expected: Expected | None
    reason: str = ""


class View(Panel):
    """A page with the text on the left. The tab opens a text in it when the page is shown.

    A view computes in threads of its own, and drops what belongs to older work than its newest. A page that is
    left is stopped; it continues when it is shown again.
    """

    ROOMY_FROM = 110

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reading: Reading | None = None
        self.busy = False  # whether `stop` would stop something
        self.number = 0  # of the newest work
        self._unfinished = False  # whether it was stopped, and nothing was begun since
        self._colours: Colours | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel inspected"):
            yield Static(classes="inspect-hint", markup=False)
            yield ColouredText()
            yield from self.below()
            yield ScaleLegend()
        with Vertical(classes="beside"):
            yield from self.beside()

    def on_mount(self) -> None:
        if self.reading is None:
            self.text.display = False

    @property
    def text(self) -> ColouredText:
        """The text, and its cursor."""
        return self.query_one(ColouredText)

    def focus_first(self) -> None:
        if self.text.display:
            self.text.focus()

    def open(self, reading: Reading, position: int = 0) -> None:
        """Look at another text, or at the same with another model, and put the cursor on a character."""
        if reading is not self.reading:
            self.stop()
            self.reading = reading
            self.hint("")
            self.text.show(reading.text)
            self.query_one(".inspected").border_title = Content(shorten(reading.name, 40))
            self.say("")
            self.start(reading)
        elif self._unfinished:
            self._unfinished = False
            self.resume(reading)
        self.text.go_to(position)

    def stop(self) -> None:
        """Stop what is being computed; what is shown stays."""
        if self.busy:
            self.number += 1
            self._unfinished = True
            self.say("stopped")
            self.cancel()

    def hint(self, sentence: str) -> None:
        """Show a sentence in the place of the text; none: the text."""
        hint = self.query_one(".inspect-hint", Static)
        hint.display, self.text.display = bool(sentence), not sentence
        hint.update(Content(sentence))

    def say(self, status: str, *, busy: bool = False) -> None:
        """Say in the border of the text what is being done, or what was found."""
        self.query_one(".inspected").border_subtitle = plain(status, 60)
        self._unfinished = self._unfinished and not busy
        if busy != self.busy:
            self.busy = busy
            self.refresh_bindings()

    def paint(self, colours: Colours) -> None:
        """Colour the text."""
        steps, diverging = len(colours.labels), colours.diverging
        self._colours = replace(colours, signs=colours.signs or signs_of(steps, diverging))
        self._show_legend()
        signs = self._colours.signs
        self.text.colour(colours.levels, steps, colours.marks, diverging=diverging, signs=signs)

    @on(ColouredText.SignsChanged)
    def _show_legend(self) -> None:
        shown = self._colours
        if shown is not None:
            signs = shown.signs if self.text.has_signs else ""
            legend = self.query_one(ScaleLegend)
            legend.show(shown.title, shown.labels, shown.end, diverging=shown.diverging, signs=signs)

    @on(ColouredText.Moved)
    def _moved(self, event: ColouredText.Moved) -> None:
        event.stop()
        self.look(event.position)

    @work(thread=True, exclusive=True, group="looking")
    def look_up(self, found: Predictions, position: int) -> None:
        """Show in the card what was expected at a position, if the cursor is still there when it is known."""
        if get_current_worker().is_cancelled:
            return
        try:
            with within_memory():
                expected = Expected(found, position, found.likeliest(position))
        except InputError as error:
            self.post_message(Looked(None, on_screen(error)))
        else:
            self.post_message(Looked(expected))

    def on_looked(self, message: Looked) -> None:
        expected = message.expected
        if expected is None:
            self.services.notify(message.reason, "error")
        elif self.shows(expected.found) and expected.position == self.text.cursor:
            self.query_one(CursorCard).show(expected)

    # --- what each view does --------------------------------------------------------------------------

    def beside(self) -> Iterable[Widget]:
        """The widgets on the right."""
        return ()

    def below(self) -> Iterable[Widget]:
        """The widgets between the text and the legend."""
        return ()

    def start(self, reading: Reading) -> None:
        """Begin to compute what is shown of a text."""

    def resume(self, reading: Reading) -> None:
        """Go on with what was stopped, or begin it again."""
        self.start(reading)

    def cancel(self) -> None:
        """End the threads that do not end by the `number`."""

    def look(self, position: int) -> None:
        """The cursor is on the character at `position`."""

    def shows(self, found: Predictions) -> bool:
        """Whether the page still shows what was given to `look_up`."""
        return False
