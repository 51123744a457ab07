"""Fetching a text of the catalogue, or taking a copy at hand: checked before it gets its name."""

import datetime
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from lstmterm.corpora import kept
from lstmterm.corpora.catalogue import Entry, Part
from lstmterm.corpora.kept import Kept, Record
from lstmterm.errors import InputError, RunError

Progress = Callable[[str, int, int | None], None]  # the file, its bytes so far, its bytes in all if known
_CHUNK = 1 << 16
_LARGEST = 4 << 30  # bytes of a file whose size is not known beforehand


def fetch(entry: Entry, progress: Progress | None = None, *, retries: int = 2, timeout: float = 30) -> Kept:
    """Download an entry's files and keep them. `timeout` is the longest silence, in seconds.

    A part that is not what the catalogue or an earlier fetch recorded is refused. Raises `RunError`
    where that happens or the network fails; nothing is left behind then.
    """
    recorded = _recorded(entry)
    with kept.new(entry.name) as folder:
        for part in entry.parts:
            _download(part, folder, recorded.get(part.name), progress, retries, timeout)
        _write_record(entry, folder, "; ".join(part.url for part in entry.parts), RunError)
    return _found(entry.name)


def take(entry: Entry, path: Path) -> Kept:
    """Keep a copy at hand of an entry: its file, or the folder with its files, by the same hashes."""
    sources = {part.name: path / part.name if path.is_dir() else path for part in entry.parts}
    if len(sources) > 1 and not path.is_dir():
        raise InputError(f"{entry.name} has {len(sources)} files; give the folder with {', '.join(sources)}.")
    for source in sources.values():
        if not source.is_file():
            raise InputError(f"There is no file {source}.")
    with kept.new(entry.name) as folder:
        for name, source in sources.items():
            shutil.copyfile(source, folder / name)
        _write_record(entry, folder, str(path), InputError)
    return _found(entry.name)


def is_intact(own: Kept) -> bool:
    """Whether a kept text's files are those that its record speaks of."""
    return all(_sha256(path) == own.sha256[path.name] for path in own.files)


def _recorded(entry: Entry) -> dict[str, str]:
    """What each part's hash has to be, by name: the catalogue's, else what was recorded of an earlier fetch."""
    earlier = kept.find(entry.name)
    trusted = dict(earlier.sha256) if earlier is not None and earlier.record.origin == "fetched" else {}
    return trusted | {part.name: part.sha256 for part in entry.parts if part.sha256}


def _download(
    part: Part, folder: Path, sha256: str | None, progress: Progress | None, retries: int, timeout: float
) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(
        progressbar=_Watch(part, progress),  # type: ignore[arg-type]
        chunk_size=_CHUNK,
        timeout=timeout,
    )
    known = f"sha256:{sha256}" if sha256 else None
    one = pooch.create(
        folder, base_url="", registry={part.name: known}, urls={part.name: part.url}, retry_if_failed=retries
    )
    try:
        one.fetch(part.name, downloader=downloader)  # type: ignore[arg-type]
    except requests.exceptions.RequestException as error:
        raise RunError(
            f"{part.url} could not be fetched: {_reason(error, timeout)}. Try again later, "
            "or get it in another way and give it with --from FILE."
        ) from None
    except ValueError:
        raise RunError(
            f"What came from {part.url} is not what it should be (SHA-256 {sha256}); it was not kept. "
            "Try again later, or get the text in another way and give it with --from FILE."
        ) from None


def _reason(error: Exception, timeout: float) -> str:
    from requests import exceptions

    if isinstance(error, exceptions.TooManyRedirects):
        return "the server redirected without end"
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason or ''}".rstrip()
    if isinstance(error, exceptions.Timeout) or "timed out" in str(error):
        return f"the server was silent for {timeout:g} seconds"
    if isinstance(error, exceptions.SSLError):
        return "the connection could not be made secure"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "the connection broke off before the end"
    if isinstance(error, exceptions.ConnectionError):
        return "no connection could be made"
    return "its address cannot be used"


class _Watch:
    """What pooch takes for its progress bar: passes on how far it is, and ends what grows beyond all measure."""

    total = 0  # set from the server's headers; 0 if they do not say

    def __init__(self, part: Part, progress: Progress | None) -> None:
        self._part, self._progress = part, progress
        self._most = part.bytes if part.bytes is not None else _LARGEST
        self._done = 0

    def update(self, count: int) -> None:
        self._done += count
        if self._done > self._most + _CHUNK:
            raise RunError(f"{self._part.url} sends more than {self._most:,} bytes; it was not kept.")
        if self._progress is not None:
            known = self._part.bytes or self.total or None
            self._progress(self._part.name, min(self._done, known or self._done), known)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        self._done = 0


def _write_record(entry: Entry, folder: Path, source: str, refusal: type[Exception]) -> None:
    """Check every file of the new text in `folder` and write its record."""
    expected = _recorded(entry)
    hashes: dict[str, str] = {}
    for part in entry.parts:
        path = folder / part.name
        size, digest = path.stat().st_size, _sha256(path)
        if (part.bytes is not None and size != part.bytes) or digest != expected.get(part.name, digest):
            raise refusal(
                f"What was given as {part.name} is not what it should be: {size:,} bytes with the SHA-256 {digest}, "
                f"not {_wanted(part, expected.get(part.name))}; it was not kept."
            )
        hashes[part.name] = digest
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    kept.write_record(folder, Record("fetched", entry.kind, entry.title, source, hashes, now))


def _wanted(part: Part, sha256: str | None) -> str:
    size = f"{part.bytes:,} bytes" if part.bytes is not None else ""
    return " with ".join(filter(None, (size, f"the SHA-256 {sha256}" if sha256 else "")))


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _found(name: str) -> Kept:
    own = kept.find(name)
    if own is None:
        raise RunError(f"The corpus {name!r} was removed while it was fetched.")
    return own
