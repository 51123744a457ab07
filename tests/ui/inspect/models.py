"""A model that was trained on a text that is still there, without training it."""

from pathlib import Path

import numpy as np

from lstmterm.corpora.corpus import open_corpus
from lstmterm.models import library
from lstmterm.models.shapes import charlm_shapes

TEXT = "".join(
    f"{word} sea owes us a {word} bucket, the tide is late.\n" for word in ("the", "my", "her") * 20
)


def keep_trained(folder: Path, name: str = "trained") -> Path:
    """The model's file; a tenth of its text, in `folder`, is for validation."""
    file = folder / "sea.txt"
    file.write_text(TEXT)
    corpus = open_corpus(str(file))
    cut, chance = len(TEXT) * 9 // 10, np.random.default_rng(1)
    shapes = charlm_shapes(1, 8, 4, len(corpus.vocabulary))
    tensors = {n: chance.normal(0, 1.5, shape).astype(np.float32) for n, shape in shapes.items()}
    sizes = {
        "layers": 1,
        "hidden": 8,
        "embedding": 4,
        "vocabulary": len(corpus.vocabulary),
        "parameters": 700,
    }
    metadata = {
        "kind": "charlm",
        "name": name,
        "complete": True,
        "sizes": sizes,
        "vocabulary": corpus.vocabulary.to_dict(),
        "corpus": {"name": "sea", "sha256": corpus.sha256, "chars": len(TEXT), "source": str(file)},
        "split": {"train": [0, cut], "val": [cut, len(TEXT)], "test": [len(TEXT), len(TEXT)]},
        "metrics": {"val_loss": 3.0, "val_loss_reset": 3.1},
        "seed": 1,
        "created": "2025-01-31T14:20:00+00:00",
    }
    return library.publish(name, tensors, metadata, overwrite=True)
