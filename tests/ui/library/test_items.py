"""What the Library says about a model, a run and a text, and what it can do with each."""

from dataclasses import replace

from lstmterm import paths
from lstmterm.corpora.listing import TextEntry
from lstmterm.models import library, model_file
from lstmterm.models.library import ModelEntry
from lstmterm.runs import marks, storage
from lstmterm.runs.summary import summarize
from lstmterm.runs.sweeps import SweepProcess
from lstmterm.ui.library.items import ModelItem, RunItem, TextItem
from tests.ui.conftest import keep_model, keep_run
from tests.ui.journals import NOW, learning


def model_item(name: str) -> ModelItem:
    return next(ModelItem(entry, card) for entry, card in library.cards() if entry.name == name)


RUN = "20250131-130000-bard"


def test_a_model_shows_its_best_figure_and_only_the_users_own_can_be_deleted() -> None:
    path = keep_model("bard", loss=1.466)
    item = model_item("bard")
    assert (item.sign[0], item.figures(NOW), item.removable) == ("◆", "val 1.466", True)
    assert "1.4660 nats" in " ".join(value for _, value in item.card(NOW))
    assert not ModelItem(ModelEntry("bard", path, "shipped"), model_file.describe(path)).removable
    item.remove()
    assert not path.exists()


def test_a_model_in_training_is_marked() -> None:
    keep_model("bard", complete=False)
    assert model_item("bard").sign[0] == "◌"


def test_a_damaged_model_is_listed_and_its_card_says_what_is_wrong() -> None:
    path = keep_model("bard")
    path.write_bytes(b"no model")
    item = model_item("bard")
    assert (item.sign[0], item.figures(NOW)) == ("✗", "not a model")
    [(title, problem)] = item.card(NOW)
    assert title == "problem"
    assert "bard" in problem


def test_a_run_shows_how_far_it_came_and_how_to_follow_it() -> None:
    run = keep_run(RUN, learning(model="bard", done=0.3, ending="stopped"), 7200)
    item = RunItem(summarize(run, run.status()))
    assert item.title == "bard"
    assert item.figures(NOW).startswith("stopped")
    assert item.figures(NOW).endswith("2 h ago")
    card = dict(item.card(NOW))
    assert card["model"] == "1x384"
    assert card["batches"] == "16 streams x 48"
    assert card["to follow it"] == f"lstmterm attach {RUN}"
    unread = RunItem(replace(item.run, is_read=False))
    assert unread.figures(NOW) == dict(unread.card(NOW))["done"] == "reading…"
    sweep = SweepProcess("sizes")
    with sweep.held():
        marks.write(run, marks.Marks(group="sizes"))
    item.remove()
    assert storage.all_runs() == []
    assert not sweep.exists(), "it was the last run of its sweep"
    assert dict(item.card(NOW)).keys() == {"problem"}, "its folder is gone"


def test_a_text_shows_its_size_and_a_built_in_one_stays() -> None:
    item = TextItem(TextEntry("harbour", "built-in", "text", 72_507, "A town by the sea"))
    assert not item.removable
    assert item.place == paths.shipped_corpora()
    assert dict(item.card(NOW))["size"] == item.figures(NOW) != ""
