"""The names of characters in the list of probabilities."""

from lstmterm.ui.generate.next_characters import named


def test_invisible_characters_have_names() -> None:
    assert [named(c) for c in (" ", "\n", "\t", "a", "\x1b", "\u200b", "\u0301", "\u202e")] == [
        "space", "new line", "tab", "a", "␛", "U+200B", "◌\u0301", "U+202E",
    ]  # fmt: skip
