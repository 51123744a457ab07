"""A model as if it were trained on a text that is still there, and texts as models of random weights read them."""

from pathlib import Path

from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect.reading import Reading, Source
from lstmterm.ui.inspect.surprised_text import SurprisedText
from tests.random_models import card_of, random_model
from tests.ui.conftest import publish_random

LINES = "".join(f"Line {i} (of a little text) says: NO, it is {i % 9}.\n" for i in range(60))
LETTERS = Vocabulary("\n abcdefghijklmnopqrstuvwxyz")
TEXT = "".join(
    f"{word} sea owes us a {word} bucket, the tide is late.\n" for word in ("the", "my", "her") * 20
)


def keep_trained(folder: Path, name: str = "trained") -> Path:
    """The file of a model of `TEXT`, which is in `folder`."""
    file = folder / "sea.txt"
    file.write_text(TEXT)
    return keep_trained_on(str(file), name)


def keep_trained_on(source: str, name: str = "trained") -> Path:
    """The model's file; a tenth of the text is for validation."""
    corpus = open_corpus(source)
    cut, end = len(corpus) * 9 // 10, len(corpus)
    more = {
        "corpus": {"name": corpus.name, "sha256": corpus.sha256, "chars": end, "source": source},
        "split": {"train": [0, cut], "val": [cut, end], "test": [end, end]},
        "metrics": {"val_loss": 3.0, "val_loss_reset": 3.1},
    }
    return publish_random(name, corpus.vocabulary, **more)


def random_reading(text: str, vocabulary: Vocabulary = LETTERS) -> Reading:
    """A typed text, as a model of random weights reads it."""
    card, model, ids = card_of(vocabulary), random_model(vocabulary), vocabulary.encode(text)
    return Reading(card.name, model, card, "typed", text, ids, Source("typed", text))


def surprised(text: str, vocabulary: Vocabulary = LETTERS) -> SurprisedText:
    """How much a typed text surprises a model of random weights."""
    reading = random_reading(text, vocabulary)
    return SurprisedText.of(reading, Surprise.of(reading.model, reading.ids))
