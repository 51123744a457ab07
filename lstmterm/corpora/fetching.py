"""Fetching a text of the catalogue, or importing a local copy; both are checked before they are stored."""

import shutil
import urllib.parse
from pathlib import Path
from typing import Any

from lstmterm import atomic, paths
from lstmterm.corpora import stored
from lstmterm.corpora.catalogue import Entry, Part
from lstmterm.corpora.documents import OnProgress, sha256_of_file
from lstmterm.corpora.stored import Record, StoredText
from lstmterm.errors import InputError, RunError, no_file

_CHUNK = 1 << 16
_MOST_REDIRECTS = 5
_LARGEST = 4 << 30  # bytes of a file of unknown size


class NotPermitted(RunError):
    """An address that is not HTTPS; `risk` says what that means, in sentences for the user."""

    def __init__(self, name: str, url: str, *, has_hash: bool) -> None:
        checked = (
            "Its SHA-256 is still checked."
            if has_hash
            else "The catalogue has no SHA-256 for it; this download's is recorded and checked from now on."
        )
        self.risk = (
            f"{url} is not HTTPS, so anyone on the network path could read and change the text. {checked}"
        )
        super().__init__(f"{self.risk} To accept that, use `lstmterm corpora fetch {name} --allow-http`.")


def fetch(
    entry: Entry,
    progress: OnProgress | None = None,
    *,
    allow_http: bool = False,
    retries: int = 2,
    timeout: float = 30,
) -> StoredText:
    """Download the files of an entry and store them. `timeout` is the longest silence, in seconds.

    Raises `RunError`, and stores nothing, if the network fails, if a file differs from what the catalogue
    or an earlier fetch recorded, or (`NotPermitted`) without `allow_http` if an address is not HTTPS.
    """
    recorded = _recorded(entry)
    check = _AddressCheck(entry.name, allow_http, has_hash=all(part.name in recorded for part in entry.parts))
    for part in entry.parts:
        check.address(part.url)
    with stored.new(entry.name) as folder:
        for part in entry.parts:
            with atomic.explaining(paths.corpora() / entry.name):
                _download(part, folder, recorded.get(part.name), progress, check, retries, timeout)
        record = _write_record(entry, folder, "; ".join(part.url for part in entry.parts), RunError)
    return stored.named(entry.name, record)


def take(entry: Entry, path: Path) -> StoredText:
    """Store a local copy of an entry, its file or the folder with its files, after the same checks."""
    sources = {part.name: path / part.name if path.is_dir() else path for part in entry.parts}
    if len(sources) > 1 and not path.is_dir():
        raise InputError(f"{entry.name} has {len(sources)} files; name the folder with {', '.join(sources)}.")
    for source in sources.values():
        if not source.is_file():
            raise no_file(source)
    with stored.new(entry.name) as folder:
        for name, source in sources.items():
            with open(source, "rb") as original, atomic.writing(folder / name) as copy:
                shutil.copyfileobj(original, copy)
        record = _write_record(entry, folder, str(path), InputError)
    return stored.named(entry.name, record)


def is_intact(text: StoredText) -> bool:
    """Whether the files of a stored text have their recorded hashes."""
    return all(sha256_of_file(path) == text.sha256[path.name] for path in text.files)


def _recorded(entry: Entry) -> dict[str, str]:
    """The expected hash of each part by name: the catalogue's, else that of an earlier fetch."""
    earlier = stored.find(entry.name)
    trusted = dict(earlier.sha256) if earlier is not None and earlier.record.origin == "fetched" else {}
    return trusted | {part.name: part.sha256 for part in entry.parts if part.sha256}


def _download(
    part: Part,
    folder: Path,
    sha256: str | None,
    progress: OnProgress | None,
    check: "_AddressCheck",
    retries: int,
    timeout: float,
) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(
        progressbar=_Meter(part, progress),  # type: ignore[arg-type]
        chunk_size=_CHUNK,
        timeout=timeout,
        hooks={"response": check},
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
            f"or download it another way and store it with `lstmterm corpora fetch {check.name} --from FILE`."
        ) from None
    except ValueError:
        raise RunError(
            f"The content of {part.url} is not as expected (SHA-256 {sha256}); it was not stored. "
            "Try again later, or download it another way and store it with "
            f"`lstmterm corpora fetch {check.name} --from FILE`."
        ) from None


def _reason(error: Exception, timeout: float) -> str:
    from requests import exceptions

    if isinstance(error, exceptions.TooManyRedirects):
        return "the server redirected too many times"
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason or ''}".rstrip()
    if isinstance(error, exceptions.Timeout) or "timed out" in str(error):
        return f"the server was silent for {timeout:g} seconds"
    if isinstance(error, exceptions.SSLError):
        return "the secure connection failed"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "the connection was interrupted"
    if isinstance(error, exceptions.ConnectionError):
        return "no connection could be made"
    return "its address cannot be used"


class _AddressCheck:
    """Follows few redirects, and those only to addresses that are as safe: called with every response."""

    def __init__(self, name: str, allow_http: bool, *, has_hash: bool) -> None:
        self.name, self._allow_http, self._has_hash = name, allow_http, has_hash

    def address(self, url: str) -> None:
        """Raise `NotPermitted` unless an address may be used."""
        if not self._allow_http and not url.lower().startswith("https://"):
            raise NotPermitted(self.name, url, has_hash=self._has_hash)

    def __call__(self, response: Any, **_: Any) -> None:
        """Check where a response leads."""
        if response.is_redirect:
            self.address(urllib.parse.urljoin(response.url, response.headers["location"]))
            if len(response.history) >= _MOST_REDIRECTS:
                raise RunError(f"{response.url} could not be fetched: the server redirected too many times.")


class _Meter:
    """A progress bar for pooch: reports the progress, and stops a download that exceeds its size."""

    total = 0  # set from the server's headers; 0 if they do not say

    def __init__(self, part: Part, progress: OnProgress | None) -> None:
        self._part, self._progress = part, progress
        self._most = part.bytes if part.bytes is not None else _LARGEST
        self._done = 0

    def update(self, count: int) -> None:
        self._done += count
        if self._done > self._most + _CHUNK:
            raise RunError(f"{self._part.url} sent more than {self._most:,} bytes; it was not stored.")
        if self._progress is not None:
            known = self._part.bytes or self.total or None
            self._progress(self._part.name, min(self._done, known or self._done), known)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        self._done = 0


def _write_record(entry: Entry, folder: Path, source: str, refusal: type[Exception]) -> Record:
    """Check the files of the new text in `folder`, and write and return its record."""
    expected = _recorded(entry)
    hashes: dict[str, str] = {}
    for part in entry.parts:
        path = folder / part.name
        size, digest = path.stat().st_size, sha256_of_file(path)
        if (part.bytes is not None and size != part.bytes) or digest != expected.get(part.name, digest):
            raise refusal(
                f"{part.name} is not as expected: it has {size:,} bytes and the SHA-256 {digest}, "
                f"not {_expected(part, expected.get(part.name))}; it was not stored."
            )
        hashes[part.name] = digest
    record = Record("fetched", entry.kind, entry.title, source, hashes)
    stored.write_record(folder, record)
    return record


def _expected(part: Part, sha256: str | None) -> str:
    size = f"{part.bytes:,} bytes" if part.bytes is not None else ""
    return " and ".join(filter(None, (size, f"the SHA-256 {sha256}" if sha256 else "")))
