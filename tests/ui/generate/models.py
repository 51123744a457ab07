"""A model whose training text is here, and has a part of what the model writes."""

from pathlib import Path

from lstmterm.corpora import splits
from lstmterm.corpora.corpus import open_corpus
from lstmterm.infer.text_stream import write_text
from lstmterm.spec.sampling import Sampling
from tests.random_models import random_model
from tests.ui.conftest import SYMBOLS, publish_random

PROMPT, SEED, LENGTH = "The", 7, 60
_FILL = (SYMBOLS.strip() + "\n") * 20


def keep_copying_model(folder: Path, copied: slice, *, train: bool = True) -> str:
    """A model named `copier`, of random weights; returns the text that it writes after `PROMPT` with `SEED`.

    The characters `copied` of that text stand in line 21 of its training text, in its validation text if not `train`.
    """
    source = folder / "copied.txt"
    source.write_text(_FILL)
    vocabulary = open_corpus(str(source)).vocabulary
    model = random_model(vocabulary)
    written = write_text(model, vocabulary, PROMPT, LENGTH, Sampling(), SEED)
    source.write_text(_FILL + written[copied] + "\n" + _FILL if train else _FILL * 2 + written[copied])
    corpus = open_corpus(str(source))
    assert corpus.vocabulary == vocabulary
    split = splits.cut(len(corpus), 0.1, 0.0)
    more = {
        "corpus": {"name": "copied", "sha256": corpus.sha256, "chars": len(corpus), "source": corpus.source},
        "split": {"train": list(split.train), "val": list(split.val), "test": list(split.test)},
        "metrics": {"val_loss": 1.5},
    }
    publish_random("copier", vocabulary, **more)
    return written
