"""Files with a text in them, for tests."""

import zipfile
from pathlib import Path

from lstmterm.corpora.corpus import open_corpus


def write(folder: Path, data: bytes | str, name: str = "it.txt") -> str:
    """Write a file; its path."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip file; its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def text_of(path: Path | str, **options: object) -> str:
    """The text of a file as a corpus reads it."""
    corpus = open_corpus(str(path), **options)  # type: ignore[arg-type]
    return corpus.text(0, len(corpus))
