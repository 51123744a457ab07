"""Which encoding a document has, and how that is known.

In this order: the encoding given; a byte order mark; UTF-16 and UTF-32 by what they decode to; UTF-8 if all
bytes are valid, or nearly all; ISO-2022 by its escape sequences; else a guess, which names other encodings
if it is uncertain. Binary files are recognised and refused.
"""

import codecs
import unicodedata
from dataclasses import dataclass

from lstmterm.corpora import guessing
from lstmterm.errors import InputError

_HEAD = 1 << 16  # bytes that are checked for being text
_MOST_NULS = 0.001  # share of NULs in the head of a text
_MOST_CONTROLS = 0.02  # share of control characters
_FEW = 8  # that any text may have
_ENOUGH = 8  # characters for each script by which UTF-16 and UTF-32 are known from chance
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")  # in one text
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"
_MARKS = (  # the longer of two with the same beginning comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}  # and bytes of a unit
_ESCAPING = ("iso2022_jp", "iso2022_jp_2", "iso2022_kr")  # they have no bytes beyond ASCII


class NotTextError(InputError):
    """A binary document, or one whose encoding is unknown."""


@dataclass(frozen=True)
class Encoding:
    """The encoding of a document, and how it was found; `others` are also possible, the likeliest first."""

    codec: str
    how: str  # "given", "mark", "valid", "damaged", "detected" or "guessed"
    others: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The encoding's usual name."""
        return _shown(self.codec)

    def note(self, of: str = "") -> str | None:
        """A sentence for the user, with `of` after its subject; None if there is nothing to say."""
        another = "(--encoding NAME sets another)"
        match self.how:
            case "detected":
                return f"The encoding{of} was detected as {self.shown} {another}."
            case "guessed":
                such = f", and may be {' or '.join(map(_shown, self.others))}" if self.others else ""
                return f"The encoding{of} appears to be {self.shown}, which is uncertain{such} {another}."
            case "mark":
                return (
                    f"The encoding{of} is {self.shown}, as its byte order mark says; the mark was left out."
                )
            case "damaged":
                return f"The encoding{of} appears to be {self.shown} with damaged parts {another}."
        return None


def _shown(codec: str) -> str:
    if codec.startswith("cp125"):
        return codec.replace("cp", "windows-")
    return "utf-8" if codec == "utf-8-sig" else codec.replace("_", "-")


UTF8 = Encoding("utf-8", "valid")
DAMAGED_UTF8 = Encoding("utf-8", "damaged")


def given_encoding(name: str) -> Encoding:
    """The encoding of this name. Raises `InputError` unless it is an encoding of text."""
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding or codec.incrementaldecoder is None:  # type: ignore[attr-defined]
            raise LookupError
        codec.incrementaldecoder("strict").decode(b"", True)
    except (LookupError, ValueError):
        raise InputError(
            f"--encoding {name!r} is not a known text encoding; examples are utf-8, cp1252 and gb18030."
        ) from None
    return Encoding("utf-8-sig" if codec.name == "utf-8" else codec.name, "given")


def by_head(name: str, start: bytes, whole: bool) -> Encoding | None:
    """The encoding that the first bytes of a document show, or None; `whole` if it has no others.

    `name` is the document's, for the user. Raises `NotTextError` if it is not a text.
    """
    head = start[:_HEAD]
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, "mark")
    if _is_binary(head):
        if wide := _wide(head, whole and head == start):
            return Encoding(wide, "detected")
        raise NotTextError(f"{name} is a binary file, not a text (--level byte reads the bytes of any file).")
    if b"\x1b$" in head and head.isascii():
        escaping = next((codec for codec in _ESCAPING if _decodes(head, codec)), None)
        return Encoding(escaping, "detected") if escaping else None
    return None


def by_guess(sample: bytes) -> Encoding:
    """The encoding of a text that is neither UTF-8 nor ASCII, by a part of it."""
    if b"\x00" in sample[:_HEAD] and (wide := _wide(sample[:_HEAD], whole=False)):
        return Encoding(wide, "detected")
    guess = guessing.guess(sample)
    return Encoding(guess.codec, "detected" if guess.sure else "guessed", guess.others)


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    most = min(max(_FEW, _MOST_CONTROLS * len(head)), len(head) / 2)
    return head.count(0) > _MOST_NULS * len(head) or controls > most


def _wide(head: bytes, whole: bool) -> str | None:
    """UTF-16 or UTF-32 without a mark: what it decodes to is a text, and the fewest blocks have its characters."""
    blocks: dict[str, int] = {}
    for codec, unit in _WIDE.items():
        if _decodes(head, codec) and not (whole and len(head) % unit):
            text = codecs.getincrementaldecoder(codec)().decode(head)
            if _is_text(text):
                blocks[codec] = len({ord(character) >> 8 for character in text})
    return min(blocks, key=lambda codec: blocks[codec], default=None)


def _is_text(text: str) -> bool:
    """Whether all characters are assigned, and either most are ASCII or they are too many to be so by chance.

    A few bytes of a binary file are characters of any script; a text is long for the scripts that it has.
    """
    characters = set(text)
    if not text or not all(map(_is_of_text, characters)):
        return False
    if 2 * sum(map(str.isascii, text)) > len(text):
        return True
    return len(text) >= _ENOUGH * len(
        {_script(c) for c in characters if c.isalpha() and not c.isascii()} or " "
    )


def _script(letter: str) -> str:
    """The first word of a letter's name, which is its script."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if script in _EAST_ASIAN else script


def _is_of_text(character: str) -> bool:
    return character in "\t\n\r\f\v\b" or unicodedata.category(character) not in ("Cc", "Cn", "Co", "Cs")


def _decodes(data: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)("strict").decode(data)
    except UnicodeDecodeError:
        return False
    return True
