"""The encoding of a document is detected and named."""

from pathlib import Path

import pytest

from lstmterm.corpora import documents
from lstmterm.corpora.decoding import Changes, DecodeOptions, encoding_of, text_of
from lstmterm.corpora.detecting import NotTextError
from lstmterm.corpora.documents import Document
from lstmterm.errors import InputError
from tests.corpora.files import text_of as text_of_file
from tests.corpora.files import write

_FRENCH = "Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë.\n" * 20
_RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация.\n" * 20
_CHINESE = "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。\n" * 20
_JAPANESE = "いろはにほへと ちりぬるを わかよたれそ つねならむ。漢字も少し入れる。\n" * 20


def _read(data: bytes, encoding: str | None = None) -> tuple[str, str, Changes]:
    document = Document.of_bytes("it", data)
    found = encoding_of(document, encoding)
    changes = Changes()
    return "".join(text_of(document, found, DecodeOptions(), changes)), found.how, changes


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_utf_is_read_as_its_mark_says(codec: str) -> None:
    text, how, _ = _read(_CHINESE.encode(codec))
    assert text == _CHINESE
    assert how == ("valid" if codec == "utf-8" else "mark")


@pytest.mark.parametrize("codec", ["utf-16-be", "utf-32-be", "utf-16-le", "utf-32-le"])
def test_the_byte_order_of_a_mark_is_kept_to(codec: str) -> None:
    assert _read(f"\ufeff{_FRENCH}".encode(codec))[0] == _FRENCH


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        _FRENCH,
        "a",
        "ab\n",
        "h\u00e9l\u00e0\n",
        "\u0421\u044a\u0435\u0448\u044c \u0436\u0435\n",
        _JAPANESE[:30],
    ],
)
def test_wide_characters_without_a_mark_are_seen(text: str, codec: str) -> None:
    assert _read(text.encode(codec))[:2] == (text, "detected")


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (_FRENCH, "cp1252"),
        (_RUSSIAN, "cp1251"),
        (_RUSSIAN, "koi8-r"),
        (_CHINESE, "gb18030"),
        (_JAPANESE, "shift_jis"),
    ],
    ids=["French", "Russian", "Russian too", "Chinese", "Japanese"],
)
def test_other_encodings_are_detected(text: str, codec: str) -> None:
    read, how, changes = _read(text.encode(codec))
    assert read == text
    assert (how, changes.replaced) == ("detected", 0)


def test_what_is_utf8_for_a_long_way_and_then_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "CHUNK", 512)
    data = b"plain\n" * 1_000 + _FRENCH.encode("cp1252")
    assert _read(data)[0] == data.decode("cp1252")


def test_damaged_utf8_is_still_utf8_and_its_damage_is_counted() -> None:
    data = _CHINESE.encode()[:-1] + b"\xff\xfe" + _CHINESE.encode()
    text, how, changes = _read(data)
    assert how == "damaged"
    assert changes.replaced == text.count("\ufffd") == 2
    assert "2 places could not be decoded" in changes.notes()[0]


def test_a_given_encoding_is_kept_to_and_its_failures_are_counted() -> None:
    text, how, changes = _read("naïve\n".encode("cp1252"), "ascii")
    assert (text, how, changes.replaced) == ("na\ufffdve\n", "given", 1)


def test_a_given_utf8_leaves_out_its_mark() -> None:
    assert _read("\ufeffabc".encode(), "UTF8")[0] == "abc"


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64", "hex", "", "a\x00b"])
def test_an_unknown_encoding_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="not a known text encoding"):
        _read(b"abc", name)


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF" + bytes(60),
        bytes(range(256)) * 10,
        b"\x89PNG\r\n\x1a\n" + bytes(8) + b"IHDR",
        b"\0\1\2\0",  # one assigned character in UTF-32
        b"\0\1",
        b"\0\0\2\0",
        b"\x7fELF\2\1\1\0",  # four in UTF-16, of two scripts
        b"\1\2\3",
        b"\0",
    ],
)
def test_binary_files_are_refused(data: bytes) -> None:
    with pytest.raises(NotTextError, match="--level byte"):
        _read(data)


def test_a_codec_that_cannot_go_on_after_an_error_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be decoded: .* Choose another encoding"):
        text_of_file(write(tmp_path, "a\u00e9.b"), encoding="idna")


def test_wide_characters_without_a_mark_are_seen_behind_a_text_of_few_nuls(tmp_path: Path) -> None:
    line = "\u4ea1\u4ea2\u4ea4\u4ea5\u9a6c\u9b45" * 400 + "\n"
    assert text_of_file(write(tmp_path, (line * 3).encode("utf-16-le"))) == line * 3
