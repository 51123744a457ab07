"""Checking a text: its figures, warnings, and what a character model can learn from it."""

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import plural
from lstmterm.corpora import baselines
from lstmterm.corpora.baselines import Baselines
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import Split, cut
from lstmterm.errors import InputError
from lstmterm.planning import text_size
from lstmterm.runs.comparison import listed

_BLOCK = 1 << 22  # characters counted at a time
_QUICK = 20_000_000  # characters up to which a text is checked at once
_RAREST = 12  # characters listed
_LARGE_VOCABULARY = 1_000
_RARE = 10  # occurrences below which a character is hardly learned
_MUCH_REPEATED = 0.2  # share of the characters
_LONG_LINE = 100_000  # characters
_MOST_LINES = 2_000_000  # that are compared with each other


@dataclass(frozen=True)
class CharacterCount:
    """A character (or a byte, as U+0000 to U+00FF) and how often it occurs."""

    character: str
    count: int


@dataclass(frozen=True)
class Checkup:
    """The figures of a text.

    `lines` counts lines that are not empty. `repeated_lines` is the share of them that occurred before,
    `repeated_characters` their share of the text. `split` is the default split of `train`, None if the
    text is too short.
    """

    name: str
    source: str
    sha256: str
    bytes: int | None
    characters: int
    encoding: str
    level: str
    symbols: int
    commonest: tuple[CharacterCount, ...]
    rarest: tuple[CharacterCount, ...]
    unknown: int
    lines: int
    longest_line: int
    repeated_lines: float
    repeated_characters: float
    split: Split | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    expectation: str
    plan: str  # what every plan for it keeps to
    baselines: Mapping[str, float]  # losses of simple methods on the validation part, nats per character
    counted: int  # characters at the end of the training part that they read; 0 without baselines


OfBaselines = Callable[[Corpus, Split], Baselines | None]


def check(
    corpus: Corpus, val: float = 0.05, test: float = 0.05, find: OfBaselines = baselines.of_all
) -> Checkup:
    """Check a corpus, in blocks: the time grows with its size, the memory does not.

    `find` finds the baselines: `baselines.known` takes no time.
    """
    counts = _counts(corpus, 0, len(corpus))
    lines = _Lines(corpus)
    warnings = [*_warnings(corpus, counts, lines)]
    try:
        split = cut(len(corpus), val, test)
        warnings += _unseen(corpus, split)
    except InputError as error:
        split = None
        warnings.append(str(error))
    simple = find(corpus, split) if split and split.val[1] > split.val[0] else None
    trained = split.train[1] - split.train[0] if split else len(corpus)
    known = counts[: len(corpus.vocabulary)]
    order = np.argsort(known, kind="stable")
    occurring = order[known[order] > 0]
    return Checkup(
        name=corpus.name,
        source=corpus.source,
        sha256=corpus.sha256,
        bytes=corpus.stored_bytes,
        characters=len(corpus),
        encoding=corpus.encoding,
        level=corpus.vocabulary.level,
        symbols=len(occurring),
        commonest=_symbols(corpus, known, occurring[::-1][: 3 * _RAREST]),
        rarest=_symbols(corpus, known, occurring[:_RAREST]),
        unknown=int(counts[len(corpus.vocabulary) :].sum()),
        lines=lines.count,
        longest_line=lines.longest,
        repeated_lines=lines.repeated,
        repeated_characters=lines.repeated_characters,
        split=split,
        notes=corpus.notes,
        warnings=tuple(warnings),
        expectation=text_size.expectation(trained).sentences,
        plan=text_size.planned_for(trained),
        baselines=simple.losses if simple else {},
        counted=simple.counted if simple else 0,
    )


def quick(corpus: Corpus, val: float, test: float) -> Checkup | None:
    """Check a corpus without a wait: baselines only if they are known, and None for a very long text."""
    return None if len(corpus) > _QUICK else check(corpus, val, test, baselines.known)


def _symbols(corpus: Corpus, counts: np.ndarray, ids: np.ndarray) -> tuple[CharacterCount, ...]:
    return tuple(CharacterCount(corpus.vocabulary.symbols[i], int(counts[i])) for i in ids.tolist())


def _counts(corpus: Corpus, start: int, stop: int) -> np.ndarray:
    """How often each number occurs in a range, shape (n + 1,), the unknown character last."""
    counts = np.zeros(len(corpus.vocabulary) + 1, dtype=np.int64)
    for block in range(start, stop, _BLOCK):
        counts += np.bincount(corpus.ids[block : min(block + _BLOCK, stop)], minlength=len(counts))
    return counts


class _Lines:
    """The lines of a text that are not empty: their number, the longest, and how many occurred before.

    Where there are very many, the repeated ones are counted among those with some hashes only, so that equal
    lines are counted together.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.count = self.longest = 0
        distinct = _Distinct()
        for start, stop in _line_ranges(corpus):
            if stop > start:
                self.count += 1
                self.longest = max(self.longest, stop - start)
                distinct.add(_hash(corpus.ids[start:stop]), stop - start)
        self.repeated, self.repeated_characters = distinct.repeated()


class _Distinct:
    """Lines by their hashes, with their lengths and how often they occur; at most `_MOST_LINES`, by their last bits."""

    def __init__(self) -> None:
        self._new = array("q"), array("q")  # hashes and lengths
        self._known = np.zeros((3, 0), np.int64)  # distinct hashes, their lengths, and how often each occurs
        self._mask = 0  # bits that are zero in the hashes that are kept

    def add(self, number: int, length: int) -> None:
        """Add a line by its hash."""
        if number & self._mask == 0:
            self._new[0].append(number)
            self._new[1].append(length)
            if len(self._new[0]) >= _MOST_LINES // 2:
                self._fold()

    def _fold(self) -> None:
        """Count the new lines with the known ones."""
        new = np.array([*map(np.array, self._new), np.ones(len(self._new[0]))], np.int64)
        hashes, lengths, times = np.concatenate([self._known, new], axis=1)
        distinct, first, which = np.unique(hashes, return_index=True, return_inverse=True)
        self._known = np.array([distinct, lengths[first], np.bincount(which, times)], np.int64)
        while self._known.shape[1] > _MOST_LINES // 2:
            self._mask = 2 * self._mask + 1
            self._known = self._known[:, self._known[0] & self._mask == 0]
        self._new = array("q"), array("q")

    def repeated(self) -> tuple[float, float]:
        """The share of the lines that occurred before, and that of their characters."""
        self._fold()
        _, lengths, times = self._known
        if not times.size:
            return 0.0, 0.0
        return 1 - times.size / int(times.sum()), 1 - int(lengths.sum()) / int((lengths * times).sum())


def _hash(line: np.ndarray) -> int:
    """A 64-bit hash of a line's numbers; a very long line is hashed without a copy."""
    if line.nbytes <= _LONG_LINE:
        return hash(line.tobytes())
    return int.from_bytes(hashlib.blake2b(line.data, digest_size=8).digest(), "little", signed=True)


def _line_ranges(corpus: Corpus) -> Iterator[tuple[int, int]]:
    """The (start, stop) of each line without its newline."""
    newline = corpus.vocabulary.symbols.find("\n")
    start = 0
    for block in range(0, len(corpus), _BLOCK):
        for end in (np.flatnonzero(corpus.ids[block : block + _BLOCK] == newline) + block).tolist():
            yield start, end
            start = end + 1
    yield start, len(corpus)


def _warnings(corpus: Corpus, counts: np.ndarray, lines: _Lines) -> Iterator[str]:
    known = counts[: len(corpus.vocabulary)]
    rare = int(((known > 0) & (known < _RARE)).sum())
    if corpus.vocabulary.level == "char":
        if len(corpus.vocabulary) > _LARGE_VOCABULARY:
            yield (
                f"{len(corpus.vocabulary):,} distinct characters make a model large and slow "
                "(--vocab-limit N keeps the N most frequent; --level byte needs only 256)."
            )
        elif rare > len(corpus.vocabulary) // 4 and len(corpus) > 20_000:
            yield (
                f"{rare:,} of {len(corpus.vocabulary):,} characters occur fewer than {_RARE} times, too few to "
                f"learn (--vocab-limit {max(len(corpus.vocabulary) - rare, 1)} leaves them out)."
            )
        position = corpus.vocabulary.symbols.find("\ufffd")
        if position >= 0:
            yield f"{int(counts[position]):,} characters are U+FFFD, which some program wrote for what it could not decode."
    if lines.repeated_characters > _MUCH_REPEATED and lines.count > 20 and corpus.floor is None:
        yield (
            f"{lines.repeated_characters:.0%} of the text is repeated lines; if whole passages are repeated, "
            "the validation loss is lower than on new text."
        )
    if lines.longest > _LONG_LINE:
        yield f"The longest line has {lines.longest:,} characters; that works, but a model will rarely end a line."


def _unseen(corpus: Corpus, split: Split) -> Iterator[str]:
    """Characters that do not occur in the training part cannot be learned."""
    train = _counts(corpus, *split.train)
    rest = _counts(corpus, split.val[0], split.test[1])
    unseen = (train == 0) & (rest > 0)
    if unseen.any():
        count = int(unseen.sum())
        yield (
            f"{plural(count, 'character')} of the validation or test part "
            f"({plural(int(rest[unseen].sum()), 'occurrence')}) {'is' if count == 1 else 'are'} not in the training part: no model can predict "
            f"{'it' if count == 1 else 'them'}."
        )


# In words


def rows(found: Checkup) -> list[tuple[str, str]]:
    """The figures of a checkup: titles and values; values that do not apply are empty."""
    unit = "bytes" if found.level == "byte" else "characters"
    return [
        ("text", found.source if found.source != "-" else "standard input"),
        ("size", "" if found.bytes is None else f"{found.bytes:,} bytes"),
        (unit, f"{found.characters:,}"),
        ("encoding", found.encoding),
        ("distinct", f"{found.symbols:,} {unit}: {_sample(found)}"),
        ("rarest", ", ".join(f"{_name(symbol, found.level)} {symbol.count:,}" for symbol in found.rarest)),
        ("unknown", f"{found.unknown:,}" if found.unknown else ""),
        ("lines", f"{found.lines:,}, the longest has {found.longest_line:,} {unit}"),
        ("repeated lines", f"{found.repeated_lines:.1%}, {found.repeated_characters:.1%} of the text"),
        ("split", _split(found)),
        ("baselines", _baselines(found)),
        ("SHA-256", found.sha256),
    ]


def sentences(found: Checkup) -> list[tuple[str, str]]:
    """The notes, warnings, expectation and plan of a checkup, each with its heading."""
    headed = (
        ("Note", found.notes),
        ("Warning", found.warnings),
        ("Expect", (found.expectation,)),
        ("Plan", (found.plan,)),
    )
    return [(heading, sentence) for heading, sentences in headed for sentence in sentences]


def _split(found: Checkup) -> str:
    if found.split is None:
        return ""
    parts = (("train", found.split.train), ("validation", found.split.val), ("test", found.split.test))
    return ", ".join(f"{name} {stop - start:,}" for name, (start, stop) in parts)


def _baselines(found: Checkup) -> str:
    """What a model has to beat, in bits."""
    if found.split is None or not found.baselines:
        return ""
    start, stop = found.split.train
    part = (
        f", by the last {found.counted:,} characters of the training part"
        if found.counted < stop - start
        else ""
    )
    unit = found.level.replace("char", "character")
    return f"{listed(found.baselines)} bits per {unit} of the validation part{part}"


def _sample(found: Checkup) -> str:
    """The most frequent characters in a row."""
    separator = " " if found.level == "byte" else ""
    return separator.join(_name(symbol, found.level) for symbol in found.commonest)


def _name(symbol: CharacterCount, level: str) -> str:
    """A character in visible form."""
    if level == "byte":
        return f"{ord(symbol.character):02x}"
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(symbol.character, symbol.character)
