"""A column that is requested by its number or its name."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging.treebank.block import place
from tests.tagging.treebank.files import read


def test_a_column_is_found_by_its_number_or_its_name() -> None:
    heads = ["word", " Tag "]
    assert [place(it, heads) for it in ("1", "2", "02", "٢", "tag", "WORD")] == [0, 1, 1, 1, 1, 0]
    assert [place(it, heads) for it in ("0", "3", "", "²", "9" * 5000)] == [None] * 5


@pytest.mark.parametrize("suffix", ["conllu", "csv", "tsv"])
def test_a_number_of_thousands_of_digits_is_no_column(tmp_path: Path, suffix: str) -> None:
    for how in ({"column": "9" * 5000}, {"text_column": "9" * 5000}):
        with pytest.raises(InputError, match="no column '9999"):
            read(tmp_path, f"a.{suffix}", "text\ttag\nthe\tDET\n", **how)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "x" * 9_000 + ",tag\na,b\n"), ("a.csv", "x," * 900 + "tag\na,b\n"), ("a.conllu", "x" * 9_000 + "\t_" * 9 + "\n"),
     ("a.tsv", "x" * 9_000 + "\ttag\n")],
)  # fmt: skip
def test_a_long_line_in_the_place_of_a_header_makes_no_long_sentence(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(InputError, match="line 1") as refused:
        read(tmp_path, name, text, text_column="missing" if name != "a.conllu" else "FORM")
    assert len(str(refused.value)) < 600
