"""Models of random weights: one as if it were trained on a text that is still there, and some in no file."""

from pathlib import Path

from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.inspect.reading import Reading, Source
from tests.ui.conftest import publish_random, random_tensors

TEXT = "".join(
    f"{word} sea owes us a {word} bucket, the tide is late.\n" for word in ("the", "my", "her") * 20
)


def keep_trained(folder: Path, name: str = "trained") -> Path:
    """The model's file; a tenth of its text, in `folder`, is for validation."""
    file = folder / "sea.txt"
    file.write_text(TEXT)
    corpus = open_corpus(str(file))
    cut = len(TEXT) * 9 // 10
    more = {
        "corpus": {"name": "sea", "sha256": corpus.sha256, "chars": len(TEXT), "source": str(file)},
        "split": {"train": [0, cut], "val": [cut, len(TEXT)], "test": [len(TEXT), len(TEXT)]},
        "metrics": {"val_loss": 3.0, "val_loss_reset": 3.1},
    }
    return publish_random(name, corpus.vocabulary, **more)


def random_model(vocabulary: Vocabulary, seed: int = 1) -> CharLSTM:
    """A model that is in no file."""
    return CharLSTM.from_tensors(random_tensors(len(vocabulary), seed=seed))


def random_reading(text: str, vocabulary: Vocabulary, seed: int = 1) -> Reading:
    """A text, typed, as such a model reads it."""
    card = ModelCard(Path(), 0, {"name": "it", "vocabulary": vocabulary.to_dict()}, {})
    model = random_model(vocabulary, seed)
    return Reading("it", model, card, "typed", text, vocabulary.encode(text), Source("typed", text))
