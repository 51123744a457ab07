"""Choosing tagged data: built-in data, the user's own, a cipher, or a file."""

from collections.abc import Iterator
from pathlib import Path

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.tagging import ciphers, treebank
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.corpus_picker import CorpusPicker, line
from lstmterm.ui.widgets.picker import Row
from lstmterm.visible import shorten

_SHIPPED = {
    "harbour-tags": "Sentences about a harbour town with parts of speech (CSV)",
    "harbour": "The same sentences as CoNLL-U, with all columns",
}
_CIPHERS = {
    "rot13": "Each letter stands for the 13th after it",
    "caesar:3": "Each letter stands for the 3rd before it; any number can follow caesar:",
    "vigenere:KEY": "Each letter is shifted by a letter of the key; any key of A to Z",
    "rot13-dash": "As rot13, with 27 letters: A to Z and the dash",
}
_CIPHER_GROUP = "Ciphers to learn"


class DataPicker(CorpusPicker):
    """A dialog whose result is a name, a cipher, or the path of a tagged file."""

    HEADING = "Choose tagged data"
    PLACEHOLDER = "A name, a cipher such as caesar:7, or a path to .conllu, .csv, .tsv"

    WHOLE_FOLDERS = False

    def named_rows(self) -> Iterator[Row]:
        from lstmterm.corpora import stored

        for name, about in _SHIPPED.items():
            if any((paths.shipped_corpora() / f"{name}{suffix}").is_file() for suffix in treebank.SUFFIXES):
                yield Row(name, line(name, "", about), about=about, group="Built in")
        for own in stored.texts():
            if own.kind == "treebank":
                about = "with its own parts for validation and test"
                yield Row(own.name, line(own.name, "", about), about=about, group="Yours")
                for file in filter(_is_tagged, own.files):
                    yield _own_row(file, shorten(own.name, 30))
        folder = paths.corpora()
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if _is_tagged(file) and file.is_file() and not file.name.startswith("."):
                yield _own_row(file)
        for name, about in _CIPHERS.items():
            yield Row(name, line(name, "", about), about=about, group=_CIPHER_GROUP)

    def typed_rows(self, typed: str) -> Iterator[Row]:
        """A row for a cipher that is typed."""
        if typed in _CIPHERS or not ciphers.is_cipher(typed):
            return
        try:
            ciphers.parse(typed)
        except InputError as error:
            yield Row(typed, line(typed, "", "not a cipher yet"), "none", on_screen(error), _CIPHER_GROUP)
        else:
            yield Row(typed, line(typed, "", "this cipher"), group=_CIPHER_GROUP)


def _is_tagged(file: Path) -> bool:
    return file.suffix.lower() in treebank.SUFFIXES


def _own_row(file: Path, end: str = "") -> Row:
    return Row(str(file), line(file.name, "", end), about=str(file), group="Yours")


def name_of(source: str) -> str:
    """The short name of a data source: of a file, without its folder."""
    return Path(source).name if paths.is_file_argument(source) and not ciphers.is_cipher(source) else source
