"""What an ASCII terminal shows for the symbols that lstmterm draws with.

A locale that is C by the user's word (`LC_ALL=C`) says that the terminal has no more than ASCII. Lines, bars and
marks become ASCII characters of the same width. Letters that ASCII lacks are sent in UTF-8: a text is not changed.
"""

import codecs
import os

NAME = "lstmterm-symbols"  # the handler of encoding errors
_SYMBOLS = dict(
    zip(
        "━─┄┅┈┉═│┃║▸◂▷◁›‹→←↑↓▴▾△▽…●◆◇○•·✓✗■□▣◌×≡★☆↻↶“”‘’„–—‐␣␊↵⏎",
        '-------|||><><><><^v^v^v~*@ooo.vx#o#:x=**rb""\'\'"---_$$$',
        strict=True,
    )
)
_BLANK_BRAILLE = "\u2800"


def is_ascii_terminal() -> bool:
    """Whether the environment says that the terminal has only ASCII."""
    words = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return next((word for word in words if word), "") in ("C", "POSIX")


def _symbol(character: str) -> bytes:
    if character in _SYMBOLS:
        return _SYMBOLS[character].encode()
    if "\u2500" <= character <= "\u257f":
        return b"+"
    if "\u2580" <= character <= "\u259f":
        return b"#"
    if "\u2800" <= character <= "\u28ff":
        return b" " if character == _BLANK_BRAILLE else b"."
    if "\u2400" <= character <= "\u2426" or character in "\u21e4\u21e5\u21b9\ufffd":  # those of `visible.py`
        return b"?"
    return character.encode("utf-8", "replace")


def _replace(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return b"".join(map(_symbol, error.object[error.start : error.end])), error.end


codecs.register_error(NAME, _replace)
