"""Tagged data by its path and by its name."""

from pathlib import Path

import pytest

from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.text import open_file
from lstmterm.errors import InputError
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import tagged_data, treebank
from tests.tagging.treebank.fetched import fetched


def test_a_fetched_treebank_is_read_with_its_own_parts(home: Path) -> None:
    fetched(
        "ud-made", {"xx_made-ud-train.conllu": 5, "xx_made-ud-dev.conllu": 2, "xx_made-ud-test.conllu": 3}
    )
    assert treebank.parts("ud-made").keys() == {"train", "dev", "test"}
    data = tagged_data.read(DataPart(source="ud-made", name=""))
    assert (len(data.train), len(data.dev), len(data.test)) == (5, 2, 3)
    assert (data.name, set(data.sha256)) == ("ud-made", {"train", "dev", "test"})
    other = str(treebank.parts("ud-made")["test"])
    data = tagged_data.read(DataPart(source="ud-made", name="", dev=other))
    assert (len(data.train), len(data.dev), len(data.test)) == (5, 3, 3)
    data = tagged_data.read(DataPart(source="ud-made", name="", folds=4))
    assert (len(data.train), len(data.dev), len(data.test)) == (5, 2, 3)


def test_a_treebank_of_one_file_is_divided_as_files_are(home: Path) -> None:
    fetched("one", {"all.conllu": 20})
    data = tagged_data.read(DataPart(source="one", name=""))
    assert len(data.train) + len(data.dev) + len(data.test) == 20
    assert data.dev


def test_a_treebank_without_a_part_for_training_names_its_files(home: Path) -> None:
    fetched("tests", {"xx-ud-test.conllu": 2, "xx-ud-dev.conllu": 2})
    fetched("others", {"a.conllu": 2, "b.conllu": 2})
    for name, first in (("tests", "xx-ud-(dev|test)"), ("others", "[ab]")):
        with pytest.raises(InputError, match=rf"{name} has no training part; .*{first}\.conllu"):
            treebank.find(name)
        with pytest.raises(InputError, match=f"{name} has no training part"):
            tagged_data.read(DataPart(source=name, name=""))
    assert treebank.parts("tests").keys() == {"dev", "test"}


def test_a_treebank_that_is_not_fetched_yet_and_an_unknown_name(home: Path) -> None:
    with pytest.raises(InputError, match="must be fetched first: `lstmterm corpora fetch ud-english-ewt`"):
        treebank.find("ud-english-ewt")
    for name in ("nowhere", "tinyshakespeare", "a b?"):
        with pytest.raises(InputError, match="no tagged data named"):
            treebank.find(name)


def test_every_part_of_a_fetched_treebank_must_be_as_it_was_fetched(home: Path) -> None:
    fetched("ud-made", {"xx_made-ud-train.conllu": 5, "xx_made-ud-dev.conllu": 2})
    whole = DataPart(source="ud-made", name="")
    for role, path in treebank.parts("ud-made").items():
        before = path.read_bytes()
        path.write_bytes(before.replace(b"NOUN", b"VERB", 1))
        for part in (whole, DataPart(source=str(path), name="")):
            with pytest.raises(InputError, match=rf"treebank 'ud-made' has changed .*ud-{role}\.conllu"):
                tagged_data.read(part)
        with pytest.raises(InputError, match=rf"treebank 'ud-made' has changed .*ud-{role}\.conllu"):
            open_file(str(path), DecodeOptions())
        path.write_bytes(before)
    assert len(tagged_data.read(whole).dev) == 2


def test_the_nearest_name_is_asked_about(home: Path) -> None:
    fetched("ud-made", {"xx_made-ud-train.conllu": 5})
    for name, near in (
        ("harbour-tag", "harbour-tags"),
        ("ud-mad", "ud-made"),
        ("ud-english-ewk", "ud-english-ewt"),
    ):
        with pytest.raises(InputError, match=rf"no tagged data named '{name}'\. Did you mean '{near}'\?$"):
            treebank.find(name)
