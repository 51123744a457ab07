"""Training a tagger further: what it starts from, what it keeps, and what it refuses."""

import dataclasses
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger as NumpyTagger
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.nn import session
from lstmterm.nn.checkpoints import BEST
from lstmterm.nn.tagger_recipe import START, TaggerRecipe
from lstmterm.nn.tagger_task import TaggerTask
from lstmterm.nn.tagger_transfer import new_tags, to_train_further
from lstmterm.nn.train import Session
from lstmterm.planning import tagger_plan
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.runs.events import Event
from lstmterm.runs.folder import Run
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.tagging.treebank import Tagged
from tests.nn.resuming import resume_run
from tests.taggers import data_of, sentences, spec_of

NEW = Tagged(("axx1", "zorp", "bx2"), ("A", "C", "B"))
NEW_TAG = Tagged(NEW.words, ("A", "D", "B"))


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """A small tagger that knows its words."""
    folder = tmp_path_factory.mktemp("earlier")
    spec = spec_of(steps=150, dropout=0.1, rare=1.0)
    recipe = TaggerRecipe(spec.data, data_of(), {}, torch.device("cpu"))
    list(recipe.train(spec, Session(folder, False, lambda: None, started=0.0))[0])
    return model_file.load(folder / BEST)


@pytest.fixture
def published(earlier: LoadedModel) -> str:
    """The same tagger in the library."""
    library.publish("small", earlier.tensors, earlier.card.metadata, overwrite=True)
    return "small"


def corrections(folder: Path, count: int = 1) -> Path:
    path = folder / "mine.csv"
    row = f"{' '.join(NEW.words)},{' '.join(NEW.tags)}\n"
    path.write_text("text,tag\n" + row * count)
    return path


def test_it_starts_as_the_tagger_was_and_has_its_words_and_new_ones(earlier: LoadedModel) -> None:
    data = data_of()
    task = TaggerTask(spec_of(), data_of(train=3), torch.device("cpu"), earlier)
    old = TaggerTask(spec_of(), data, torch.device("cpu"))
    assert {*old.vocabulary.forms} <= {*task.vocabulary.forms}
    task.model.eval()
    report = task.evaluate()
    assert report.metrics["dev_accuracy"] == pytest.approx(earlier.card.metrics["dev_accuracy"], abs=0.02)


def test_a_new_tag_begins_unlikely_and_the_output_learns_it(earlier: LoadedModel) -> None:
    assert (new_tags(earlier, [NEW]), new_tags(earlier, [NEW_TAG])) == ("", "D")
    data = dataclasses.replace(data_of(), train=(NEW_TAG,))
    task = TaggerTask(spec_of(learn="words", dropout=0.0), data, torch.device("cpu"), earlier)
    learned = {name for name, p in task.model.named_parameters() if p.requires_grad}
    assert learned == {"embedding.weight", "output.weight", "output.bias"}
    task.model.eval()
    assert task.evaluate().metrics["dev_accuracy"] == pytest.approx(
        earlier.card.metrics["dev_accuracy"], abs=0.02
    )


def test_few_words_change_their_own_embeddings_alone(published: str, tmp_path: Path) -> None:
    request = TrainRequest("tagger", str(corrections(tmp_path)), "more", Length("steps", 400),
                           {"threads": 1, "device": "cpu"}, start_from=published)  # fmt: skip
    prepared = session.prepare(request, time.monotonic())
    spec = prepared.spec
    assert isinstance(spec, TaggerSpec)
    assert (spec.model.learn, spec.model.dropout, spec.start_from) == ("words", 0.0, "small")
    assert spec.model.hidden == 10
    assert not spec.data.val_share
    run = session.begin(prepared)
    list(session.train_run(run, prepared, lambda: None, time.monotonic()))
    before = model_file.load(run.folder / START)
    after = model_file.load(library.find("more").path)
    assert after.tensors["embedding.weight"].shape[0] > before.tensors["embedding.weight"].shape[0]
    for name in after.tensors:
        if name.startswith("lstm."):
            assert (after.tensors[name] == before.tensors[name]).all(), name
    was, now = NumpyTagger.from_model(before), NumpyTagger.from_model(after)
    assert [*now.tag(NEW.words).tags] == [*NEW.tags]
    others = sentences(40, seed=9)
    same = [a == b for s in others for a, b in zip(was.tag(s.words).tags, now.tag(s.words).tags, strict=True)]
    assert sum(same) > 0.95 * len(same)


def test_it_is_resumed_without_the_tagger_that_it_started_from(published: str, tmp_path: Path) -> None:
    request = TrainRequest("tagger", str(corrections(tmp_path, 4)), "again", Length("steps", 12),
                           {"threads": 1, "device": "cpu", "evaluate_every": 6}, start_from=published)  # fmt: skip

    def trained(stops: bool) -> tuple[Run, list[Event]]:
        prepared = session.prepare(request, time.monotonic())
        run, asked = session.begin(prepared), iter(range(100))
        should_stop = lambda: "enough" if stops and next(asked) >= 3 else None  # noqa: E731
        return run, list(session.train_run(run, prepared, should_stop, time.monotonic()))

    whole, _ = trained(stops=False)
    bits = {name: t.tobytes() for name, t in model_file.load(whole.folder / BEST).tensors.items()}
    shutil.rmtree(whole.folder)
    library.remove("again")
    run, _ = trained(stops=True)
    library.remove(published)
    list(resume_run(run, lambda: None, time.monotonic()))
    resumed = model_file.load(run.folder / BEST).tensors
    assert {name: t.tobytes() for name, t in resumed.items()} == bits
    assert json.loads((run.folder / "spec.json").read_text())["start_from"] == published


def test_much_data_changes_all_weights_and_keeps_the_dropout() -> None:
    further = {"words": 64, "hidden": 32, "dropout": 0.3}
    few, much = (tagger_plan.shape_for("word", "", n, {}, further) for n in (100, 50_000))
    assert (few.model.learn, few.model.dropout, few.model.hidden) == ("words", 0.0, 32)
    assert (much.model.learn, much.model.dropout, much.model.hidden) == ("all", 0.3, 32)
    letters_alone = tagger_plan.shape_for("word", "", 100, {}, {"words": 0})
    assert letters_alone.model.learn == "all"
    assert tagger_plan.limits(1, cipher=False, folds=0, further=True).most == 60
    assert tagger_plan.limits(100, cipher=False, folds=0, further=True).most == 1000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hidden": 99}, "--hidden is 99, but small has 10"),
        ({"level": "char"}, "--level is char, but small has word"),
    ],
)
def test_knobs_that_are_not_the_taggers_are_refused(published: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        to_train_further(published, "mine.csv", given)


def test_only_a_tagger_is_trained_further_and_words_need_embeddings(earlier: LoadedModel) -> None:
    with pytest.raises(InputError, match="shakespeare is a character model"):
        to_train_further("shakespeare", "mine.csv", {})
    with pytest.raises(InputError, match="--learn words needs word embeddings"):
        TaggerTask(spec_of(words=0, learn="words"), data_of(), torch.device("cpu"))


def test_the_column_of_a_conllu_tagger_is_read(published: str) -> None:
    _, given = to_train_further(published, "a.conllu", {})
    assert given["column"] == "UPOS"
