"""The tabs: their names, keys and panels.

A panel's module is imported when its tab is first shown, or when the screen is idle after the first frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lstmterm.ui.services import Panel, Services


@dataclass(frozen=True)
class TabPlace:
    """A tab and its panel."""

    id: str
    title: str
    key: str
    sentence: str
    panel: Callable[[], type[Panel]]  # imports the panel's class

    def make(self, services: Services) -> Panel:
        """Make the panel; its id is the tab's."""
        return self.panel()(services, id=self.id)


def _train() -> type[Panel]:
    from lstmterm.ui.train.panel import TrainPanel

    return TrainPanel


def _generate() -> type[Panel]:
    from lstmterm.ui.generate.panel import GeneratePanel

    return GeneratePanel


def _tagger() -> type[Panel]:
    from lstmterm.ui.tagger.panel import TaggerPanel

    return TaggerPanel


def _library() -> type[Panel]:
    from lstmterm.ui.library.panel import LibraryPanel

    return LibraryPanel


TABS = (
    TabPlace("train", "Train", "f2", "Train a model and watch it learn", _train),
    TabPlace("generate", "Generate", "f3", "Generate text with a model", _generate),
    TabPlace("tagger", "Tagger", "f4", "Tag texts, train a tagger, evaluate it", _tagger),
    TabPlace("library", "Library", "f6", "Models, runs and texts", _library),
)
