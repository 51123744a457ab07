"""Archives that unpack to far more than they are, lie, or name paths outside: refused, or read within limits."""

import gzip
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.trust.measuring import measured

PROMISE = "Archives do not explode: refused in 5 s of processor time and 200 MB, or read in 200 MB; nothing outside is written"
LONG = 22  # cases

_CONTAINER = b'<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
_BOMB = gzip.compress(b"a" * 100_000_000, 1)


def _zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _book(chapter: bytes, times: int = 1, package: bytes = b"") -> bytes:
    listed = (
        package
        or b'<package><manifest><item id="a" href="a.xhtml"/></manifest><spine>%b</spine></package>'
        % (b'<itemref idref="a"/>' * times)
    )
    return _zipped({"META-INF/container.xml": _CONTAINER, "p.opf": listed, "a.xhtml": chapter})


def _lying(size: int) -> bytes:
    """A zip file that says that its member has this size."""
    data = bytearray(_zipped({"a.txt": b"words " * 100_000}))
    struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, size)
    return bytes(data)


def _overlapping(times: int) -> bytes:
    """A zip file that lists one large member many times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * 10_000_000)
        archive.filelist.extend(archive.filelist * times)
    return buffer.getvalue()


def _listing(members: int) -> bytes:
    """A zip file that lists many empty members, made by hand since that is quicker."""
    entry = (
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    )
    listed = entry * members
    large = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, len(listed), 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(listed), 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return listed + large + locator + end


def _lzma() -> bytes:
    """A zip file with a damaged LZMA member that asks for a dictionary of 4 GB."""
    data = bytearray(_zipped({"a.txt": b"words " * 9_000}, zipfile.ZIP_LZMA))
    at = 30 + len("a.txt") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    data[at + 40] ^= 0xFF
    return bytes(data)


# A file's suffix, its bytes, and whether it may be read; the hostile names must leave nothing behind.
CASES: dict[str, tuple[str, Callable[[], bytes], bool]] = {
    "10 GB in gzip": (".gz", lambda: _BOMB * 100, False),
    "200 MB in gzip": (".gz", lambda: _BOMB * 2, False),
    "10 GB of NULs in gzip": (".gz", lambda: gzip.compress(bytes(100_000_000), 1) * 100, False),
    "200 MB in zip": (".zip", lambda: _zipped({"a.txt": b"a" * 200_000_000}), False),
    "200 MB in zip by bzip2": (".zip", lambda: _zipped({"a.txt": b"a" * 200_000_000}, zipfile.ZIP_BZIP2), False),
    "90 MB in zip by bzip2": (".zip", lambda: _zipped({"a.txt": b"a" * 90_000_000}, zipfile.ZIP_BZIP2), False),
    "90 MB in zip by LZMA": (".zip", lambda: _zipped({"a.txt": b"a" * 90_000_000}, zipfile.ZIP_LZMA), False),
    "a dictionary of 4 GB": (".zip", _lzma, False),
    "a size too small": (".zip", lambda: _lying(100), False),
    "a size too large": (".zip", lambda: _lying(50_000_000), True),
    "a size of 4 GB": (".zip", lambda: _lying(0xFFFFFFF0), False),
    "one member listed 1,000 times": (".zip", lambda: _overlapping(1_000), False),
    "200,000 members": (".zip", lambda: _listing(200_000), False),
    "3,000,000 members": (".zip", lambda: _listing(3_000_000), False),
    "a bomb in a zip file": (".zip", lambda: _zipped({"a.txt.gz": _BOMB}), False),
    "a zip file in gzip": (".gz", lambda: gzip.compress(_zipped({"a.txt": b"a" * 1_000_000})), False),
    "../ members": (".zip", lambda: _zipped({"../../out.txt": b"words\n", "/tmp/lstmterm-out.txt": b"more\n"}), True),
    "a book of comments": (".epub", lambda: _book(b"<!--" * 500_000), False),
    "a book of tags": (".epub", lambda: _book(b"<a '" * 500_000), False),
    "a chapter listed 100,000 times": (".epub", lambda: _book(b"<p>words</p>" * 9, 100_000), True),
    "a chapter of 100 MB": (".epub", lambda: _book(b"<p>words</p>" * 8_000_000), False),
    "a deep package": (".epub", lambda: _book(b"<p>x</p>", package=b"<a>" * 1_000_000), False),
}  # fmt: skip


def _try(name: str) -> tuple[float, int]:
    """Check an archive as a user does. Returns seconds of processor time, and MB of memory."""
    suffix, make, readable = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inside" / f"it{suffix}"
        path.parent.mkdir()
        path.write_bytes(make())
        found = measured("corpora", "check", str(path), home=f"{folder}/home")
        message = found.said
        assert found.code == (0 if readable else 2), f"{name}: {found.code}, {message[-300:]}"
        assert readable or len(message.splitlines()) == 1, f"{name}: {message[:300]}"
        assert "is a bug" not in message, f"{name}: {message[:300]}"
        assert {p.name for p in Path(folder).iterdir()} <= {"inside", "home"}, f"{name}: wrote outside"
        assert not Path("/tmp/lstmterm-out.txt").exists(), f"{name}: wrote outside"
    assert readable or found.seconds < 5, f"{name}: {found.seconds:.1f} s"
    assert found.memory < 200, f"{name}: {found.memory} MB"
    return found.seconds, found.memory


def check(rounds: int) -> str:
    """Try the first `rounds` archives, or all."""
    names = list(CASES)[:rounds]
    tried = [_try(name) for name in names]
    refused = sum(not CASES[name][2] for name in names)
    slowest = max(seconds for name, (seconds, _) in zip(names, tried, strict=True) if not CASES[name][2])
    largest = max(memory for _, memory in tried)
    return f"{refused} of {len(names)} refused, the others read; at most {slowest:.1f} s to refuse, and {largest} MB"


def test_archives_do_not_explode() -> None:
    check(2)
