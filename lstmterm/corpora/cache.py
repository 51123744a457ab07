"""The cache of encoded texts: each is encoded once and memory-mapped from then on.

An entry is a raw array `<key>.ids` and its facts `<key>.json`. The facts are written last, so they
always describe a complete array. An entry that does not match its facts (truncated, changed, another
format) is encoded again. A lock for each entry keeps two processes from encoding it twice. Where the cache
cannot be written, a text is encoded for this process only.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from lstmterm import atomic, paths, plain_data
from lstmterm.corpora import scratch
from lstmterm.corpora.vocabulary import Vocabulary

FORMAT = 3  # raised with every change of the text that is read from the same bytes
_DTYPES = ("|u1", "<u2", "<u4")  # of the numbers


@dataclass(frozen=True)
class Facts:
    """What is known of an encoded text besides its numbers."""

    vocabulary: Vocabulary
    encoding: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Read:
    """The facts of an entry that are texts."""

    digest: str
    encoding: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Encoded:
    """An encoded text: numbers of shape (n,), a read-only memory map, their hash, and the text's facts."""

    ids: np.memmap
    digest: str  # of the numbers and the vocabulary
    facts: Facts


def key_of(sha256: str, options: dict[str, Any]) -> str:
    """The key of an entry: a hash of the content's hash, the options, and the format."""
    identity = json.dumps({"format": FORMAT, "sha256": sha256} | options, sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:40]


def load(key: str) -> Encoded | None:
    """The entry, or None if it is missing or does not match its facts."""
    array, facts = _array(key), _facts(key)
    try:
        values = plain_data.read(facts)
        vocabulary = Vocabulary.from_dict(values["vocabulary"])
        dtype = np.dtype(_DTYPES[_DTYPES.index(values["dtype"])])
        status = array.stat()
        if (
            values["format"] != FORMAT
            or status.st_size != values["length"] * dtype.itemsize
            or status.st_mtime_ns != values["modified_ns"]
        ):
            return None
        ids = np.memmap(array, dtype=dtype, mode="r", shape=(values["length"],))
        read = plain_data.restored(_Read, values)
        return Encoded(ids, read.digest, Facts(vocabulary, read.encoding, read.notes))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def locked(key: str) -> Iterator[None]:
    """Hold the entry's lock: no other process encodes it meanwhile. Its file is deleted if the block raises."""
    from filelock import FileLock

    path = paths.encoded() / f"{key}.lock"
    with contextlib.ExitStack() as held:
        if scratch.can_cache():
            with atomic.explaining(path):
                held.enter_context(FileLock(path, mode=0o600))
        try:
            yield
        except BaseException:  # nothing was encoded, such as a text that is refused
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def store(key: str, numbers: Iterable[np.ndarray], dtype: np.dtype[Any], facts: Facts) -> Encoded:
    """Write an entry and map it."""
    if not scratch.can_cache():
        with scratch.file() as file, atomic.explaining(scratch.folder()):
            length, digest = _write(file, numbers, dtype, facts)
            file.flush()
            return Encoded(np.memmap(file, dtype, "r", shape=(length,)), digest, facts)
    with atomic.writing(_array(key)) as file:
        length, digest = _write(file, numbers, dtype, facts)
    values = {
        "format": FORMAT,
        "dtype": dtype.str,
        "length": length,
        "modified_ns": _array(key).stat().st_mtime_ns,
        "digest": digest,
        "vocabulary": facts.vocabulary.to_dict(),
        "encoding": facts.encoding,
        "notes": facts.notes,
    }
    atomic.write_text(_facts(key), json.dumps(values))
    encoded = load(key)
    if encoded is None:
        raise OSError(f"The encoded text in {paths.encoded()} changed while it was written.")
    return encoded


def _write(
    file: IO[bytes], numbers: Iterable[np.ndarray], dtype: np.dtype[Any], facts: Facts
) -> tuple[int, str]:
    """Write the numbers; how many there are, and the hash of them and the vocabulary."""
    length = 0
    digest = hashlib.sha256(json.dumps(facts.vocabulary.to_dict(), sort_keys=True).encode())
    for part in numbers:
        data = np.ascontiguousarray(part, dtype=dtype).data
        file.write(data)
        digest.update(data)
        length += len(part)
    return length, digest.hexdigest()


def remove(key: str) -> None:
    """Delete an entry; a process that has mapped it keeps it."""
    _facts(key).unlink(missing_ok=True)
    _array(key).unlink(missing_ok=True)


def _array(key: str) -> Path:
    return paths.encoded() / f"{key}.ids"


def _facts(key: str) -> Path:
    return paths.encoded() / f"{key}.json"
