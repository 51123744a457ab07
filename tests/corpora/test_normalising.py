"""Pieces joined are what the whole text becomes, wherever it is cut."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.corpora.decoding import Changes, DecodeOptions, decoded, normalised

# What is hard: line ends, marks in any order, Hangul by its letters, characters that decompose into marks.
_HARD = (
    *(
        "\r",
        "\n",
        "\r\n",
        "a",
        "e\u0301",
        "o\u0323\u0302",
        "\u1ecd\u0302",
        "\u1100\u1161\u11a8",
        "\uac00\u11a8",
    ),
    *("\u0f40\u0f74\u0f73", "\u09c7\u09be", "a\u0344", "\u212b\u0327", "\u0301", "\u3042\u3099", "\u4e2d"),
)
_PIECE = st.one_of(st.sampled_from(_HARD), st.characters(exclude_categories=["Cs"]))
_TEXT = st.lists(_PIECE, max_size=25).map("".join)
_CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le", "gb18030"])


def _whole(text: str, reading: DecodeOptions) -> str:
    if not reading.raw_newlines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text) if reading.nfc else text


@settings(max_examples=400)
@given(_TEXT, _CODECS, st.integers(1, 9), st.booleans(), st.booleans())
def test_a_text_read_in_chunks_is_the_text_read_whole(
    text: str, codec: str, size: int, raw_newlines: bool, nfc: bool
) -> None:
    reading = DecodeOptions(None, raw_newlines, nfc)
    data = text.encode(codec)
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    changes = Changes()
    pieces = normalised(decoded(chunks, codec, changes), reading, changes)
    assert "".join(pieces) == _whole(data.decode(codec), reading)
    assert changes.replaced == 0


@given(st.text(st.sampled_from("\r\nab"), max_size=30), st.integers(1, 5))
def test_line_ends_are_counted(text: str, size: int) -> None:
    changes = Changes()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    "".join(normalised(pieces, DecodeOptions(), changes))
    assert changes.crlf == text.count("\r\n")
    assert changes.cr == text.count("\r") - text.count("\r\n")
