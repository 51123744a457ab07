"""What a word is to the tagger: numpy puts together what torch does, whatever else is read with it."""

import numpy as np
import pytest

from lstmterm.infer.word_types import TypeEncoder
from tests.taggers import sentences, tagger, tensors_of, vocabulary_of

VOCABULARY = vocabulary_of(sentences(40))
WORDS = ["ax1", "bxxx22", "c", "☃", "cxx9", "Unheard-of", "a" * 30]


def encoder(**knobs: object) -> TypeEncoder:
    return TypeEncoder(tensors_of(tagger(VOCABULARY, **knobs)), VOCABULARY)  # type: ignore[arg-type]


@pytest.mark.parametrize("characters", ["none", "cnn", "lstm"])
def test_words_are_encoded_alike_alone_and_together(characters: str) -> None:
    types = encoder(characters=characters)
    together = types.encode(WORDS)
    alone = np.concatenate([types.encode([word]) for word in WORDS])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert together.dtype == np.float32
    assert len(np.unique(together.round(4), axis=0)) == len(WORDS) or characters == "none"


def test_letters_are_read_from_both_ends_as_torch_reads_them() -> None:
    import torch

    model = tagger(VOCABULARY, characters="lstm", words=0, suffixes=0, shapes=0)
    tensors = tensors_of(model)
    features = VOCABULARY.features(WORDS)
    embedding = torch.from_numpy(tensors["types.characters.embedding.weight"])
    size = tensors["types.characters.lstm.weight_hh_l0"].shape[1]
    reference = torch.nn.LSTM(embedding.shape[1], size, bidirectional=True)
    with torch.no_grad():
        for name, parameter in reference.named_parameters():
            parameter.copy_(torch.from_numpy(tensors[f"types.characters.lstm.{name}"]))
        expected = [
            torch.cat(list(reference(embedding[torch.from_numpy(np.asarray(row, np.int64))])[1][0]))
            for row in features.letters
        ]
    ours = TypeEncoder(tensors, VOCABULARY).encode(WORDS)
    np.testing.assert_allclose(ours, torch.stack(expected).numpy(), atol=1e-5)
