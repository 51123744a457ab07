"""Files of tags that nobody would write, and files that anybody would: read, written and read again."""

import io
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Source, Tagged

PROMISE = (
    "Any CoNLL-U, CSV or TSV file is read or refused in a sentence; what is read is kept byte for byte, "
    "and with other tags it is read with these"
)
LONG = 10_000

LAYOUTS = ("conllu", "csv", "columns")
WORD_ROWS = "word rows"  # CSV with a word in each row
CODECS = ("utf-8", "utf-16", "cp1252")
LEVELS = ("word", "char", "sequence")
PIECES = [
    "1", "2", "1-2", "8.1", "a", "the", "é", "e\u0301", "👍🏽", "O", "B-X", "I-X", "_", "N", "text", "tag", "label", "word",
    "sep=;", "# id 1", "#", "-DOCSTART-", " ", "\u00a0", "\u3000", "\ufeff", "\x00", "\x1c", "\u2028", '"', "'", "|", "=", "Number=Sing",
]  # fmt: skip
MARKS = ["\t", "\t", ",", ";", "|", " ", "\n", "\n", "\r\n", "\r", "\n\n"]
CELLS = st.one_of(st.sampled_from(PIECES), st.text(max_size=4))
WILD = st.lists(st.tuples(CELLS, st.sampled_from(MARKS)), max_size=30).map(
    lambda rows: "".join(map("".join, rows))
)
COLUMNS = st.sampled_from(
    [None, None, None, "1", "2", "3", "4", "tag", "UPOS", "feats.Number", "misc.X", "label", "?"]
)

PLAIN = st.text(
    st.characters(categories=["L", "M", "N", "P", "S"], exclude_characters="#_\ufeff"), min_size=1, max_size=6
)
TAG = st.text(st.characters(categories=["Lu"]), min_size=1, max_size=4)
SENTENCES = st.lists(st.lists(st.tuples(PLAIN, TAG), min_size=1, max_size=6), min_size=1, max_size=4)
MADE = (
    SENTENCES,
    st.sampled_from([*LAYOUTS, WORD_ROWS]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 2), st.one_of(CELLS, st.sampled_from(MARKS))), max_size=3
)


def lines(text: str) -> io.StringIO:
    """The lines of a text as the readers get them."""
    return io.StringIO(text, newline="\n")


def try_damaged(file: tuple[Any, ...], edits: list[tuple[float, int, str]], *how: Any) -> str:
    """Read a well-made file after some edits."""
    return try_wild(mutated(made(*file), edits), file[1], *how)


def try_wild(text: str, layout: Any, level: Any, columns: tuple[str | None, str | None]) -> str:
    """Read a file that may be anything; returns how it ended."""
    where, layout = Source("it", level, *columns), read_as(layout)
    try:
        blocks = list(treebank.blocks(lines(text), where, layout=layout)[1])
        kept = "".join(
            block.with_tags(block.tags)
            for block in blocks
            if len(block.tags) == len(block.words) or not block.words
        )
        whole = all(len(block.tags) == len(block.words) for block in blocks)
        assert not whole or kept == text or any(getattr(b, "adds_column", False) for b in blocks), (
            "not kept as it was"
        )
        for block in blocks:
            if level != "char":  # a deciphered character may be a space
                assert all(tag == tag.strip() for tag in block.tags), "white space in a tag"
            new = ["NEW"] * (1 if level == "sequence" else len(block.words))
            if block.words:
                block.with_tags(new)
        read = [sentence for sentence, _ in treebank.tagged(iter(blocks), where)]
    except InputError:
        return "refused"
    return "read" if read else "empty"


def tagged(sentences: list[list[tuple[str, str]]]) -> list[Tagged]:
    """Words and tags as sentences."""
    return [Tagged(tuple(w for w, _ in rows), tuple(t for _, t in rows)) for rows in sentences]


def made(sentences: list[list[tuple[str, str]]], layout: str, mark: str, end: str) -> str:
    """A file as anybody would write it."""
    if layout == "conllu":
        text = "".join(treebank.conllu.written(s.words, s.tags, "UPOS") for s in tagged(sentences))
    elif layout == "csv":
        quoted = [(" ".join(s.words).replace('"', '""'), " ".join(s.tags)) for s in tagged(sentences)]
        text = f"text{mark}tag\n" + "".join(f'"{words}"{mark}{tags}\n' for words, tags in quoted)
    elif layout == WORD_ROWS:
        cells = [[(w.replace('"', '""'), t) for w, t in rows] for rows in sentences]
        text = f"word{mark}tag\n" + "\n".join("".join(f'"{w}"{mark}{t}\n' for w, t in rows) for rows in cells)
    else:
        text = "\n".join("".join(f"{w}\t{t}\n" for w, t in rows) for rows in sentences)
    return text.replace("\n", end)


def read_as(layout: str) -> Any:
    """The layout that files made in `layout` are read in."""
    return "csv" if layout == WORD_ROWS else layout


def mutated(text: str, edits: list[tuple[float, int, str]]) -> str:
    """A text with pieces put in the place of some characters, each at a share of its length."""
    for share, length, piece in edits:
        at = int(share * len(text))
        text = text[:at] + piece + text[at + length :]
    return text


def try_made(sentences: list[list[tuple[str, str]]], layout: str, mark: str, end: str) -> None:
    """Read a well-made file; write other tags into it, and read it again."""
    wanted, text = tagged(sentences), made(sentences, layout, mark, end)
    where, read_layout = Source("it"), read_as(layout)
    blocks = list(treebank.blocks(lines(text), where, layout=read_layout)[1])
    assert [s for s, _ in treebank.tagged(blocks, where)] == wanted
    assert "".join(b.with_tags(b.tags) for b in blocks) == text
    written = "".join(b.with_tags([f"x{tag}" for tag in b.tags]) for b in blocks)
    again = treebank.blocks(lines(written), where, layout=read_layout)[1]
    changed = [Tagged(s.words, tuple(f"x{tag}" for tag in s.tags)) for s in wanted]
    assert [s for s, _ in treebank.tagged(again, where)] == changed


def try_bytes(folder: Path, data: bytes, suffix: str, level: Any) -> str:
    """Read a file of any bytes by its path."""
    path = folder / f"file{suffix}"
    path.write_bytes(data)
    try:
        treebank.read(str(path), level=level)
    except InputError:
        return "refused"
    return "read"


def check(rounds: int) -> str:
    """Try `rounds` damaged files, as many well-made ones, and a fifth as many that are nothing of the kind."""
    seen: Counter[str] = Counter()

    def seeing(kind: str, trial: Callable[..., str]) -> Callable[..., None]:
        return lambda *arguments: seen.update([f"{kind} {trial(*arguments)}"])

    levels, columns = st.sampled_from(LEVELS), st.tuples(COLUMNS, COLUMNS)
    coded = st.tuples(
        st.one_of(WILD, st.tuples(*MADE).map(lambda file: made(*file))), st.sampled_from(CODECS)
    )
    some_bytes = st.one_of(
        st.binary(max_size=200), coded.map(lambda pair: pair[0].encode(pair[1], "replace"))
    )
    with tempfile.TemporaryDirectory() as folder:
        by_path = seeing("bytes", lambda *file: try_bytes(Path(folder), *file))
        each(
            rounds,
            seeing("damaged", try_damaged),
            st.tuples(*MADE),
            EDITS,
            st.just("word"),
            st.just((None, None)),
        )
        each(rounds, try_made, *MADE)
        each(rounds // 5, seeing("damaged", try_damaged), st.tuples(*MADE), EDITS, levels, columns)
        each(rounds // 5, seeing("wild", try_wild), WILD, st.sampled_from(LAYOUTS), levels, columns)
        each(rounds // 5, by_path, some_bytes, st.sampled_from([".conllu", ".csv", ".tsv", ".txt"]), levels)
    counts = {
        kind: sum(n for name, n in seen.items() if name.startswith(kind))
        for kind in ("damaged", "wild", "bytes")
    }
    return (
        f"{rounds:,} well-made files read, written with other tags and read again; {counts['damaged']:,} damaged ones "
        f"({seen['damaged refused']:,} refused), {counts['wild']:,} wild ones ({seen['wild refused']:,}), {counts['bytes']:,} "
        f"of any bytes ({seen['bytes refused']:,}): all others kept byte for byte, no other error"
    )


def each(rounds: int, trial: Callable[..., Any], *strategies: st.SearchStrategy[Any]) -> None:
    """Call a trial with drawn arguments. Raises `AssertionError` for any error of it."""

    @settings(
        max_examples=rounds, database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(st.tuples(*strategies))
    def run(arguments: tuple[Any, ...]) -> None:
        try:
            trial(*arguments)
        except Exception as error:
            raise AssertionError(f"{arguments!r}: {type(error).__name__}: {error}") from error

    run()


def test_any_tagged_file_is_read_or_refused(home: Path) -> None:
    assert "no other error" in check(150)
