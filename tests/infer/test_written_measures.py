"""What is known of a text's characters from writing it: the same as from reading it."""

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.infer.text_stream import Chunk, TextStream
from lstmterm.infer.written_measures import NOT_MEASURED, WrittenMeasures
from tests.character_models import LETTERS, TorchModel


@pytest.mark.parametrize("stop", [(), ("zz", "qqq")])
def test_they_are_those_of_reading_the_text(stop: tuple[str, ...]) -> None:
    model = CharLSTM.from_tensors(TorchModel(2, 48).tensors())
    stream = TextStream(model, LETTERS, length=300, stop=stop, measure=True)
    stream.start("\nOnce", [3])
    found, text = WrittenMeasures(LETTERS), ""
    parts: list[Measures] = []
    for k, chunk in enumerate(stream.write()):
        found.add(chunk)
        text += chunk.text
        if k % 7 == 0:
            parts.append(found.take())
    parts.append(found.take())
    nats, ranks = (np.concatenate([getattr(part, name) for part in parts]) for name in ("nats", "ranks"))
    read = Surprise.of(model, LETTERS.encode("\nOnce" + text))
    assert len(nats) == len(text)
    assert np.allclose(nats, read.nats[4:], atol=1e-3)
    assert np.array_equal(ranks, read.ranks[4:])


def test_a_character_of_several_bytes_has_the_sum_of_their_nats() -> None:
    found = WrittenMeasures(Vocabulary.bytes())
    texts = ("", "", "", "", "", "aé漢", "\udcff", "b")  # the first ones were held back
    raw = "".join(texts).encode("utf-8", "surrogateescape")
    for k, (byte, text) in enumerate(zip(raw, texts, strict=True)):
        found.add(Chunk(0, byte, text, k + 1.0, k + 1))
    taken = found.take()
    assert taken.nats.tolist() == [1, 2 + 3, 4 + 5 + 6, 7, 8]
    assert taken.ranks.tolist() == [1, 3, 6, 7, 8]


def test_text_that_no_symbol_came_for_is_not_measured() -> None:
    found = WrittenMeasures(LETTERS)
    found.add(Chunk(0, None, "ab", float("nan")))
    assert found.take().ranks.tolist() == [NOT_MEASURED] * 2
    assert found.take().ranks.tolist() == []
