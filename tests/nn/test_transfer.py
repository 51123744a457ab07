"""Starting from the weights of another model."""

from pathlib import Path
from typing import Any

import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models import model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.nn.checkpoints import BEST
from lstmterm.nn.task import weights_of
from lstmterm.nn.transfer import start_from
from tests.small import small_corpus, small_task, small_text, trained


def small_model(folder: Path, **knobs: Any) -> LoadedModel:
    """A small model after a few steps."""
    trained(small_task(**knobs), folder)
    return model_file.load(folder / BEST)


def test_the_same_vocabulary_starts_where_the_model_was(tmp_path: Path) -> None:
    earlier = small_model(tmp_path, steps=60, evaluate_every=60)
    fresh, onward = small_task(), small_task()
    assert start_from(onward.model, onward.vocabulary, earlier) == []
    assert all((weights_of(onward.model)[n] == t).all() for n, t in earlier.tensors.items())
    first, continued = fresh.next_loss()[0].item(), onward.next_loss()[0].item()
    assert continued == pytest.approx(earlier.card.metrics["val_loss"], abs=0.4)
    assert continued < first - 0.3


@pytest.mark.parametrize("embedding", [8, 0], ids=["embedding", "one-hot"])
def test_another_vocabulary_is_matched_by_character(tmp_path: Path, embedding: int) -> None:
    earlier = small_model(tmp_path, steps=30, evaluate_every=30, embedding=embedding)
    if embedding:
        earlier.tensors["embedding.weight"][-1] = 0.5  # as if it had learned of unknown characters
    old = earlier.card.vocabulary
    text = small_text(2000, seed=5).replace("b", "ß")
    vocabulary = Vocabulary("".join(sorted(set(text), reverse=True)))  # in another order
    task = small_task(small_corpus(text, vocabulary), embedding=embedding)
    before = {n: t.copy() for n, t in weights_of(task.model).items()}
    (note,) = start_from(task.model, vocabulary, earlier)
    assert note.startswith("1 character is new to small, with random weights: ß")
    now = weights_of(task.model)
    for i, symbol in enumerate(vocabulary.symbols):
        known = symbol in old.symbols
        j = old.symbols.index(symbol) if known else i
        source = earlier.tensors if known else before
        assert (now["output.weight"][i] == source["output.weight"][j]).all(), symbol
        assert now["output.bias"][i] == source["output.bias"][j], symbol
        if embedding:
            assert (now["embedding.weight"][i] == source["embedding.weight"][j]).all(), symbol
        else:
            assert (now["lstm.weight_ih_l0"][:, i] == source["lstm.weight_ih_l0"][:, j]).all(), symbol
    assert (now["lstm.weight_hh_l0"] == earlier.tensors["lstm.weight_hh_l0"]).all()
    if embedding:
        assert (now["embedding.weight"][-1] == earlier.tensors["embedding.weight"][-1]).all()


def test_a_model_of_bytes_is_refused_for_characters(tmp_path: Path) -> None:
    earlier = small_model(tmp_path)
    task = small_task(small_corpus(small_text(2000), Vocabulary("".join(map(chr, range(256))), level="byte")))
    with pytest.raises(InputError, match="small reads chars, and so must this model"):
        start_from(task.model, task.vocabulary, earlier)


def test_a_learned_state_that_the_earlier_model_lacks_stays_as_it_is(tmp_path: Path) -> None:
    task = small_task(initial_state="learned")
    assert start_from(task.model, task.vocabulary, small_model(tmp_path)) == []
    assert not task.model.initial.h.any()
