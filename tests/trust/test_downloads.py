"""Downloads that are tampered with, too short, endless or redirected are not stored."""

import gzip
import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lstmterm import paths
from lstmterm.corpora import fetching, stored
from lstmterm.corpora.catalogue import Entry, Part
from lstmterm.errors import RunError

PROMISE = "A download is what the catalogue says, by its SHA-256 and over HTTPS unless permitted, or nothing is stored"
LONG = 200  # bodies

_TEXT = b"All the world's a stage,\n" * 5_000
_SHA256 = hashlib.sha256(_TEXT).hexdigest()

Send = Callable[["_Server"], object]


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        BODIES[self.path.strip("/").replace("%20", " ")](self)

    def body(self, data: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def endless(self, chunk: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        while True:
            self.wfile.write(chunk)

    def moved(self, place: str, code: int = 302) -> None:
        self.send_response(code)
        self.send_header("Location", place)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a body that is refused closes the connection."""


BODIES: dict[str, Send] = {
    "one bit": lambda s: s.body(bytes([_TEXT[0] ^ 1]) + _TEXT[1:]),
    "one byte less": lambda s: s.body(_TEXT[:-1]),
    "one byte more": lambda s: s.body(_TEXT + b"\n"),
    "other line ends": lambda s: s.body(_TEXT.replace(b"\n", b"\r\n")),
    "another text": lambda s: s.body(_TEXT.replace(b"world", b"globe")),
    "the halves swapped": lambda s: s.body(_TEXT[60_001:] + _TEXT[:60_001]),
    "nothing": lambda s: s.body(b""),
    "nothing of a length": lambda s: s.body(b"", len(_TEXT)),
    "half of a length": lambda s: s.body(_TEXT[:60_000], len(_TEXT)),
    "half": lambda s: s.body(_TEXT[:60_000]),
    "more than its length": lambda s: s.body(_TEXT * 2, len(_TEXT) - 10),
    "a length of 4 GB": lambda s: s.body(_TEXT, 1 << 32),
    "twenty times as much": lambda s: s.body(_TEXT * 20),
    "without end": lambda s: s.endless(_TEXT),
    "zeros without end": lambda s: s.endless(bytes(1 << 16)),
    "packed zeros": lambda s: s.body(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"),
    "packed badly": lambda s: s.body(gzip.compress(_TEXT)[:-40], Content_Encoding="gzip"),
    "chunks that are none": lambda s: s.body(b"zz\r\n" + _TEXT, Transfer_Encoding="chunked"),
    "a page of a hotel": lambda s: s.body(b"<html>Log in to the network</html>"),
    "an error": lambda s: s.send_error(500),
    "a circle": lambda s: s.moved("/a circle"),
    "a redirect to a file": lambda s: s.moved("file:///etc/passwd"),
    "a redirect to another text": lambda s: s.moved("/another text", 301),
    "a redirect nowhere": lambda s: s.moved("http://127.0.0.1:9/"),
    "no HTTP": lambda s: s.wfile.write(b"hello\r\n\r\n"),
}


@contextmanager
def _server() -> Iterator[str]:
    http = _Quiet(("127.0.0.1", 0), _Server)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()


def _refusal(url: str, allow_http: bool) -> str:
    """What is said when a text is fetched; empty if it is stored."""
    part = Part("stage.txt", url, _SHA256, len(_TEXT))
    entry = Entry("stage", "A stage", (part,), "", "", "", "text", verified=True)
    try:
        fetching.fetch(entry, allow_http=allow_http, retries=0, timeout=2)
    except RunError as error:
        return str(error)
    return ""


def check(rounds: int) -> str:
    """Fetch `rounds` bodies, each kind in turn; and one without permission for HTTP."""
    with _server() as address:
        for name in itertools.islice(itertools.cycle(BODIES), rounds):
            assert _refusal(f"{address}/{name}", allow_http=True), f"{name}: accepted"
            folder = paths.corpora()
            left = list(folder.iterdir()) if folder.exists() else []
            assert not left, f"{name}: left {left}"
            assert stored.find("stage") is None, name
        assert "--allow-http" in _refusal(f"{address}/one bit", allow_http=False), "HTTP without permission"
    return f"{rounds} bodies of {min(rounds, len(BODIES))} kinds: none accepted, nothing left"


def test_nothing_else_than_expected_is_stored() -> None:
    check(len(BODIES))
