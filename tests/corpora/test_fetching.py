"""A fetched text is what the catalogue says, or is refused and leaves nothing."""

import functools
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from lstmterm import paths
from lstmterm.corpora import fetching, stored
from lstmterm.corpora.catalogue import Entry, Part
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError, RunError

_TEXT = b"All the world's a stage,\n" * 5_000
_SHA256 = hashlib.sha256(_TEXT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        getattr(self, f"_{self.path.strip('/').split('.')[0]}")()

    def _body(self, body: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _good(self) -> None:
        self._body(_TEXT)

    def _tampered(self) -> None:
        self._body(_TEXT.replace(b"stage", b"cage!", 1))

    def _short(self) -> None:
        self._body(_TEXT[:60_000], len(_TEXT))

    def _cut(self) -> None:
        self._body(_TEXT[:60_000])

    def _long(self) -> None:
        self._body(_TEXT * 20)

    def _slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(_TEXT)))
        self.end_headers()
        self.wfile.write(_TEXT[:1_000])
        self.wfile.flush()
        time.sleep(1.5)

    def _missing(self) -> None:
        self.send_error(404)

    def _moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/good.txt")
        self.end_headers()

    def _circle(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/circle.txt")
        self.end_headers()

    def _flaky(self) -> None:
        if self.asked.count(self.path) == 1:
            self._tampered()
        else:
            self._good()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server that misbehaves in as many ways as it has paths."""
    _Handler.asked = []
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


fetch = functools.partial(fetching.fetch, allow_http=True)


def _entry(url: str, *, known: bool = True, kind: stored.Kind = "text") -> Entry:
    part = Part("stage.txt", url, _SHA256 if known else None, len(_TEXT) if known else None)
    return Entry("stage", "A stage", (part,), "public domain", "English", "tests", kind, known)


def _left() -> list[str]:
    folder = paths.corpora()
    return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.mark.parametrize("path", ["good", "moved"])
def test_what_is_right_is_kept_and_opens_by_name(server: str, path: str) -> None:
    seen: list[tuple[str, int, int | None]] = []
    own = fetch(_entry(f"{server}/{path}.txt"), lambda *now: seen.append(now))
    assert own.files[0].read_bytes() == _TEXT
    assert own.record.source == f"{server}/{path}.txt"
    assert open_corpus("stage").sha256 == _SHA256
    assert ("stage.txt", len(_TEXT), len(_TEXT)) in seen
    assert all(done <= len(_TEXT) for _, done, _ in seen)
    assert _left() == ["stage"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("tampered", "not as expected"),
        ("short", "was interrupted"),
        ("cut", "not as expected"),
        ("long", "sent more than"),
        ("slow", "silent for 0.3 seconds"),
        ("missing", "answered 404"),
        ("circle", "redirected too many times"),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(server: str, path: str, message: str) -> None:
    with pytest.raises(RunError, match=message):
        fetch(_entry(f"{server}/{path}.txt"), retries=0, timeout=0.3)
    assert _left() == []


def test_a_missing_server_is_reported() -> None:
    with pytest.raises(RunError, match="no connection could be made"):
        fetch(_entry("http://127.0.0.1:9/x.txt"), retries=0, timeout=0.5)
    with pytest.raises(RunError, match="could not be fetched"):
        fetch(_entry("http://:bad:/x"), retries=0, timeout=0.5)


def test_a_second_try_is_made(server: str) -> None:
    assert fetch(_entry(f"{server}/flaky.txt"), retries=1).sha256 == {"stage.txt": _SHA256}
    assert _Handler.asked == ["/flaky.txt"] * 2


def test_a_refused_body_leaves_what_was_there(server: str) -> None:
    fetch(_entry(f"{server}/good.txt"))
    with pytest.raises(RunError):
        fetch(_entry(f"{server}/tampered.txt"), retries=0)
    assert open_corpus("stage").sha256 == _SHA256


def test_an_unknown_hash_is_recorded_and_checked_later(server: str) -> None:
    own = fetch(_entry(f"{server}/good.txt", known=False))
    assert own.sha256 == {"stage.txt": _SHA256}
    own.files[0].write_bytes(b"spoiled on disk")
    assert not fetching.is_intact(own)
    with pytest.raises(InputError, match="has changed"):
        open_corpus("stage")
    with pytest.raises(RunError, match="not as expected"):
        fetch(_entry(f"{server}/tampered.txt", known=False), retries=0)
    assert fetching.is_intact(fetch(_entry(f"{server}/good.txt", known=False)))


def test_a_body_of_known_size_only_has_to_have_that(server: str) -> None:
    part = Part("stage.txt", f"{server}/cut.txt", None, len(_TEXT))
    entry = Entry("stage", "A stage", (part,), "", "", "")
    with pytest.raises(RunError, match="60,000 bytes"):
        fetch(entry, retries=0)
    assert _left() == []


def test_a_local_copy_must_have_the_same_hash(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(_TEXT)
    assert fetching.take(_entry("http://127.0.0.1:9/"), copy).record.source == str(copy)
    copy.write_bytes(_TEXT[:-1])
    stored.remove("stage")
    with pytest.raises(InputError, match="not as expected"):
        fetching.take(_entry("http://127.0.0.1:9/"), copy)
    with pytest.raises(InputError, match="no file"):
        fetching.take(_entry("http://127.0.0.1:9/"), tmp_path / "nothing")
    assert _left() == []


def test_a_treebank_is_all_of_its_files_or_nothing(server: str, tmp_path: Path) -> None:
    def part(name: str, path: str) -> Part:
        return Part(name, f"{server}/{path}.txt", _SHA256, len(_TEXT))

    def entry(path: str) -> Entry:
        return Entry(
            "bank", "A bank", (part("a.conllu", "good"), part("b.conllu", path)), "", "", "", "treebank", True
        )

    with pytest.raises(RunError):
        fetch(entry("tampered"), retries=0)
    assert _left() == []
    own = fetch(entry("good"))
    assert [path.name for path in own.files] == ["a.conllu", "b.conllu"]
    with pytest.raises(InputError, match="train-tagger bank"):
        open_corpus("bank")
    with pytest.raises(InputError, match="name the folder"):
        fetching.take(entry("good"), own.files[0])
    assert fetching.take(entry("good"), own.folder).record.source == str(own.folder)


def test_only_https_is_used_without_permission(server: str) -> None:
    with pytest.raises(RunError, match=r"is not HTTPS.*`lstmterm corpora fetch stage --allow-http`"):
        fetching.fetch(_entry(f"{server}/good.txt"))
    assert _Handler.asked == []
    assert _left() == []


@pytest.mark.parametrize("location", ["http://example.org/x", "//example.org:80/x", "ftp://example.org/x"])
def test_a_redirect_must_be_as_safe(location: str) -> None:
    response = requests.Response()
    response.status_code, response.url = 302, "https://example.org/"
    response.headers["location"] = location
    check = fetching._AddressCheck("stage", allow_http=False, has_hash=True)
    if location.startswith("//"):
        check(response)
    else:
        with pytest.raises(RunError, match="is not HTTPS"):
            check(response)
