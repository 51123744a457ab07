"""The names of characters that could not be seen."""

from lstmterm.ui.generate.next_characters import named


def test_speeds_and_names_of_characters() -> None:
    assert [named(c) for c in (" ", "\n", "\t", "a", "\x1b", "\u200b", "\u0301", "\u202e")] == [
        "space", "new line", "tab", "a", "␛", "U+200B", "◌\u0301", "U+202E",
    ]  # fmt: skip
