"""Texts as arrays of numbers, made once and mapped ever after.

An entry of the cache is a raw array `<key>.ids` and its facts `<key>.json`, which are written last,
so that facts always speak of a whole array. An entry that does not fit its facts (cut off, changed,
of another format) is made anew. A lock of its own keeps two processes from making it twice.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstmterm import atomic, paths
from lstmterm.corpora.vocabulary import Vocabulary

FORMAT = 1


@dataclass(frozen=True)
class Facts:
    """What is known of an encoded text beside its numbers."""

    vocabulary: Vocabulary
    encoding: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Encoded:
    """An encoded text: numbers of shape (n,), read-only and mapped, and its facts."""

    ids: np.memmap
    facts: Facts


def key_of(sha256: str, options: dict[str, Any]) -> str:
    """The name of a cache entry: what was read, how, and in which format it is kept."""
    identity = json.dumps({"format": FORMAT, "sha256": sha256} | options, sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:40]


def recall(key: str) -> Encoded | None:
    """The entry as it was made earlier; None if there is none, or one that does not fit its facts."""
    array, facts = _array(key), _facts(key)
    try:
        values = json.loads(facts.read_text("utf-8"))
        dtype = np.dtype(values["dtype"])
        status = array.stat()
        if (
            values["format"] != FORMAT
            or status.st_size != values["length"] * dtype.itemsize
            or status.st_mtime_ns != values["modified_ns"]
        ):
            return None
        ids = np.memmap(array, dtype=dtype, mode="r", shape=(values["length"],))
        vocabulary = Vocabulary.from_dict(values["vocabulary"])
        return Encoded(ids, Facts(vocabulary, values["encoding"], tuple(values["notes"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def making(key: str) -> Iterator[None]:
    """Holds the entry's lock: within the block nobody else makes it."""
    from filelock import FileLock

    paths.encoded().mkdir(parents=True, exist_ok=True)
    with FileLock(paths.encoded() / f"{key}.lock"):
        yield


def keep(
    key: str, numbers: Iterable[np.ndarray], dtype: np.dtype[Any], facts: Callable[[], Facts]
) -> Encoded:
    """Write an entry whole and map it. `facts` is asked when all numbers have gone by."""
    length = 0
    with atomic.writing(_array(key)) as file:
        for part in numbers:
            file.write(np.ascontiguousarray(part, dtype=dtype).data)
            length += len(part)
    known = facts()
    values = {
        "format": FORMAT,
        "dtype": dtype.str,
        "length": length,
        "modified_ns": _array(key).stat().st_mtime_ns,
        "vocabulary": known.vocabulary.to_dict(),
        "encoding": known.encoding,
        "notes": list(known.notes),
    }
    atomic.write_text(_facts(key), json.dumps(values))
    made = recall(key)
    if made is None:
        raise OSError(f"The encoded text did not stay as it was written in {paths.encoded()}.")
    return made


def forget(key: str) -> None:
    """Take an entry out of the cache; who has mapped it keeps it."""
    _facts(key).unlink(missing_ok=True)
    _array(key).unlink(missing_ok=True)


def _array(key: str) -> Path:
    return paths.encoded() / f"{key}.ids"


def _facts(key: str) -> Path:
    return paths.encoded() / f"{key}.json"
