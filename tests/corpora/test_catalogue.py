"""The catalogue that ships is sound, and a broken one says so."""

from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.corpora import catalogue
from lstmterm.errors import InputError


def test_the_shipped_catalogue_is_sound() -> None:
    entries = catalogue.entries()
    assert {"tinyshakespeare", "ud-english-ewt"} <= entries.keys()
    for entry in entries.values():
        assert not paths.is_file_argument(entry.name)
        assert entry.licence
        assert entry.language
        assert entry.purpose
        assert all(part.url.startswith(("https://", "http://")) for part in entry.parts)
        assert all(part.sha256 is None or len(bytes.fromhex(part.sha256)) == 32 for part in entry.parts)
        if any(not part.sha256 for part in entry.parts):
            assert not entry.verified
    assert entries["tinyshakespeare"].size == 1_115_394


@pytest.mark.parametrize(
    "text", ["corpus = 1", "[[corpus]]\nname = 'x'", "= ", "[[corpus]]\nname = '../x'\nurl = 'u'"]
)
def test_a_broken_catalogue_is_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        catalogue.read(path)


def test_a_catalogue_that_is_missing_or_lacks_a_hash_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    with pytest.raises(InputError, match="cannot be read"):
        catalogue.read(path)
    path.write_text(
        '[[corpus]]\nname = "a"\ntitle = "A"\nurl = "https://a.b/a.txt"\nlicence = ""\nlanguage = ""\npurpose = ""\n'
        "verified = true\n"
    )
    with pytest.raises(InputError, match="a is marked as verified but lacks a hash or a size"):
        catalogue.read(path)
