"""A tagger evaluated on gold data."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.infer.evaluate import evaluate, gold_data
from lstmterm.infer.tag import Tagger
from lstmterm.models import model_file
from tests.tagging.treebank.fetched import fetched
from tests.ui.tagger_models import ROT13, WORDS, keep_tagger


def opened(path: Path) -> tuple[Tagger, model_file.ModelCard]:
    loaded = model_file.load(path)
    return Tagger.from_model(loaded), loaded.card


def test_tags_are_compared_with_gold_tags(tmp_path: Path) -> None:
    tagger, card = opened(keep_tagger("upos", WORDS))
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nthe sea rises .,DET NOUN VERB PUNCT\nthe glim owes us,DET NOUN NOUN PRON\n")
    gold = gold_data(str(data), None, tagger, card)
    assert (gold.source, gold.about[:27]) == (str(data), "tags from the column tag, 5")
    done: list[int] = []
    found = evaluate(tagger, gold, on_tagged=done.append)
    assert (found.accuracy, found.known, found.unknown) == (0.75, (6, 7), (0, 1))
    assert done == [1, 2]
    assert evaluate(tagger, gold, workers=2, hold=1).to_dict() == found.to_dict()


def test_conllu_is_read_by_the_models_own_column(tmp_path: Path) -> None:
    tagger, card = opened(keep_tagger("xpos", {"a": "DT", "b": "NN"}, layout="conllu", column="XPOS"))
    data = tmp_path / "gold.conllu"
    data.write_text("1\ta\t_\tDET\tDT\t_\t_\t_\t_\t_\n\n")
    assert gold_data(str(data), None, tagger, card).sentences[0].tags == ("DT",)
    assert gold_data(str(data), "UPOS", tagger, card).sentences[0].tags == ("DET",)


def test_a_treebank_without_a_training_part_is_evaluated_on_its_test_part() -> None:
    tagger, card = opened(keep_tagger("upos", {"a": "NOUN", "is": "VERB"}, layout="conllu", column="UPOS"))
    fetched("tests", {"xx-ud-test.conllu": 3, "xx-ud-dev.conllu": 2})
    assert len(gold_data("tests", None, tagger, card).sentences) == 3


def test_a_cipher_gives_fresh_strings() -> None:
    tagger, card = opened(keep_tagger("rot13", ROT13, "char"))
    gold = gold_data("rot13", None, tagger, card)
    assert (len(gold.sentences), gold.about) == (1000, "1,000 fresh strings.")
    assert evaluate(tagger, gold).accuracy == 1
    with pytest.raises(InputError, match="There is no file"):
        gold_data("./none.csv", None, tagger, card)
