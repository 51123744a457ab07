"""What the text of a page copies from the training text: underlined stretches, and figures."""

from collections.abc import Callable

from textual.content import Content
from textual.message import Message

from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.growing import Stretch
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.generate.copies import CopiesFound, CopiesRemark, CopyFinder, PassageFound, passage
from lstmterm.visible import visible_lines

_AROUND = 300  # characters of the training text that are shown before and after a stretch


class PageCopies:
    """Follows the text that a page shows, from its beginning."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._finder = CopyFinder(post)
        self._post = post
        self._text = 0  # the number of the text that is followed
        self._index: CopyIndex | None = None
        self._stretches: list[Stretch] = []
        self._figures: list[str] = []
        self.remark = ""  # what is being done, or why nothing can be found

    def begin(self) -> None:
        """Follow another text from now on."""
        self._text = self._finder.begin()
        self._stretches.clear()
        self._figures, self.remark = [], ""

    @property
    def figures(self) -> list[str]:
        """What is known, each text shorter than the one before."""
        return [self.remark] if self.remark else self._figures

    def add(self, text: str, card: ModelCard) -> Callable[[], None] | None:
        """The text grew; returns what must be called in a thread, if anything."""
        return self._finder.find if self._finder.add(text, card) else None

    def stop(self) -> None:
        """End the thread, if there is one."""
        self._finder.stop()

    def take_remark(self, message: CopiesRemark) -> None:
        """Something is being done, or why nothing can be found."""
        if message.text == self._text:
            self.remark = message.sentence

    def take(self, message: CopiesFound) -> tuple[int, list[tuple[int, int]]] | None:
        """What was found: how many spans stay, and those after them, from start to end; None if it is of another text."""
        if message.text != self._text:
            return None
        self._index, self._figures, self.remark = message.index, message.summaries(), ""
        self._stretches[message.kept :] = message.stretches
        return message.kept, [(stretch.start, stretch.end) for stretch in message.stretches]

    def find_passage(self, number: int, opened: bool) -> None:
        """Post where a copied stretch occurs in the training text; runs in a thread."""
        if self._index is not None and number < len(self._stretches):
            found = passage(self._index, self._stretches[number], _AROUND)
            self._post(PassageFound(found, opened))


def shown(message: PassageFound) -> Content:
    """A passage with what is around it."""
    found = message.passage
    return Content.assemble(
        (visible_lines(found.before), "$foreground 70%"),
        (visible_lines(found.copied), "bold underline"),
        (visible_lines(found.after), "$foreground 70%"),
    )
