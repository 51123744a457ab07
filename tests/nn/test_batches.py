"""Sentences in batches of similar length."""

import numpy as np
import torch

from lstmterm.nn.batches import EncodedSentences, Sequences, plan_batches
from tests.taggers import sentences, vocabulary_of

DATA = sentences(40)


def test_every_sentence_is_in_one_batch_per_epoch() -> None:
    lengths = np.array([len(s.words) for s in DATA])
    random = np.random.Generator(np.random.PCG64(1))
    for batches in (plan_batches(lengths, 20), plan_batches(lengths, 20, random)):
        assert sorted(i for batch in batches for i in batch) == list(range(len(DATA)))
        assert max(lengths[batch].sum() for batch in batches) <= 20 + lengths.max()


def test_the_layout_is_that_of_the_docstring() -> None:
    words = np.array(["the", "cat", "sat", "go", "on"])
    layout = Sequences.of(np.array([3, 2]))
    for positions, rows in (
        (layout.forwards_N, [["the", "go"], ["cat", "on"], ["sat", ""]]),
        (layout.backwards_N, [["sat", "on"], ["cat", "go"], ["the", ""]]),
    ):
        rectangle = np.full(layout.longest * len(layout), "", dtype=words.dtype)
        rectangle[positions.numpy()] = words
        assert rectangle.reshape(layout.longest, len(layout)).tolist() == rows
    assert layout.sequence_N.tolist() == [0, 0, 0, 1, 1]


def test_a_batch_holds_the_words_of_its_sentences_in_their_order() -> None:
    vocabulary = vocabulary_of(DATA)
    batch = EncodedSentences(DATA, vocabulary).batch([3, 0])
    words = [*DATA[3].words, *DATA[0].words]
    numbers = {word: i for i, word in enumerate(vocabulary.words)}
    assert batch.words_N.tolist() == [numbers.get(vocabulary.key(w), len(numbers)) for w in words]
    assert batch.sentences.lengths_B.tolist() == [len(DATA[3].words), len(DATA[0].words)]
    tags = [*DATA[3].tags, *DATA[0].tags]
    assert batch.targets.tolist() == [vocabulary.tag_numbers[tag] for tag in tags]
    assert len(batch.types) == len(set(words)), "each type is encoded once"
    assert torch.equal(batch.types.lengths_B[batch.types_N], torch.tensor([len(w) for w in words]))
