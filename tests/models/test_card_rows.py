"""A model's card: every fact of its header, in words."""

from typing import Any

from lstmterm.models import library, model_file
from lstmterm.models.card_rows import card_rows
from tests.character_models import TorchModel

SPEC = {
    "format": 2,
    "kind": "charlm",
    "name": "bard",
    "text": {"source": "plays.txt"},
    "model": {"layers": 1, "hidden": 32},
    "batches": {"batch_size": 8, "seq_length": 16},
    "training": {"steps": 300},
}


def card(**metadata: Any) -> dict[str, str]:
    """The rows of a random model's card with this metadata."""
    path = TorchModel().publish("bard", **metadata)
    return dict(card_rows(library.find("bard"), model_file.describe(path)))


def test_a_card_says_what_the_header_says() -> None:
    rows = card(
        metrics={"val_loss": 1.5, "epochs": 3},
        corpus={"name": "plays", "chars": 1200, "source": "plays.txt", "sha256": "ab"},
        split={"train": [0, 1000], "val": [1000, 1200]},
        steps=300,
        seconds=75,
        created="2026-11-22T05:11:48+00:00",
        seed=7,
        spec=SPEC,
    )
    assert rows["name"] == "bard"
    assert rows["kind"] == "charlm"
    assert rows["size"] == "1x32, embedding 16"
    assert rows["val_loss"] == "1.5000 nats, 2.1640 bits"
    assert rows["epochs"] == "3"
    assert rows["corpus"] == "plays, 1,200 characters"
    assert rows["val text"] == "1,000 to 1,200 (200)"
    assert rows["trained"] == "300 steps in 1:15"
    assert rows["created"] == "2026-11-22 05:11 UTC"
    assert rows["seed"] == "7"


def test_a_card_has_the_command_that_trains_the_model_again() -> None:
    command = card(spec=SPEC)["command"]
    assert command.startswith("lstmterm train plays.txt --name bard ")
    for option in ("--steps 300", "--hidden 32", "--batch-size 8", "--seq-length 16"):
        assert option in command


def test_a_card_leaves_out_what_the_header_lacks_or_has_wrong() -> None:
    rows = card(complete=False, steps="many", split={"train": ["a", "b"]}, spec={"text": 3})
    assert rows["kind"] == "charlm, training not finished"
    assert not rows.keys() & {"trained", "train text", "command", "corpus", "seed"}


def test_an_adapted_model_says_from_what_and_to_what() -> None:
    rows = card(adapted={"from": "bard", "text": "plays", "chars": 1200}, split={"train": [1], "val": "x"})
    assert rows["adapted"] == "from bard, to plays, 1,200 characters"
    assert not {"train text", "val text"} & rows.keys()
