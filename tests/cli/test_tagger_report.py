"""What `evaluate` prints."""

from lstmterm.cli.tagger_report import lines
from lstmterm.tagging.metrics import report


def test_a_report_in_lines() -> None:
    words, gold = [["a", "b", "c"]], [["O", "B-X", "O"]]
    found = lines(report(words, gold, [["O", "B-X", "B-X"]], lambda word: word != "c"))
    assert found[:4] == [
        "accuracy           66.67 %  of 3",
        "  known words     100.00 %  of 2",
        "  unknown words     0.00 %  of 1",
        "macro F1           66.67 %",
    ]
    assert found[5:7] == [
        "tag  precision  recall      F1  support",
        "B-X      50.00  100.00   66.67        1",
    ]
    assert found[9].startswith("span")
    assert found[-2:] == ["most confused", "O  tagged B-X: 1 time"]


def test_a_report_without_mistakes_spans_or_unknown_words() -> None:
    found = lines(report([["a"]], [["X"]], [["X"]], lambda _: True))
    assert [line.split()[0] for line in found if line] == ["accuracy", "known", "macro", "tag", "X"]


def test_tags_cannot_control_the_terminal() -> None:
    found = lines(report([["a"]], [["\x1b[2J"]], [["b" * 99]], lambda _: True))
    assert "\x1b" not in "\n".join(found)
    assert max(map(len, found)) < 70
