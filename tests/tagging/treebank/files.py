"""Tagged files for tests: read from a text, and written again."""

import io
from pathlib import Path

from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Source


def read(tmp_path: Path, name: str, text: str, **how: str) -> treebank.Treebank:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return treebank.read(str(path), **how)  # type: ignore[arg-type]


def rewritten(text: str, tags: list[list[str]] | None = None, **how: str) -> str:
    """The text with its own tags, or others, written into it."""
    _, blocks = treebank.blocks(io.StringIO(text, newline="\n"), Source("test", **how))  # type: ignore[arg-type]
    given = iter(tags or [])
    return "".join(b.with_tags(next(given) if tags and b.words else b.tags) for b in blocks)
