"""No silent loss of text: whatever is in a file, it is read exactly, or a sentence says what was not."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.documents import Document
from lstmterm.corpora.text import Text, open_file
from lstmterm.errors import InputError
from tests.trust.measuring import measured

PROMISE = "No text is lost silently"
LONG = 10_000  # round trips; the long line has 50,000 bytes for each

_TEXTS = {
    "ASCII": "plain words\nand lines\n",
    "Latin": "Où est le cœur déçu ? Ça va très bien.\n",
    "combining": "e\u0301a\u0300o\u0302 cafe\u0301 nai\u0308ve\n",
    "wide": "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。\n",
    "emoji": "I ❤️ 🇵🇱 👩‍👩‍👧 👍🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿 together\n",
    "bidi": "שלום \u202eabc\u202c עולם \u2067مرحبا\u2069 end\n",
    "separators": "one\u2028two\u2029three\x85four\x0cfive\x0bsix\n",
    "rare": "\ue000 private \ufffe \uffff \U0010ffff noncharacters\n",
}
_UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
_OLDER = {
    "cp1252": _TEXTS["Latin"] * 3,
    "cp1251": "Съешь же ещё этих мягких французских булок.\n",
    "koi8-r": "Съешь же ещё этих мягких французских булок.\n",
    "cp1250": "Zażółć gęślą jaźń; wszyscy ludzie rodzą się wolni.\n",
    "gb18030": _TEXTS["wide"] * 3,
    "big5": "天地玄黃，宇宙洪荒。人人生而自由，在尊嚴和權利上一律平等。\n" * 3,
    "shift_jis": "いろはにほへと ちりぬるを。漢字も少し入れる。\n" * 3,
    "iso2022_jp": "いろはにほへと ちりぬるを。\n" * 3,
    "euc_kr": "모든 인간은 태어날 때부터 자유로우며.\n" * 3,
}
_BYTES = {  # what no encoding explains, or hardly
    "a lone 0xFF": b"plain \xff words\n",
    "0xFF in UTF-8": "Ça va très bien.".encode() + b"\xff\n",
    "a lone surrogate in UTF-8": b"a \xed\xa0\x80 b\n",
    "a lone surrogate in UTF-16": "a b\n".encode("utf-16") + b"\x00\xd8a\x00",
    "an overlong form": b"a \xc0\xaf b\n",
    "the beginning of a character": "Ça va très bié".encode()[:-1],
    "half of a code unit": "abc\n".encode("utf-16")[:-1],
    "UTF-8 and windows-1252": "très bien\n".encode() * 9 + "déjà vu\n".encode("cp1252"),
    "windows-1252 and UTF-8": "très bien\n".encode("cp1252") * 9 + "déjà vu\n".encode(),
    "one NUL": b"many words " * 200 + b"\0\n",
    "many NULs": b"a\0b\0\0c" * 9,
    "only NULs": bytes(100),
    "an apostrophe of Windows": b"it\x92s\n",
    "CR": b"one\rtwo\r",
    "CRLF": b"one\r\ntwo\r\n",
    "all line ends": b"one\rtwo\r\nthree\n\rfour\n\n",
    "no line end": b"one line",
    "nothing": b"",
    "one character": b"x",
    "one wide character": "天".encode(),
    "one byte": b"\xe9",
    "only a mark": b"\xef\xbb\xbf",
    "two marks": "\ufeff\ufeffab".encode(),
    "all bytes": bytes(range(256)),
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(8) + b"IHDR",
}


def _files() -> Iterator[tuple[str, bytes, str | None]]:
    """A name, bytes, and the text that they are, if one can say."""
    for name, text in _TEXTS.items():
        for codec in _UNICODE:
            yield f"{name} in {codec}", text.encode(codec), text
    for codec, text in _OLDER.items():
        yield codec, text.encode(codec), text
    for name, data in _BYTES.items():
        yield name, data, data.decode() if data.isascii() else None


def _check_file(path: Path, text: str | None) -> str:
    """Read a file as a corpus and as a text to tag. Returns "exact", "noted" or "refused"."""
    try:
        corpus = open_corpus(str(path), raw_newlines=True)
    except InputError:
        return "refused"
    read = corpus.text(0, len(corpus))
    notes = " ".join(corpus.notes)
    assert read == "".join(open_file(str(path), DecodeOptions(raw_newlines=True)).pieces()), (
        "read in two ways"
    )
    replaced = read.count("\ufffd") - (text or "").count("\ufffd")
    if replaced:
        assert f"{replaced} place" in notes, f"{replaced} replaced, but: {notes}"
    if read == text or (text is None and notes):
        return "exact" if read == text else "noted"
    assert notes, f"{read[:100]!r} without a note"
    return "noted"


def _check_matrix(folder: Path) -> str:
    seen = {"exact": 0, "noted": 0, "refused": 0}
    for number, (name, data, text) in enumerate(_files()):
        path = folder / f"{number}.txt"
        path.write_bytes(data)
        try:
            seen[_check_file(path, text)] += 1
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
    assert sum(seen.values()) >= 60
    assert seen["exact"] >= 60, f"too few are exact: {seen}"
    return f"{sum(seen.values())} files: {seen['exact']} exact, {seen['noted']} with a note, {seen['refused']} refused"


def _check_round_trips(rounds: int) -> None:
    often = settings(
        max_examples=rounds,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )

    @often
    @given(
        st.text(max_size=300),
        st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030")),
        st.data(),
    )
    def text_is_kept(text: str, codec: str, data: st.DataObject) -> None:
        encoding = codec if data.draw(st.booleans()) or codec == "gb18030" else None
        if text.startswith("\ufeff"):  # it would be a mark
            return
        document = Document.of_bytes("it", text.encode(codec))
        try:
            whole = Text("it", [document], DecodeOptions(encoding, raw_newlines=True))
        except InputError:
            assert encoding is None  # a binary file
            return
        assert "".join(whole.pieces()) == text or (encoding is None and "\0" in text and whole.notes())

    @often
    @given(st.binary(max_size=300))
    def bytes_are_kept_or_a_sentence_says_so(data: bytes) -> None:
        try:
            text = Text("it", [Document.of_bytes("it", data)], DecodeOptions(raw_newlines=True))
            read = "".join(text.pieces())
        except InputError:
            return
        assert text.notes() or read.encode() == data

    text_is_kept()
    bytes_are_kept_or_a_sentence_says_so()


def _check_long_line(folder: Path, size: int) -> str:
    path = folder / "line.txt"
    piece = "A very long line of words, déjà vu. "
    times = size // len(piece.encode())
    with open(path, "wb") as file:
        for _ in range(times // 10_000 + 1):
            file.write(piece.encode() * 10_000)
    characters = (times // 10_000 + 1) * 10_000 * len(piece)
    found = measured("corpora", "check", str(path), "--json", home=folder / "home")
    figures = json.loads(found.out)
    assert (figures["characters"], figures["longest_line"]) == (characters, characters), figures
    assert found.memory < 400, f"a line of {path.stat().st_size >> 20} MB takes {found.memory} MB"
    return f"one line of {path.stat().st_size >> 20} MB exact in {found.memory} MB"


def check(rounds: int) -> str:
    """Read the matrix of files, `rounds` random texts and `rounds` random byte strings, and one long line."""
    with tempfile.TemporaryDirectory() as folder:
        matrix = _check_matrix(Path(folder))
        _check_round_trips(rounds)
        line = _check_long_line(Path(folder), rounds * 50_000)
    return f"{matrix}; {rounds:,} texts and {rounds:,} byte strings kept or noted; {line}"


def test_no_text_is_lost_silently() -> None:
    check(60)
