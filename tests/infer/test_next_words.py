"""The likeliest next words and characters, beside all there are, and beside what a trained model writes."""

import time

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer import next_words as module
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.next_words import begun_word, next_characters, next_words
from lstmterm.infer.sample import UNCHANGED, Sampler
from lstmterm.models import model_file
from lstmterm.spec.sampling import Sampling
from tests.character_models import TorchModel

FEW = Vocabulary("ab' .")
SETTINGS = [
    UNCHANGED,
    Sampling(0.7, top_k=4, repetition_penalty=1.5, repetition_window=3),
    Sampling(1.2, ban=".", loops="push"),
]
LONGEST = 7  # characters of the words that are enumerated


def _sampler(vocabulary: Vocabulary, text: str, seed: int = 1) -> Sampler:
    model = CharLSTM.from_tensors(TorchModel(2, 12, 8, vocabulary=vocabulary, seed=seed).tensors())
    sampler = Sampler(model, vocabulary, [0])
    sampler.begin(text)
    return sampler


def _every_word(sampler: Sampler, begun: bool, sampling: Sampling) -> tuple[dict[str, float], float]:
    """The probability of every next word that is not too long, and the greatest of a longer beginning."""
    found: dict[str, float] = {}
    longer = 0.0

    def follow(before: Sampler, written: str, word: bool, probability: float) -> None:
        nonlocal longer
        if len(written) > LONGEST or probability < 1e-4:
            longer = max(longer, probability)
            return
        likely = before.expected(sampling)
        for k, character in enumerate(FEW.symbols):
            of_word = character in "ab" or (character == "'" and (word or (begun and not written)))
            if word and not of_word:
                found[written] = found.get(written, 0) + probability * likely[k]
            elif likely[k]:
                after = Sampler(before.model, FEW, [0], before)
                after.take(k)
                follow(after, written + character, of_word, probability * likely[k])

    follow(sampler, "", False, 1.0)
    return found, longer


@pytest.mark.parametrize("sampling", SETTINGS)
@pytest.mark.parametrize("text", ["a ba", "ab. ", "b'"])
def test_words_are_the_likeliest_of_all_there_are(text: str, sampling: Sampling) -> None:
    sampler = _sampler(FEW, text)
    every, longer = _every_word(sampler, bool(begun_word(text)), sampling)
    expected = sorted(every.items(), key=lambda word: -word[1])[:10]
    assert expected[-1][1] > longer  # so the enumeration itself has missed none
    ahead = next_words(sampler, text, sampling)
    assert ahead.exact
    assert [word.text for word in ahead.texts] == [word for word, _ in expected]
    np.testing.assert_allclose([w.probability for w in ahead.texts], [p for _, p in expected], rtol=1e-4)
    plain, _ = _every_word(sampler, bool(begun_word(text)), UNCHANGED)
    np.testing.assert_allclose(
        [w.plain for w in ahead.texts], [plain[w.text] for w in ahead.texts], rtol=1e-4
    )


def test_a_search_that_is_cut_short_says_what_it_may_have_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = next_words(_sampler(FEW, "ab. "), "ab. ")
    monkeypatch.setattr(module, "MOST_READ", 12)
    cut = next_words(_sampler(FEW, "ab. "), "ab. ")
    found = {word.text for word in cut.texts}
    assert not cut.exact
    assert max(word.probability for word in whole.texts if word.text not in found) <= cut.missed < 1


def test_characters_are_those_that_the_sampler_expects() -> None:
    sampler = _sampler(FEW, "ab")
    for sampling in SETTINGS:
        expected = sampler.expected(sampling)
        ahead = next_characters(sampler, sampling, 3)
        assert [FEW.symbols.index(c.text) for c in ahead.texts] == np.argsort(-expected)[:3].tolist()
        np.testing.assert_allclose([c.probability for c in ahead.texts], np.sort(expected)[::-1][:3])
        for c in ahead.texts:
            assert c.plain == pytest.approx(sampler.expected()[FEW.symbols.index(c.text)])


def _ring(order: bytes) -> CharLSTM:
    """A model that expects after each byte of `order` the one after it; no byte is twice in it."""
    assert len(set(order)) == len(order)
    n, size = 256, len(order)
    tensors = {
        "lstm.weight_ih_l0": np.zeros((4 * size, n), np.float32),
        "lstm.weight_hh_l0": np.zeros((4 * size, size), np.float32),
        "lstm.bias_ih_l0": np.repeat(np.array([20, -20, 0, 20], np.float32), size),  # write all, forget all
        "lstm.bias_hh_l0": np.zeros(4 * size, np.float32),
        "output.weight": np.zeros((n, size), np.float32),
        "output.bias": np.zeros(n, np.float32),
    }
    for k, byte in enumerate(order):
        tensors["lstm.weight_ih_l0"][2 * size + k, byte] = 20
        tensors["output.weight"][order[(k + 1) % size], k] = 20
    return CharLSTM.from_tensors(tensors)


def test_bytes_make_whole_characters_and_words_with_letters_outside_ascii() -> None:
    order = "wé,“".encode()  # a letter and a quotation mark of several bytes
    sampler = Sampler(_ring(order), Vocabulary.bytes(), [0])
    sampler.feed("w")
    assert next_characters(sampler, most=1).texts[0].text == "é"
    word = next_words(sampler, "w", most=1).texts[0]
    assert (word.text, round(word.probability, 3)) == ("é", 1.0)
    sampler.feed("é")
    assert next_words(sampler, "wé", most=1).texts[0].text == ",“wé"  # no quotation mark is part of a word


@pytest.mark.parametrize(
    ("text", "word"),
    [("", ""), ("my lord", "lord"), ("lord ", ""), ("I don'", "don'"), ("'", ""), ("a é", "é"), ("= a_", "a_"),
     ("x,'", ""), ("'tis", "tis"), ("e\u0301", "e\u0301"), ("A\n", "")],
)  # fmt: skip
def test_the_word_in_which_a_text_ends(text: str, word: str) -> None:
    assert begun_word(text) == word


@pytest.fixture(scope="module")
def shakespeare() -> tuple[CharLSTM, Vocabulary]:
    loaded = model_file.load(paths.shipped_models() / "shakespeare.safetensors")
    return CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary


@pytest.mark.parametrize(
    ("text", "likely", "lead"),
    [("JULIET:\nGood night, good night, my lor", ["d", "ds"], ""), ("JULIET:\nMy", [" lord"], " ")],
)
def test_a_trained_model_ends_words_and_begins_the_next(
    shakespeare: tuple[CharLSTM, Vocabulary], text: str, likely: list[str], lead: str
) -> None:
    sampler = Sampler(*shakespeare, [0])
    sampler.begin(text)
    started = time.perf_counter()
    ahead = next_words(sampler, text)
    assert time.perf_counter() - started < 1  # 0.02 s where nothing else runs
    words = [word.text for word in ahead.texts]
    assert ahead.exact
    assert len(words) == 10
    assert words[: len(likely)] == likely
    assert words[0].startswith(lead)


def test_the_word_at_temperature_zero_is_the_one_that_is_written(
    shakespeare: tuple[CharLSTM, Vocabulary],
) -> None:
    sampler = Sampler(*shakespeare, [0])
    sampler.begin("JULIET:\nMy")
    (word,) = next_words(sampler, "JULIET:\nMy", Sampling(0)).texts
    assert word.probability == 1
    written = (sampler.step(Sampling(0))[0] for _ in range(len(word.text) + 1))
    text = "".join(shakespeare[1].symbols[symbol] for symbol in written)
    assert text[:-1] == word.text
    assert not text[-1].isalpha()


def test_a_line_begins_as_the_settings_say(shakespeare: tuple[CharLSTM, Vocabulary]) -> None:
    sampler = Sampler(*shakespeare, [0])
    sampler.begin("JULIET:\n")
    ahead = next_words(sampler, "JULIET:\n", Sampling(line_start="Now "))
    assert ahead.texts[0].text == "Now"
    assert ahead.texts[0].probability == 1
    assert ahead.texts[0].plain < 0.1
    (one,) = next_characters(sampler, Sampling(line_start="Now ")).texts
    assert (one.text, one.probability) == ("N", 1)
