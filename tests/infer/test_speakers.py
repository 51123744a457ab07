"""Who speaks in what a model writes, wherever its text is."""

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora.turns import PATTERNS, PLAIN, QUOTED
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer import speakers
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampler
from lstmterm.models import model_file
from tests.character_models import LETTERS, TorchModel

FEW = Vocabulary("\n ab:>")


def test_those_of_the_shipped_play_are_found_without_its_text() -> None:
    loaded = model_file.load(paths.shipped_models() / "shakespeare.safetensors")
    model = CharLSTM.from_tensors(loaded.tensors)
    found = speakers.turns_of(model, loaded.card.vocabulary)
    assert found is not None
    assert found.pattern == PATTERNS[0]
    assert {"ROMEO", "JULIET", "GLOUCESTER", "First Citizen"} <= {*found.speakers}
    assert [*found.speakers.values()] == sorted(found.speakers.values(), reverse=True)
    assert sum(found.speakers.values()) <= speakers.OF
    again = speakers.turns_of(model, loaded.card.vocabulary, PATTERNS[0])
    assert again == found


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("pattern", ["{name}: {text}\n", "> {name}:\n{text}\n\n"])
def test_speakers_have_the_share_of_turns_that_the_model_expects(pattern: str, bytewise: bool) -> None:
    vocabulary = Vocabulary.bytes() if bytewise else FEW
    torch_model = TorchModel(1, 8, vocabulary=vocabulary, seed=3)
    if bytewise:  # as likely to write letters, colons and line ends as one that reads text
        bias = np.full(256, -30.0, np.float32)
        bias[[*b"\n ab:>"]] = 0
        torch_model.output.weight.data *= 0.1
        torch_model.output.bias.data[:] = torch_model.output.bias.data.new_tensor(bias)
    model = CharLSTM.from_tensors(torch_model.tensors())
    found = speakers.turns_of(model, vocabulary, pattern)
    assert found is not None
    assert found.pattern == pattern
    assert found.speakers
    before, end = pattern.split("{text}")
    start, after = before.split("{name}")
    for name, turns in found.speakers.items():
        assert name[0].isalpha()
        assert ":" not in name
        assert "\n" not in name
        expected = []
        for place in speakers._places(model, vocabulary):
            sampler = Sampler(model, vocabulary, [0])
            sampler.begin(place + end + start)
            expected.append(speakers._probability(sampler, name + after))
        likely = [each for each in expected if each > speakers._RAREST]
        assert turns == pytest.approx(1000 * sum(likely) / len(expected), abs=0.51)


def test_of_quoted_mail_one_speaker_is_quoted() -> None:
    torch_model = TorchModel(1, 8, vocabulary=FEW)
    torch_model.output.weight.data[:] = 0
    torch_model.output.bias.data[:] = torch_model.output.bias.data.new_tensor([0, 1.5, 0, 0, -9, 1.5])
    model = CharLSTM.from_tensors(torch_model.tensors())
    found = speakers.turns_of(model, FEW)
    assert found is not None
    assert found.pattern == PATTERNS[2]
    assert [*found.speakers] == [QUOTED, PLAIN]
    assert found.speakers[QUOTED] == found.speakers[PLAIN]
    assert [*speakers.turns_of(model, FEW, "a> {text}\n").speakers] == [QUOTED, PLAIN]  # type: ignore[union-attr]


def test_a_model_without_speakers() -> None:
    model = CharLSTM.from_tensors(TorchModel(1, 32).tensors())
    assert speakers.turns_of(model, LETTERS) is None
    assert "No speakers were found in what bard writes" in speakers.none_found("bard")
    asked = speakers.turns_of(model, LETTERS, "{name}\u2003{text}\n")
    assert asked is not None
    assert asked.speakers == {}, "the model cannot write such turns"
