"""The likeliest text, beside all texts there are, and beside the greedy one."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.likeliest import BeamSearch
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import UNCHANGED, Sampler
from lstmterm.infer.text_stream import TextStream
from lstmterm.models import model_file
from lstmterm.spec.sampling import Sampling
from tests.character_models import TorchModel

FEW = Vocabulary("abc.")
LENGTH = 5


def _sampler(seed: int) -> Sampler:
    model = CharLSTM.from_tensors(TorchModel(2, 12, 8, vocabulary=FEW, seed=seed).tensors())
    sampler = Sampler(model, FEW, [0])
    sampler.begin("ab")
    return sampler


def _log_probability(sampler: Sampler, symbols: list[int]) -> float:
    total, after = 0.0, Sampler(sampler.model, sampler.vocabulary, [0], sampler)
    for symbol in symbols:
        total += math.log(after.expected()[symbol])
        after.feed(sampler.vocabulary.symbols[symbol])
    return total


def _every_text(stop: str) -> set[str]:
    """All texts that end with `stop`, or are of the whole length without it."""
    whole = map("".join, itertools.product(FEW.symbols, repeat=LENGTH))
    return {text[: text.index(stop) + len(stop)] if stop and stop in text else text for text in whole}


@pytest.mark.parametrize("stop", ["", ".", "ca", "bb"])
@pytest.mark.parametrize("seed", range(4))
def test_a_wide_search_finds_the_likeliest_of_all_texts(seed: int, stop: str) -> None:
    sampler = _sampler(seed)
    every = {text: _log_probability(sampler, FEW.encode(text).tolist()) for text in _every_text(stop)}
    expected = max(every, key=lambda text: every[text])
    found = list(BeamSearch(sampler, len(FEW) ** LENGTH, LENGTH, [stop]).symbols())
    assert FEW.decode(np.array(found)) == expected


@pytest.mark.parametrize("seed", range(4))
def test_a_width_of_one_takes_the_likeliest_character_each_time(seed: int) -> None:
    sampler = _sampler(seed)
    found = list(BeamSearch(sampler, 1, 40).symbols())
    assert found == [sampler.step(Sampling(0))[0] for _ in range(40)]


@pytest.fixture(scope="module")
def shakespeare() -> Sampler:
    loaded = model_file.load(paths.shipped_models() / "shakespeare.safetensors")
    sampler = Sampler(CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary, [0])
    sampler.begin("ROMEO:\n")
    return sampler


def test_a_wider_search_finds_a_likelier_text(shakespeare: Sampler) -> None:
    totals = []
    for width in (1, 4, 16):
        found = list(BeamSearch(shakespeare, width, 80).symbols())
        assert len(found) == 80
        totals.append(_log_probability(shakespeare, found))
    assert totals == sorted(totals)
    assert totals[0] < totals[-1] - 0.1


def test_characters_come_while_the_search_goes_on_and_a_stop_shortens_it(shakespeare: Sampler) -> None:
    asked = 0

    def stopping() -> bool:
        nonlocal asked
        asked += 1
        return asked > 150

    found = BeamSearch(shakespeare, 4, 200).symbols(stopping)
    early = [next(found) for _ in range(50)]
    assert asked < 150
    assert early == list(BeamSearch(shakespeare, 4, 200).symbols())[:50]
    assert early + list(found) == list(BeamSearch(shakespeare, 4, 150).symbols())


def test_a_stop_string_ends_the_text(shakespeare: Sampler) -> None:
    found = list(BeamSearch(shakespeare, 8, 400, ["\n\n", "King"]).symbols())
    text = shakespeare.vocabulary.each(np.array(found))
    assert text.endswith(("\n\n", "King"))
    assert not any(stop in text[:-1] for stop in ("\n\n", "King"))


def test_a_stop_string_of_unknown_characters_never_comes() -> None:
    assert len(list(BeamSearch(_sampler(1), 4, 30, ["é"]).symbols())) == 30


def _stream(sampler: Sampler, **settings: Any) -> TextStream:
    stream = TextStream(sampler.model, sampler.vocabulary, measure=True, **settings)
    stream.start("ROMEO:\n", [0])
    return stream


def test_a_stream_writes_the_likeliest_text_before_its_stop_string(shakespeare: Sampler) -> None:
    found = list(BeamSearch(shakespeare, 8, 200, ["\n\n"]).symbols())
    stream = _stream(shakespeare, length=200, stop=("\n\n",), beam=8, sampling=Sampling(3, top_k=2))
    text = "".join(chunk.text for chunk in stream.write())
    assert text + "\n\n" == shakespeare.vocabulary.each(np.array(found))
    assert stream.endings == ["stop"]
    assert -stream.nats[0] == pytest.approx(_log_probability(shakespeare, found), abs=1e-3)
    after = Sampler(shakespeare.model, shakespeare.vocabulary, [0], shakespeare)
    after.feed(text + "\n\n")
    stream.sampling = UNCHANGED
    np.testing.assert_allclose(
        stream.expected(), after.expected(), atol=1e-4
    )  # the stream can go on from there


@pytest.mark.parametrize("settings", [{"length": None}, {"length": 2, "unit": "lines"}])
def test_the_likeliest_text_needs_a_length_in_characters(
    shakespeare: Sampler, settings: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match=r"a length in characters \(--length\)"):
        list(_stream(shakespeare, beam=2, **settings).write())
