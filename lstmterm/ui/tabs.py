"""The tabs: their names, keys and the panels behind them.

A panel's module is imported when its tab is first shown, or in the calm after the first frame.
"""

import importlib
from dataclasses import dataclass

from textual.widget import Widget


@dataclass(frozen=True)
class TabPlace:
    """A tab and the panel that it shows."""

    id: str
    title: str
    key: str
    module: str  # in this room
    panel: str  # the class
    sentence: str

    def make(self) -> Widget:
        """The panel, its id the tab's."""
        return getattr(importlib.import_module(f"lstmterm.ui.{self.module}"), self.panel)(id=self.id)


TABS = (
    TabPlace("train", "Train", "f2", "train.panel", "TrainPanel", "Train a model and watch it learn"),
    TabPlace("generate", "Generate", "f3", "generate.panel", "GeneratePanel", "Write with a model"),
    TabPlace(
        "tagger",
        "Tagger",
        "f4",
        "tagger.panel",
        "TaggerPanel",
        "Tag texts, train a tagger, see how good it is",
    ),
    TabPlace("library", "Library", "f6", "library.panel", "LibraryPanel", "Models, runs and texts"),
)
