"""Adding the user's own text to the stored texts, as UTF-8."""

import itertools

from lstmterm import atomic, paths
from lstmterm.corpora import builtin, catalogue, stored
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.documents import sha256_of_file
from lstmterm.corpora.stored import Record, StoredText
from lstmterm.errors import InputError, error_of

_PIECE = 1 << 20  # characters written at a time
_LONGEST = 90  # bytes of a name, to which a number is added


def add(corpus: Corpus, name: str | None = None, *, overwrite: bool = False) -> StoredText:
    """Store the text of `corpus`, as it was decoded, as `name` or under its own name."""
    name = name or corpus.name
    refuse_taken(name, overwrite)
    with stored.new(name) as folder:
        path = folder / "text.txt"  # also where the name is as long as a file's may be
        with atomic.writing(path) as file:
            for start in range(0, len(corpus), _PIECE):
                file.write(corpus.text(start, start + _PIECE).encode("utf-8"))
        record = Record("own", "text", corpus.name, corpus.source, {path.name: sha256_of_file(path)})
        stored.write_record(folder, record)
    return stored.named(name, record)


def refuse_taken(name: str, overwrite: bool = False) -> None:
    """Raise `InputError` if no text of the user can have this name, or, unless `overwrite`, if one has it."""
    paths.plain_name(name, "corpus name")
    if paths.is_file_argument(name):
        raise InputError(
            f"The name {name!r} has a suffix and would be read as a file's; choose another name (--name)."
        )
    if name in builtin.NAMES or name in catalogue.entries():
        raise InputError(
            f"{name!r} is the name of a built-in or catalogue text; choose another name (--name)."
        )
    if stored.find(name) is not None and not overwrite:
        raise InputError(
            f"There is already a corpus named {name!r}; choose another name (--name; --overwrite replaces it)."
        )


def free_name(base: str) -> str:
    """`base`, or `base-2`, `base-3` ...: the first name that a new text can have."""
    base = base.replace(".", "-").encode()[:_LONGEST].decode(errors="ignore")
    names = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(name for name in names if not error_of(refuse_taken, name))
