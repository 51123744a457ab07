"""Several continuations side by side, as cards: look through them, and keep one or some."""

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.ui.generate.several_writer import (
    SeveralCompared,
    SeveralEnded,
    SeveralFailed,
    SeveralGrew,
    SeveralWriter,
    Written,
)
from lstmterm.ui.services import with_keys
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.fitting import border_columns, first_fitting
from lstmterm.ui.widgets.hints import fitting_hints
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.visible import shorten

AT_ONCE = 4
_MOST = 64  # cards
_COLUMNS = 30  # of a card at least
_MOST_ACROSS = 4
_LINES = 7  # of a card at least, with its frame
_SHOWN = 2_000  # characters of a text on its card
_KEYS = [
    "{several.choose:enter} go there · {several.mark:space} mark · {several.keep:k} keep only the marked · "
    "{several.more:m} more · {several.close:escape} close",
    "{several.choose:enter} go · {several.mark:space} mark · {several.keep:k} keep · {several.more:m} more · "
    "{several.close:escape} close",
    "{several.choose:enter} · {several.mark:space} · {several.keep:k} · {several.more:m} · {several.close:escape}",
]


@dataclass(frozen=True)
class Several:
    """What was written, in the order of the cards, and what the user chose."""

    written: Sequence[Written]
    hidden: frozenset[int]  # those that were not kept
    chosen: int | None  # the one to go to


class Card(Static):
    """The beginning of a text, in a frame that says how it is."""

    def __init__(self, number: int, seed: int) -> None:
        super().__init__(classes="several-card panel")
        self.can_focus = True
        self.number, self.seed = number, seed
        self.marked = False
        self.written: Written | None = None  # once it is whole
        self.copied = math.nan
        self._text = ""

    def on_mount(self) -> None:
        self.describe()

    def on_resize(self, event: Resize) -> None:
        self.describe()

    def grow(self, piece: str) -> None:
        """Show more of the text."""
        before = len(self._text)
        self._text += piece
        if piece and before < _SHOWN:
            self.update(plain_lines(self._text[:_SHOWN]))

    def describe(self) -> None:
        """Say in the frame which text it is, whether it is marked, how surprising it is and what it copies."""
        columns = border_columns(self)
        mark = "✓ " if self.marked else ""
        self.border_title = plain(f"{mark}{self.number + 1} · seed {self.seed}", columns)
        self.border_subtitle = Content(first_fitting(columns, self._figures()))
        self.set_class(self.marked, "-marked")

    def _figures(self) -> list[str]:
        if self.written is None:
            return ["writing"]
        nats = self.written.origin.nats
        if nats is None:
            return ["nothing written"]
        bits = f"{nats / NATS_PER_BIT:.2f} bits"
        if math.isnan(self.copied):
            return [f"{bits}/char", bits]
        return [f"{bits}/char · {self.copied:.0%} copied", f"{bits} · {self.copied:.0%} copied", bits]


class SeveralDialog(Dialog[Several]):
    """Writes `AT_ONCE` texts after another one, and more if the user wants."""

    BINDINGS = [
        key(
            "enter",
            "choose",
            "Go there",
            "several.choose",
            "Continue with this text; the others stay as branches",
        ),
        key("space", "mark", "Mark", "several.mark", "Mark or unmark this text"),
        key(
            "k",
            "keep",
            "Keep",
            "several.keep",
            "Keep the marked texts, or this one; undo shows the others again",
        ),
        key("m", "more", "More", "several.more", "Write more texts"),
        key(
            "escape", "close", "Close", "several.close", "Keep all texts as branches, and stay where you are"
        ),
        key("left", "move(-1)", "Previous", "several.left", "Go to the previous text", show=False),
        key("right", "move(1)", "Next", "several.right", "Go to the next text", show=False),
        key("up", "row(-1)", "Above", "several.up", "Go to the text above", show=False),
        key("down", "row(1)", "Below", "several.down", "Go to the text below", show=False),
    ]

    def __init__(self, writer: SeveralWriter, before: str, seed: int | None = None) -> None:
        """`before` is the end of the text that is continued; `seed` that of the first one, else it is random."""
        super().__init__()
        self._writer, self._before, self._seed = writer, before, seed
        self._cards: list[Card] = []
        self._writing = False
        self._result: tuple[frozenset[int], int | None] | None = None  # once the user has chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="several") as box:
            box.border_title = "Several at once"
            yield Static(classes="several-before")
            yield VerticalScroll(classes="several-cards", can_focus=False)

    def on_mount(self) -> None:
        self._add()

    def on_unmount(self) -> None:
        self._writer.stop()

    def on_resize(self, event: Resize) -> None:
        self._arrange()

    @property
    def current(self) -> Card | None:
        """The card under the cursor."""
        return self.focused if isinstance(self.focused, Card) else None

    @property
    def _across(self) -> int:
        """How many cards stand side by side."""
        room = self.query_one(".several-cards").size.width or self.app.size.width
        fitting = max(min(room // _COLUMNS, _MOST_ACROSS), 1)
        return 2 if fitting == 3 and len(self._cards) == AT_ONCE else fitting

    def _arrange(self) -> None:
        """Lay the cards out; all are in view where each has room for some lines."""
        box = self.query_one(".several")
        box.border_subtitle = fitting_hints(box, *(with_keys(self.app, keys) for keys in _KEYS))
        before = plain(_last_line(self._before, border_columns(box)))
        self.query_one(".several-before", Static).update(before)
        cards = self.query_one(".several-cards")
        across = self._across
        rows = -(-len(self._cards) // across) if self._cards else 1
        cards.styles.grid_size_columns = across
        room = cards.size.height or self.app.size.height
        cards.styles.grid_rows = str(max(room // rows, _LINES))

    # --- writing ------------------------------------------------------------------------------------

    def _add(self) -> None:
        """Write further texts."""
        first = len(self._cards)
        if self._seed is not None:
            seeds = [self._seed + first + k for k in range(AT_ONCE)]
        else:
            seeds = [secrets.randbelow(1_000_000) for _ in range(AT_ONCE)]
        added = [Card(first + k, seed) for k, seed in enumerate(seeds)]
        self._cards += added
        self._writing = True
        self.query_one(".several-cards").mount_all(added)
        self.call_after_refresh(self._show_added, added[0])
        self._writer.allow()
        self._write(seeds, first)

    def _show_added(self, card: Card) -> None:
        self._arrange()
        self.set_focus(card)

    @work(thread=True)
    def _write(self, seeds: Sequence[int], first: int) -> None:
        self._writer.write(seeds, first, self.post_message)

    @on(SeveralGrew)
    def _grew(self, message: SeveralGrew) -> None:
        for card, piece in zip(self._cards[message.first :], message.pieces, strict=False):
            card.grow(piece)

    @on(SeveralEnded)
    def _ended(self, message: SeveralEnded) -> None:
        for card, written in zip(self._cards[message.first :], message.written, strict=False):
            card.written = written
            card.describe()
        self._stopped()

    @on(SeveralCompared)
    def _compared(self, message: SeveralCompared) -> None:
        for card, share in zip(self._cards[message.first :], message.shares, strict=False):
            card.copied = share
            card.describe()

    @on(SeveralFailed)
    def _failed(self, message: SeveralFailed) -> None:
        self.notify(message.reason, severity="error", markup=False)
        unwritten = [card for card in self._cards if card.written is None]
        self._cards = [card for card in self._cards if card.written is not None]
        for card in unwritten:
            card.remove()
        if self._cards:
            self.set_focus(self._cards[-1])
            self._arrange()
        elif self._result is None:
            self._result = frozenset(), None
        self._stopped()

    def _stopped(self) -> None:
        self._writing = False
        self._leave_once_written()

    # --- choosing -----------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        if self.current is not None:
            self.set_focus(
                self._cards[(self.current.number + by) % len(self._cards)]
            )  # at once, unlike `focus`

    def action_row(self, by: int) -> None:
        if self.current is not None:
            number = self.current.number + by * self._across
            if 0 <= number < len(self._cards):
                self.set_focus(self._cards[number])

    def action_mark(self) -> None:
        if self.current is not None:
            self.current.marked = not self.current.marked
            self.current.describe()

    def action_more(self) -> None:
        if self._writing:
            self.notify("The texts are still being written.", markup=False)
        elif len(self._cards) + AT_ONCE > _MOST:
            self.notify(f"There are {len(self._cards)} texts already.", markup=False)
        else:
            self._add()

    def action_choose(self) -> None:
        if self.current is not None:
            self._choose(frozenset(), self.current.number)

    def action_keep(self) -> None:
        if self.current is None:
            return
        kept = [card.number for card in self._cards if card.marked] or [self.current.number]
        hidden = frozenset(card.number for card in self._cards) - set(kept)
        self._choose(hidden, self.current.number if self.current.number in kept else kept[0])

    def action_close(self) -> None:
        self._choose(frozenset(), None)

    def _choose(self, hidden: frozenset[int], chosen: int | None) -> None:
        self._result = hidden, chosen
        if self._writing:
            self._writer.stop()
        self._leave_once_written()

    def _leave_once_written(self) -> None:
        """Close, with what there is of each text."""
        if self._result is not None and not self._writing:
            written = [card.written for card in self._cards if card.written is not None]
            self.leave(Several(written, *self._result))


def _last_line(text: str, columns: int) -> str:
    """The end of a text that fits into a line, with an ellipsis before it."""
    ending = text[-columns:].replace("\n", "⏎")
    cut = len(text) > columns
    while len(shorten(ending, 10_000)) + cut > columns:
        ending, cut = ending[1:], True
    return f"…{ending}" if cut else ending
