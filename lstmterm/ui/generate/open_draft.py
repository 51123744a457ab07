"""The draft of a page: a tree from the start, a file from its first text on."""

import contextlib
from collections.abc import Callable

from lstmterm.atomic import WriteError
from lstmterm.drafts import file, store
from lstmterm.drafts.file import DraftFile
from lstmterm.drafts.tree import Tree
from lstmterm.errors import RunError

_TRIES = 20  # names that others may take at the same moment


class OpenDraft:
    """A draft that is open for one page. Others cannot change it meanwhile."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives the seconds since the epoch, after whose day a new draft is named."""
        self._clock = clock
        self._closing = contextlib.ExitStack()
        self._file: DraftFile | None = None
        self._empty = Tree()

    @property
    def name(self) -> str:
        """The draft's name; empty until it has text."""
        return "" if self._file is None else self._file.name

    @property
    def tree(self) -> Tree:
        """Its tree; an empty one until it has text."""
        return self._empty if self._file is None else self._file.tree

    @property
    def file(self) -> DraftFile | None:
        """What changes it; None until it has text."""
        return self._file

    def begin(self, model: str) -> DraftFile:
        """What changes it: a new file, named after the model, for a text that has none.

        Raises `WriteError` where no file can be written, and `RunError`.
        """
        for _ in range(_TRIES):
            if self._file is not None:
                return self._file
            with contextlib.suppress(RunError):  # another screen took the name
                self.open(store.new_name(model, self._clock()))
        return self.open(store.new_name(model, self._clock()))

    def open(self, name: str) -> DraftFile:
        """Open a draft instead of the present one.

        Raises `RunError` if it is damaged or open elsewhere, and as `close`; then the present one stays.
        """
        with contextlib.ExitStack() as opening:
            opened = opening.enter_context(file.writing(store.path_of(name)))
            self.close()
            self._file, self._closing = opened, opening.pop_all()
        return opened

    def rename(self, new: str) -> None:
        """Give the draft another name. Raises as `store.rename`; then it keeps its name."""
        old = self.name
        self.close()
        try:
            store.rename(old, new)
            old = new
        finally:
            self.open(old)

    def keep_nowhere(self) -> DraftFile:
        """Go on without a file, as none can be written."""
        self.close()
        self._file = file.unkept()
        return self._file

    def close(self) -> None:
        """Close the file; the tree is empty again. Raises `WriteError`, and stays open, while changes cannot be written."""
        if self._file is not None:
            self._file.sync()
        self.give_up()

    def give_up(self) -> None:
        """Close the file, also without changes that cannot be written."""
        self._file, self._empty = None, Tree()
        with contextlib.suppress(WriteError):
            self._closing.close()
