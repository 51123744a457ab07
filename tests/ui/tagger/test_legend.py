"""The signs below the words, and how many there are."""

import pytest

from lstmterm.ui.tagger.gloss import TaggedToken
from lstmterm.ui.tagger.legend import Legend

TOKENS = [
    TaggedToken("a", "X", known=False),
    TaggedToken("b", "X", unsure=True),
    TaggedToken("c", "X", unsure=True, corrected=True),
]


@pytest.mark.parametrize(
    ("unknown", "cut", "shown"),
    [
        ("", False, ["° 1 unknown", "? 1 unsure", "* 1 corrected"]),
        ("xy", False, ["° it does not know x y", "? 1 unsure", "* 1 corrected"]),
        ("", True, ["° 1 unknown", "? 1 unsure", "* 1 corrected", "The rest of the text is not shown"]),
    ],
)
def test_signs_are_counted(unknown: str, cut: bool, shown: list[str]) -> None:
    legend = Legend()
    legend.show(TOKENS, unknown, cut)
    text = str(legend.content)
    assert [text.index(part) for part in shown] == sorted(text.index(part) for part in shown)
    assert ("1 unknown" in text) == (not unknown)
    legend.show([], "", False)
    assert str(legend.content) == ""
