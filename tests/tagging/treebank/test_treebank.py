"""Tagged files by name, and their layouts."""

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging import treebank


def test_built_in_names() -> None:
    assert treebank.read("harbour-tags").layout == "csv"
    assert treebank.read("harbour").layout == "conllu"
    with pytest.raises(InputError, match="no tagged data named 'nowhere'"):
        treebank.read("nowhere")


@pytest.mark.parametrize(
    ("suffix", "head", "layout"),
    [
        (".csv", ["anything"], "csv"),
        (".conllu", ["anything"], "conllu"),
        (".txt", ["# text = a\n", "1" + "\ta" * 9 + "\n"], "conllu"),
        ("", ["text,tag\n"], "csv"),
        (".tsv", ["text,tag\n"], "columns"),
        ("", ["a\tX\n"], "columns"),
    ],
)
def test_the_layout_is_known_by_the_suffix_or_the_first_lines(
    suffix: str, head: list[str], layout: str
) -> None:
    assert treebank.layout_of(suffix, head) == layout


def test_tags_in_words() -> None:
    assert treebank.tag_summary(["B", "A"]) == "2 distinct tags (A, B)"
    assert treebank.tag_summary("A") == "1 distinct tag (A)"
    assert treebank.tag_summary("ABC", most=2) == "3 distinct tags (A, B, …)"


def test_long_tags_are_shortened() -> None:
    assert treebank.tag_summary(["A" * 1000, "B"]) == f"2 distinct tags ({'A' * 23}…, B)"
