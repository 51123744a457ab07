"""A dialogue: the model answers as its speaker, and its turns can be taken back."""

import pytest

from lstmterm.corpora.scene import Scene
from lstmterm.corpora.turns import Turns
from lstmterm.infer.dialogue import LONGEST, Dialogue, Turn, answering
from lstmterm.infer.draft_writing import CONTEXT
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import TextStream, generate
from lstmterm.spec.sampling import Generation, Sampling
from tests.character_models import LETTERS, TorchModel

TURNS = Turns("{name}:\n{text}\n\n", {"A": 3, "B": 2})


@pytest.fixture
def talk() -> Dialogue:
    model = CharLSTM.from_tensors(TorchModel(1, 32).tensors())
    return Dialogue(TextStream(model, LETTERS, sampling=Sampling(0.8)), Scene(TURNS, "A", "B"), seed=5)


def test_an_answer_is_what_follows_the_turns(talk: Dialogue) -> None:
    talk.say("The sea")
    answer = "".join(talk.answer())
    prompt = "A:\nThe sea\n\nB:\n"
    model, sampling = talk.stream.model, talk.stream.sampling
    alone = generate(
        model, LETTERS, prompt=prompt, length=LONGEST, sampling=sampling, seeds=[5], stop=("\n\n",)
    )
    assert answer == "".join(chunk.text for chunk in alone)
    assert talk.said == [Turn("A", "The sea"), Turn("B", answer, 5)]
    assert talk.text == f"A:\nThe sea\n\nB:\n{answer}\n\n"
    assert len(answer) <= LONGEST


def test_another_answer_and_none(talk: Dialogue) -> None:
    assert not talk.retry()
    talk.say("The sea")
    first = "".join(talk.answer())
    assert talk.retry()
    second = "".join(talk.answer())
    assert talk.said[1:] == [Turn("B", second, 6)]
    assert first != second
    assert talk.undo() == 2
    assert talk.said == []
    assert talk.undo() == 0


def test_both_speak_on(talk: Dialogue) -> None:
    talk.say("The sea")
    heard = [(name, "".join(pieces)) for name, pieces in talk.overheard(3)]
    assert [name for name, _ in heard] == ["B", "A", "B"]
    assert [(turn.name, turn.text) for turn in talk.said[1:]] == heard


def test_a_stopped_answer_is_kept_and_ends_the_rest(talk: Dialogue) -> None:
    talk.say("The sea")
    heard = 0
    for _, pieces in talk.overheard(3):
        heard += 1
        next(pieces)
        talk.stream.stopping.set()
        assert len(list(pieces)) < LONGEST
    assert heard == 1
    assert len(talk.said) == 2
    assert talk.said[1].text


def test_a_long_dialogue_is_read_from_near_its_end(talk: Dialogue) -> None:
    for k in range(200):
        talk.said.append(Turn("AB"[k % 2], "It is late, and the tide is low."))
    read: list[str] = []
    start = talk.stream.start
    talk.stream.start = lambda prompt, seeds: (read.append(prompt), start(prompt, seeds))[1]  # type: ignore[method-assign]
    talk.say("The sea")
    list(talk.answer())
    assert len(read[0]) == CONTEXT, "as in a draft"
    assert read[0].endswith("A:\nThe sea\n\nB:\n")


def test_one_answer_is_taken_back_at_a_time(talk: Dialogue) -> None:
    talk.say("The sea")
    for _, pieces in talk.overheard(3):
        list(pieces)
    assert [talk.undo() for _ in range(4)] == [1, 1, 2, 0]


def test_a_turn_without_words_is_none(talk: Dialogue) -> None:
    talk.said.append(Turn("B", "", 4))
    talk.say("The sea\n\n\nA:")
    assert talk.text == "A:\nThe sea\nA:\n\n"


def test_an_answer_ends_where_its_turn_does() -> None:
    scene = Scene(TURNS, "A", "B")
    asked = answering(Generation(length=9, unit="lines", stop=("!",), seed=3, beam=4), scene, "B")
    assert asked == Generation(length=LONGEST, stop=("!", "\n\n"), seed=3, beam=4)
