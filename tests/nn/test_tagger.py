"""The tagger network: padding changes nothing, rectangles equal packed sequences, numpy agrees."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from lstmterm.infer.tag import Tagger as NumpyTagger
from lstmterm.nn.batches import UNSCORED, EncodedSentences
from lstmterm.nn.losses import mean_nll
from lstmterm.nn.tagger import Tagger, need
from lstmterm.tagging.treebank import Tagged
from lstmterm.tagging.words import TaggerVocabulary
from tests.taggers import TAGS, sentences, spec_of, tagger, tensors_of, vocabulary_of

DATA = sentences(40)
VOCABULARY = vocabulary_of(DATA)
KNOBS = (
    {},
    {"characters": "lstm", "initial_state": "learned"},
    {"characters": "none", "layers": 3, "directions": 1},
    {"words": 0, "suffixes": 0, "shapes": 0, "layers": 1},
)


def labelled(data: list[Tagged]) -> list[Tagged]:
    return [Tagged(s.words, s.tags[:1]) for s in data]


def loss_and_gradients(
    model: Tagger, data: list[Tagged], chosen: list[int], vocabulary: TaggerVocabulary
) -> tuple:
    """The first sentence's loss in a batch, its gradients and its tags."""
    model.zero_grad()
    batch = EncodedSentences(data, vocabulary).batch(np.array(chosen))
    logits = model(batch)[: len(data[chosen[0]].words)]
    loss = mean_nll(logits, batch.targets[: len(logits)], "cross-entropy", UNSCORED)
    loss.backward()
    gradients = {
        n: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in model.named_parameters()
    }
    return loss.item(), gradients, logits.argmax(dim=-1).tolist()


@pytest.mark.parametrize("knobs", KNOBS)
def test_padding_changes_neither_loss_nor_gradients_nor_tags(knobs: dict) -> None:
    short = Tagged(("ax1", "bxx2", "cx3"), ("A", "B", "C"))
    longer = [Tagged(("bxxx9",) * n, ("B",) * n) for n in (5, 12, 40)]
    model = tagger(VOCABULARY, **knobs)
    model.eval()
    alone = loss_and_gradients(model, [short], [0], VOCABULARY)
    for other in longer:  # the short sentence is padded to the length of each
        beside = loss_and_gradients(model, [short, other], [0, 1], VOCABULARY)
        assert beside[0] == pytest.approx(alone[0], abs=1e-6)
        assert beside[2] == alone[2]
        for name, gradient in alone[1].items():
            torch.testing.assert_close(beside[1][name], gradient, rtol=1e-4, atol=1e-6)


def packed_logits(model: Tagger, data: list[Tagged]) -> list[Tensor]:
    """The same network by torch's own packed bidirectional LSTM."""
    batch = EncodedSentences(data, VOCABULARY).batch(np.arange(len(data)))
    inputs = []
    read = model.read

    def keep(layer: int, given: Tensor, *rest: object) -> Tensor:
        if layer == 0:
            inputs.append(given)
        return read(layer, given, *rest)  # type: ignore[arg-type]

    model.read = keep  # type: ignore[method-assign]
    model(batch)
    del model.read
    lengths = batch.sentences.lengths_B.tolist()
    packed = pack_sequence(inputs[0].split(lengths), enforce_sorted=False)
    state = model.initial(len(lengths), model.output.weight)
    output, _ = nn.LSTM.forward(model.lstm, packed, state)
    padded, _ = pad_packed_sequence(output, batch_first=True)
    return [model.output(padded[i, :n]) for i, n in enumerate(lengths)]


@pytest.mark.parametrize("knobs", KNOBS)
def test_rectangles_equal_packed_sequences(knobs: dict) -> None:
    model = tagger(VOCABULARY, **knobs)
    model.eval()
    with torch.no_grad():
        whole = model(EncodedSentences(DATA, VOCABULARY).batch(np.arange(len(DATA))))
        parts = packed_logits(model, DATA)
    torch.testing.assert_close(whole, torch.cat(parts), rtol=1e-5, atol=1e-5)


def test_backwards_nothing_is_read_before_the_last_word() -> None:
    """Garbage in the rectangle's corners would show: a batch's order decides what lies there."""
    model = tagger(VOCABULARY)
    model.eval()
    encoded = EncodedSentences(DATA, VOCABULARY)
    with torch.no_grad():
        alone = [model(encoded.batch(np.array([i]))) for i in range(len(DATA))]
        order = np.arange(len(DATA))[::-1].copy()
        together = model(encoded.batch(order)).split(encoded.lengths[order].tolist())
    for i, logits in zip(order, together, strict=True):
        torch.testing.assert_close(logits, alone[i], rtol=1e-5, atol=1e-5)


def test_a_label_is_read_at_either_end_of_the_sequence_alone() -> None:
    model = tagger(VOCABULARY, "sequence")
    model.eval()
    data = labelled(DATA)
    encoded = EncodedSentences(data, VOCABULARY)
    with torch.no_grad():
        together = model(encoded.batch(np.arange(len(data))))
        assert together.shape == (len(data), len(TAGS))
        for i in range(len(data)):
            torch.testing.assert_close(
                together[i : i + 1], model(encoded.batch(np.array([i]))), rtol=1e-5, atol=1e-5
            )


def test_there_is_no_tag_for_padding() -> None:
    model = tagger(VOCABULARY)
    assert VOCABULARY.tags == TAGS
    assert model.output.out_features == len(TAGS)


@pytest.mark.parametrize("level", ["word", "sequence"])
@pytest.mark.parametrize("knobs", KNOBS)
def test_numpy_gives_the_same_probabilities(knobs: dict, level: str) -> None:
    data = [*DATA, Tagged(("zzz", "unknown", "WORDS"), ("A", "B", "C"))]
    data = labelled(data) if level == "sequence" else data
    model = tagger(VOCABULARY, level, **knobs)  # type: ignore[arg-type]
    model.eval()
    with torch.no_grad():
        batch = EncodedSentences(data, VOCABULARY).batch(np.arange(len(data)))  # type: ignore[arg-type]
        expected = model(batch).softmax(dim=-1).numpy()
    ours = NumpyTagger(tensors_of(model), VOCABULARY, level, None)  # type: ignore[arg-type]
    together = np.concatenate([t.probabilities for t in ours.tag_all([s.words for s in data], workers=2)])
    alone = np.concatenate([ours.tag(s.words).probabilities for s in data])
    assert np.abs(together - expected).max() < 1e-4
    assert np.abs(alone - expected).max() < 1e-4
    assert expected.std() > 0.05, "the model of this test prefers some tags"


def test_a_random_initial_state_is_for_training_only() -> None:
    model = tagger(VOCABULARY, initial_state="random")
    batch = EncodedSentences(DATA, VOCABULARY).batch(np.arange(3))
    with torch.no_grad():
        assert not torch.equal(model(batch), model(batch))
        model.eval()
        assert torch.equal(model(batch), model(batch))


def test_its_need_of_memory_is_four_numbers_per_weight_and_the_outputs_of_a_step() -> None:
    spec = spec_of(layers=2)  # 8 + 8 + 2 * 4 + 3 inputs, hidden 10, 2 directions
    vocabulary = vocabulary_of(sentences(30))
    needed = need(spec, vocabulary, 50)
    weights = 4 * 20 * (27 + 10) + 4 * 20 * (20 + 10)
    assert needed.numbers == 4 * weights + 6 * 50 * 20 * 2 + 2 * (20 + 50) * len(vocabulary.tags)
    endings = sum(map(len, vocabulary.suffixes))
    assert needed.of_vocabulary == 4 * (8 * len(vocabulary.words) + 4 * endings)
    parameters = sum(p.numel() for p in tagger(vocabulary, layers=2).parameters())
    assert 0.7 * 4 * parameters < 4 * weights + needed.of_vocabulary < 4 * parameters
