"""Choosing tagged data: built-in data, the user's own, a cipher, or a file."""

from pathlib import Path

from textual import work

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.tagging import ciphers, treebank
from lstmterm.ui.train.corpus_picker import CorpusPicker, Listed, Row, line
from lstmterm.visible import shorten

_SHIPPED = {
    "harbour-tags": "Sentences about a harbour town with parts of speech (CSV)",
    "harbour": "The same sentences as CoNLL-U, with all columns",
}
_CIPHERS = {
    "rot13": "Each letter stands for the 13th after it",
    "caesar:3": "Each letter stands for the 3rd before it; any number can follow caesar:",
    "vigenere:KEY": "Each letter is shifted by a letter of the key; any key of A to Z and -",
}


class DataPicker(CorpusPicker):
    """A dialog whose result is a name, a cipher, or the path of a tagged file."""

    PLACEHOLDER = "A name, a cipher such as caesar:7, or a path to .conllu, .csv, .tsv"

    def __init__(self, chosen: str, folder: str, title: str = "Choose tagged data") -> None:
        super().__init__(chosen, folder, title)

    @work(thread=True)
    def _gather(self) -> None:
        from lstmterm.corpora import stored

        rows = [
            ("Built in", Row("take", name, line(name, "", about), about))
            for name, about in _SHIPPED.items()
            if any((paths.shipped_corpora() / f"{name}{suffix}").is_file() for suffix in treebank.SUFFIXES)
        ]
        for own in stored.texts():
            if own.kind == "treebank":
                rows += [
                    ("Yours", Row("take", str(file), line(file.name, "", shorten(own.name, 30)), str(file)))
                    for file in own.files
                    if file.suffix.lower() in treebank.SUFFIXES
                ]
        folder = paths.corpora()
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.is_file() and file.suffix.lower() in treebank.SUFFIXES and not file.name.startswith("."):
                rows.append(("Yours", Row("take", str(file), line(file.name, "", ""), str(file))))
        rows += [
            ("Ciphers to learn", Row("take", name, line(name, "", about), about))
            for name, about in _CIPHERS.items()
        ]
        self.post_message(Listed(rows))

    def typed_rows(self, typed: str) -> list[tuple[str, Row]]:
        """A row for a cipher that is typed."""
        if typed in _CIPHERS or not ciphers.is_cipher(typed):
            return []
        try:
            ciphers.parse(typed)
        except InputError as error:
            return [("Ciphers to learn", Row("none", typed, line(typed, "", "not a cipher yet"), str(error)))]
        return [("Ciphers to learn", Row("take", typed, line(typed, "", "this cipher")))]

    def _show_rows(self, found: list[tuple[str, Row]]) -> None:
        whole_folders = [row for _, row in found if row.action == "take" and row.target.endswith("/")]
        super()._show_rows([(group, row) for group, row in found if row not in whole_folders])


def name_of(source: str) -> str:
    """The short name of a data source: of a file, without its folder."""
    return Path(source).name if paths.is_file_argument(source) and not ciphers.is_cipher(source) else source
