"""The tabs, in their order. A tab's folder here is named like its id, and has its `panel.tcss`."""

from lstmterm.ui.widgets.pages import Page

TABS = (
    Page("train", "Train", "f2", "Train a model and watch it learn", "lstmterm.ui.train.panel:TrainPanel"),
    Page(
        "generate", "Generate", "f3", "Generate text with a model", "lstmterm.ui.generate.panel:GeneratePanel"
    ),
    Page(
        "tagger",
        "Tagger",
        "f4",
        "Tag texts, train a tagger, evaluate it",
        "lstmterm.ui.tagger.panel:TaggerPanel",
    ),
    Page(
        "inspect",
        "Inspect",
        "f5",
        "See where a text surprises a model",
        "lstmterm.ui.inspect.panel:InspectPanel",
    ),
    Page(
        "library", "Library", "f6", "Models, drafts, runs and texts", "lstmterm.ui.library.panel:LibraryPanel"
    ),
)
