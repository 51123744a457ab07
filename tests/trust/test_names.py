"""Hostile names through every command that takes one: nothing outside the data folder is touched."""

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstmterm import atomic, cli, paths
from lstmterm.models import library, model_file
from lstmterm.runs import storage
from tests import processes
from tests.character_models import TorchModel
from tests.processes import FAST
from tests.small import small_text

PROMISE = "Names stay inside: no name makes a command write, read or delete outside the data folder"
LONG = 500

_MANY = 100  # names from which some commands are also processes of their own, and some valid names are trained with

PLAIN = (
    *("", " ", ".", "..", "...", "/", "\\", "~", "~root", "-", "-rf", "--help", "--overwrite", "*", "?", "[a-z]*"),
    *("C:\\x", "\\\\server\\share", "file:///etc/passwd", "a:b", "a|b", "$(touch x)", "`touch x`", "a;b", "%2e%2e%2f"),
    *("a\0b", "\0", "a\nb", "\n", "a\rb", "a\tb", "a\x1b[2Jb", "a\x7fb", "a\x9bb", "a\u2028b", "\udcff", "\ud800x"),
    *("a\u202egnp.exe", "\u2066a", "\u200f", "a\u200bb", "\ufeffa", "．．／x", "a／b", "e\u0301", "Ａ", "\U0001f600"),
    *("x" * 100, "x" * 101, "x" * 255, "x" * 300, "ä" * 50, "ä" * 51, "ä" * 300, "漢" * 34, "x" * 5000),
    *("CON", "nul", "nul.txt", "com1", "LPT9.x", "aux ", "prn.", "a ", " a", "a.", ".a", "a.safetensors"),
    *("mine", "MINE", "Mine", "link", "LINK", "linked", "20250101-000000-linked", "shakespeare", "harbour", "Harbour"),
    *("mine.safetensors", "record.json", "settings.toml", "models", "..safetensors", ".lock", "lstmterm-tmp"),
)  # fmt: skip
BEFORE = ("../", "../../", "../../../", "../../../../", "./", "/", "//", "x/../../", "..\\..\\", "~/", "{world}/", "./{world}/")  # fmt: skip
INSIDE = (
    "outside",
    "outside.txt",
    "outside.safetensors",
    "outside/text.txt",
    "data/models/mine",
    "etc/passwd",
    "x",
)
AFTER = ("", "/", "/.", "/..", "\0", "\n", " ", ".", "\0.safetensors", "/record.json", "#", "?x", "%00")


def names(number: int, world: Path) -> list[str]:
    """The first `number` hostile names: those above, then random combinations."""
    draw, found = random.Random(1), dict.fromkeys(PLAIN)
    while len(found) < number:
        found[draw.choice(BEFORE).format(world=world) + draw.choice(INSIDE) + draw.choice(AFTER)] = None
    few = list(found)
    return few if number >= len(PLAIN) else random.Random(2).sample(few, number)


class Watched:
    """What this process opens, makes, moves and deletes, by its audit events, while `on`."""

    WRITES = (
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.mkdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
    )

    def __init__(self) -> None:
        self.on, self.read, self.written = False, list[str](), list[str]()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open" and isinstance(arguments[0], str | bytes):
            writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            (self.written if writes else self.read).append(os.fsdecode(arguments[0]))
        elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], str | bytes | os.PathLike):
            self.read.append(os.fsdecode(arguments[0]))
        elif event in self.WRITES:
            self.written += [
                os.fsdecode(a) for a in arguments[:2] if isinstance(a, str | bytes | os.PathLike)
            ]


_WATCHED: list[Watched] = []  # an audit hook cannot be removed, so there is one


class World:
    """A folder with a data folder in it, and beside that what must not be touched."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder.resolve(), Path(os.environ["LSTMTERM_HOME"])
        self.text, self.tagged = self.home / "text.txt", self.home / "tagged.tsv"
        self.outside = self.folder / "outside"
        self.outside.mkdir(parents=True)
        model = TorchModel(hidden=4)
        for place in (self.outside, self.folder):
            for name in ("text.txt", "outside.txt", "record.json", "spec.json", "events.jsonl"):
                (place / name).write_text("do not touch this\n" * 20)
            model_file.write(
                place / "outside.safetensors", model.tensors(), model.metadata(name="../outside")
            )
        self.home.mkdir()
        self.text.write_text(small_text(2000))
        self.tagged.write_text("a\tX\nb\tY\n\n" * 40)
        self.hostile = self.home / "hostile.safetensors"
        self.before = self.state()

    def restore(self) -> None:
        """What commands may have removed or renamed."""
        model = TorchModel(hidden=4)
        for name in ("mine", "other"):
            if not paths.model(name).exists():
                model.publish(name)
        for link, target in (
            (paths.model("link"), self.folder / "outside.safetensors"),
            (paths.corpora() / "linked", self.outside),
            (paths.runs() / "20250101-000000-linked", self.outside),
        ):
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                if link.exists():
                    atomic.delete(link)
                link.symlink_to(target)

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file and folder outside the data folder."""
        found = {}
        for path in [self.folder, *self.folder.rglob("*")]:
            if self.home not in (path, *path.parents):
                status = path.lstat()
                content = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
        found.pop(str(self.folder))  # the data folder is made in it
        return found


def commands(world: World, name: str) -> Iterator[tuple[list[str], bool]]:
    """Every command with the name in each place; whether the place can also be a path, which may be read."""
    text, tagged = str(world.text), str(world.tagged)
    tiny = [*map(str, FAST), "--steps", "1", "--quiet"]
    yield ["train", text, *tiny, "--name", name], False
    yield ["train", text, *tiny, "--name", "inside", "--overwrite", "--run-id", name], False
    yield ["train-tagger", tagged, "--steps", "1", "--hidden", "4", "--quiet", "--name", name], False
    yield ["rename", "mine", "--", name], False
    yield ["rename", "--", name, "free"], False
    yield ["rename", "--overwrite", "--", "mine", name], False
    yield ["remove", "--", name], False
    yield ["import", str(world.home / "plain.safetensors"), "--name", name], False
    yield ["import", str(world.hostile)], False
    yield ["corpora", "add", text, "--name", name], False
    yield ["corpora", "add", text, "--overwrite", "--name", name], False
    yield ["corpora", "remove", "--", name], False
    yield ["corpora", "fetch", "--from", text, "--", name], False
    yield ["runs", "remove", "--", name], False
    for command in ("attach", "stop", "plot"):
        yield [command, "--", name], False
    if not name.endswith("linked"):  # a run that the user moved elsewhere is resumed there
        yield ["resume", "--", name], False
    yield ["score", "mine", text, "--adapt", "--save", name, "--quiet"], False
    yield ["generate", "--length", "1", "--", name], True
    yield ["score", "--quiet", "--", name, text], True
    yield ["tag", "--", name, text], True
    yield ["evaluate", "--", name, tagged], True
    yield ["show", "--", name], True
    yield ["export", "--overwrite", "--", name, str(world.home)], True
    yield ["corpora", "check", "--json", "--", name], True
    yield ["corpora", "add", "--overwrite", "--name", "added", "--", name], True
    yield ["train", *tiny, "--name", "inside", "--overwrite", "--from", name, text], True


def check(rounds: int) -> str:
    """Each of `rounds` names through every command in this process; of many, a third as a user starts it too."""
    if not _WATCHED:
        _WATCHED.append(Watched())
    home = os.environ["LSTMTERM_HOME"]
    tried = accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LSTMTERM_HOME"] = str(Path(folder).resolve() / "world" / "home")
        try:
            world = World(Path(folder).resolve() / "world")
            model = TorchModel(hidden=4)
            model_file.write(world.home / "plain.safetensors", model.tensors(), model.metadata(name="plain"))
            trained = 0
            for number, name in enumerate(names(rounds, world.folder)):
                with contextlib.suppress(UnicodeEncodeError):
                    model_file.write(world.hostile, model.tensors(), model.metadata(name=name))
                trained += _is_valid(name)
                for words, may_read in commands(world, name):
                    if words[0].startswith("train") and _is_valid(name) and trained > rounds // _MANY:
                        continue
                    world.restore()
                    accepted += _in_process(words, world, may_read) == 0
                    tried += 1
                if "\0" not in name and rounds >= _MANY and number % 3 == 0:
                    chosen = list(commands(world, name))
                    words = chosen[number // 3 % len(chosen)][0]
                    world.restore()
                    _in_a_process(Path(folder) / "out", words, world)
                    tried += 1
        finally:
            os.environ["LSTMTERM_HOME"] = home
    return f"{rounds} names in {tried} commands, {accepted} of them accepted: nothing outside was touched"


def _is_valid(name: str) -> bool:
    try:
        paths.plain_name(name)
    except paths.NameRejected:
        return False
    return True


def _in_process(words: list[str], world: World, may_read: bool) -> int:
    """The exit code of a command in this process, which is watched."""
    watched, errors = _WATCHED[0], io.StringIO()
    watched.read, watched.written = [], []
    output = io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape")
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b"a b\n"))
    code: Any = 0
    try:
        watched.on = True
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            cli.main(words)
    except SystemExit as end:
        code = end.code
    finally:
        watched.on, sys.stdin = False, stdin
    said = errors.getvalue()
    assert code in (0, 1, 2), f"{words}: exit code {code}"
    assert "This is a bug" not in said, f"{words}: {said}"
    for path in watched.written + ([] if may_read else watched.read):
        real = os.path.abspath(path)
        if real.startswith(f"{world.folder}/") or real == str(world.folder):
            assert real.startswith(f"{world.home}/"), f"{words} touched {path!r}"
        else:
            assert path not in words, f"{words} touched {path!r}"
    assert world.state() == world.before, f"{words} changed what is outside"
    return int(code)


def _in_a_process(folder: Path, words: list[str], world: World) -> None:
    """The same by its result on the disk, as a user starts it."""
    ended = processes.run(folder, *words)
    assert ended.process.exitcode in (0, 1, 2), f"{words}: {ended.process.exitcode}"
    assert "This is a bug" not in ended.err, f"{words}: {ended.err}"
    assert world.state() == world.before, f"{words} changed what is outside"
    shutil.rmtree(folder)


def test_names_stay_inside(home: Path) -> None:
    assert "nothing outside was touched" in check(12)


@pytest.mark.parametrize("kind", ["runs", "corpora", "models"])
def test_a_link_is_removed_and_not_what_it_points_to(kind: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "spec.json").write_text("{}")
    place = {"runs": paths.runs, "corpora": paths.corpora, "models": paths.models}[kind]()
    place.mkdir(parents=True)
    if kind == "models":
        (place / "link.safetensors").symlink_to(outside / "spec.json")
        library.remove("link")
    else:
        (place / "20250101-000000-link").symlink_to(outside)
        if kind == "runs":
            storage.remove(storage.find("link"))
        else:
            from lstmterm.corpora import stored

            stored._delete(place / "20250101-000000-link")
    assert os.listdir(place) == []
    assert os.listdir(outside) == ["spec.json"]
