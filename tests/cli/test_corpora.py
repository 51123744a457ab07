"""The commands of `lstmterm corpora`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.cli import main
from lstmterm.corpora import catalogue, stored

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lstmterm(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line; gives back its exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert isinstance(ended.value.code, int)
        out, err = capfd.readouterr()
        return ended.value.code, out, err

    return run


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    path = tmp_path / "poem.txt"
    path.write_bytes("Über allen Gipfeln\r\nIst Ruh.\r\n".encode() * 40)
    return path


def test_what_is_said_to_be_typed_next_can_be_typed(lstmterm: Run, poem: Path) -> None:
    message = lstmterm("corpora", "add", str(poem), "--name", "a poem")[2]
    assert "`lstmterm train 'a poem'`" in message


def test_a_text_is_added_listed_checked_and_removed(lstmterm: Run, poem: Path) -> None:
    assert lstmterm("corpora", "add", str(poem))[0] == 0
    listed = {line["name"]: line for line in map(json.loads, lstmterm("corpora", "--json")[1].splitlines())}
    assert listed["poem"]["origin"] == "own"
    assert listed["harbour"]["origin"] == "built-in"
    assert listed["tinyshakespeare"]["origin"] == "catalogue"
    code, out, _ = lstmterm("corpora", "check", "poem", "--json", "--val", "0.1", "--test", "0")
    found = json.loads(out)
    assert code == 0
    assert found["characters"] == 28 * 40
    assert found["split"] == {"train": [0, 1_008], "val": [1_008, 1_120], "test": [1_120, 1_120]}
    assert found["repeated_lines"] == pytest.approx(78 / 80)
    assert found["rarest"][0]["count"] == 40
    assert "too little" in found["expectation"]
    assert lstmterm("corpora", "remove", "poem")[0] == 0
    assert stored.find("poem") is None
    assert lstmterm("corpora", "check", "poem")[0] == 2


def test_a_check_reads_as_sentences(lstmterm: Run, poem: Path) -> None:
    code, out, _ = lstmterm("corpora", "check", str(poem))
    assert code == 0
    assert "80 CRLF line endings became LF" in out
    assert "of the text is repeated lines" in out
    assert "Expect: " in out


def test_nothing_from_a_text_reaches_the_terminal_raw(lstmterm: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil [red]\x1b[31m.txt"
    path.write_text("\x1b[31m[red]\u202e\x9b\n" * 400)
    for words in (["corpora", "check", str(path)], ["corpora", "add", str(path)]):
        _, out, err = lstmterm(*words)
        assert not {"\x1b", "\u202e", "\x9b"} & set(out + err)
    assert "[red]" in lstmterm("corpora", "check", str(path))[1]


def test_names_are_taken_once(lstmterm: Run, poem: Path) -> None:
    for name in ("harbour", "tinyshakespeare", "a.b", "../x", "-x"):
        assert lstmterm("corpora", "add", str(poem), f"--name={name}")[0] == 2
    assert lstmterm("corpora", "add", str(poem))[0] == 0
    assert "already" in lstmterm("corpora", "add", str(poem))[2]
    assert lstmterm("corpora", "add", str(poem), "--overwrite")[0] == 0
    assert "built in" in lstmterm("corpora", "remove", "harbour")[2]
    assert "no added or fetched corpus" in lstmterm("corpora", "remove", "nothing")[2]


def test_fetch_takes_a_copy_and_names_what_is_near(
    lstmterm: Run,
    poem: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = catalogue.Part("poem.txt", "http://127.0.0.1:9/poem.txt")
    entry = catalogue.Entry("gipfel", "A poem", (part,), "public domain", "German", "tests")
    monkeypatch.setattr(catalogue, "entries", lambda: {"gipfel": entry})
    code, _, err = lstmterm("corpora", "fetch", "gipfel", "--from", str(poem))
    assert code == 0
    assert "has no hash" in err
    assert stored.find("gipfel").sha256["poem.txt"] in err  # type: ignore[union-attr]
    assert "already here" in lstmterm("corpora", "fetch", "gipfel")[2]
    assert "Did you mean 'gipfel'" in lstmterm("corpora", "fetch", "gipfl")[2]
    assert "need not be fetched" in lstmterm("corpora", "fetch", "harbour")[2]
    assert lstmterm("corpora", "fetch", "gipfel", "--from", "./none.txt")[0] == 2


def test_a_check_warns_of_what_cannot_be_learned(lstmterm: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("x" * 150_000 + "\n" + "".join(map(chr, range(0x4E00, 0x4E00 + 1_200))) + "\ufffd")
    found = json.loads(lstmterm("corpora", "check", str(path), "--json")[1])
    message = " ".join(found["warnings"])
    for phrase in (
        "distinct characters make a model large",
        "U+FFFD",
        "longest line has 150,000",
        "not in the training part",
    ):
        assert phrase in message
    assert (
        json.loads(lstmterm("corpora", "check", str(path), "--json", "--vocab-limit", "2")[1])["unknown"]
        == 1_201
    )
    assert (
        json.loads(lstmterm("corpora", "check", str(path), "--json", "--level", "byte")[1])["level"] == "byte"
    )
