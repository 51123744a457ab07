"""Texts: their encoding, their normal form, their markup, their words, and how they are shown."""

import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

from lstmterm.corpora import documents
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.documents import Document
from lstmterm.corpora.markup import plain_text
from lstmterm.corpora.normalising import Composed, LineEnds
from lstmterm.corpora.text import Text
from lstmterm.tagging import sentences, tokens
from lstmterm.visible import shorten, visible, visible_lines
from tests.trust.fuzzing import ROOT, a_sentence, options, target

CODECS = (
    None, None, None, "utf-8", "cp1252", "utf-16", "utf-32", "utf-16-be", "utf-7", "gb18030", "big5hkscs", "hz",
    "iso2022_jp", "iso2022_kr", "shift_jisx0213", "euc_kr", "johab", "cp949", "idna", "punycode", "unicode_escape",
    "raw_unicode_escape", "mbcs", "utf-8-sig", "palmos", "kz1048", "cp037", "tis-620", "rot13", "hex", "", "\0",
)  # fmt: skip
_LAYOUTS = ("text", "lines", "words")
_LEVELS = ("word", "char", "sequence")
_SHOWN_IN_NOBODYS_WAY = ("Cc", "Cs", "Zl", "Zp")


def _encoded() -> Iterator[bytes]:
    text = (ROOT / "corpora/harbour.txt").read_text("utf-8")[:300]
    for number, codec in enumerate(CODECS):
        yield bytes([number, 7]) + "Zażółć gęślą jaźń, it’s Привет".encode()
        for name in (codec or "utf-16-le", "cp1250"):
            try:
                yield bytes([number, 0]) + (text + " Grüße, “Köln”").encode(name, "ignore")
            except (LookupError, ValueError, TypeError, AttributeError):
                continue
    yield b"\0\1" + "日本語のテキスト。".encode("iso2022_jp")
    yield b"\0\1" + "中文文本。中文文本。".encode("gb18030")


@target(_encoded, "\ufeff", "\x1b$B", "\x1b$)C", "+AGE-", "~{", "\\u0061", "\r\n", "e\u0301")
def encodings(folder: Path, data: bytes) -> None:
    (codec, how), data = options(data, len(CODECS), 16)
    chosen = DecodeOptions(
        CODECS[codec], raw_newlines=bool(how & 1), nfc=bool(how & 2), keep_mark=bool(how & 4)
    )
    live = documents.live(io.BufferedReader(io.BytesIO(data)), "it")  # type: ignore[arg-type]
    with a_sentence():
        text = Text("it", [live if how & 8 else Document.of_bytes("it", data)], chosen)
        read = "".join(text.pieces())
        text.notes()
        if not how & 8:
            assert "".join(text.lines()) == read
        if CODECS[codec] is None and not how & 7 and text.encoding == "utf-8" and not text.notes():
            assert read.encode() == data


def _prose() -> Iterator[bytes]:
    text = (ROOT / "corpora/harbour.txt").read_bytes()
    yield b"\0\0" + text[:500]
    yield (
        b"\1\7"
        + "e\u0301 \u1100\u1161\u11a8 👩‍👩‍👧 🇵🇱 U.S. don't 1,000.50 a@b.cc www.x.y :-) ... 。「え」\r\n\r\nx".encode()
    )
    yield b"\2\3" + "\u202eabc\u2066 \x1b[31m \x9b \u2028 \ufeff".encode()


@target(_prose, "\u0301", "\u1161", "n't", "www.", "...", "\u202e", "\x1b]0;", "\u200d", "。", "\r\n\r\n")
def prose(folder: Path, data: bytes) -> None:
    (layout, level, at), data = options(data, 3, 3, 256)
    text = data.decode("utf-8", "replace")
    pieces = [text[:at], text[at : at + 3], text[at + 3 :]]
    for stage, whole in (
        (Composed(), unicodedata.normalize("NFC", text)),
        (LineEnds(), text.replace("\r\n", "\n").replace("\r", "\n")),
    ):
        fed = [stage.feed(piece, last=i == 2) for i, piece in enumerate(pieces)]
        assert "".join(fed) == whole
    left = text
    for token in tokens.tokenise(text):
        assert text[token.start : token.start + len(token.word)] == token.word
        assert token.word.strip() == token.word != ""
    words = "".join(token.word for token in tokens.tokenise(text))
    assert [c for c in words if not c.isspace()] == [c for c in left if not c.isspace()]
    with a_sentence():
        for _ in sentences.split_text(pieces, _LEVELS[level], _LAYOUTS[layout]):  # type: ignore[arg-type]
            pass


@target(_prose, "\u202e", "\x1b]0;", "\x9b", "\u2028", "\U000e0041", "\ud800", "👩‍👩‍👧", "한")
def shown_texts(folder: Path, data: bytes) -> None:
    (cells,), data = options(data, 100)
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
    for shown in (visible(text), visible_lines(text).replace("\n", "").replace("\t", "")):
        assert all(unicodedata.category(c) not in _SHOWN_IN_NOBODYS_WAY for c in shown)
        assert not set(shown) & set(
            "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
    assert cell_len(shorten(text, cells)) <= max(cells, 1)


def _pages() -> Iterator[bytes]:
    yield b"""<html><head><title>x</title><style>p{}</style></head><body><p class="a b" id='c'>Last &amp; <b>least</b>.
</p><pre>a\n  b</pre><br/><!-- c --><![CDATA[d <e>]]>&#x10FFFF;&#99999999999;&nbsp;<table><tr><td>x</table></body></html>"""


@target(
    _pages,
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "</pre>",
    "<br/>",
    "&#x",
    "&amp",
    "<script>",
    "</p >",
    '="',
    "='",
)
def markup(folder: Path, data: bytes) -> None:
    page = data.decode("utf-8", "replace")
    text = plain_text(page)
    assert len(text) <= 4 * len(page) + 2
    plain_text(page * (10_000 // (len(page) + 1)))  # in proportion to the size
