"""A tagger's data: read, and split into training, validation and test.

Equal sentences stay in one part, so that no test sentence occurs in training. The split does not
depend on the run's seed, so that two seeds are compared on the same sentences.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstmterm import paths
from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import ciphers, treebank
from lstmterm.tagging.spans import Scheme, breaks, scheme_of
from lstmterm.tagging.treebank import Tagged, Treebank
from lstmterm.tagging.treebank.word_rows import HOW_TO_DIVIDE
from lstmterm.visible import short_name

MANY_TAGS = 500  # distinct ones; more look like a wrong column
_LONG_SENTENCE = 200  # words of a file without others, which is rather one that is not divided
_MOST_BROKEN = 0.1  # share of the tags of spans; if more break the rules, the data has other rules
_BREAKS_SHOWN = 5
CIPHER_PAIRS = {"train": 2_000, "dev": 200, "test": 500}


class UnusableFile(InputError):
    """A file that cannot be read as tagged data, or that is another than before; `role` is what it is for."""

    def __init__(self, role: str, sentence: str) -> None:
        super().__init__(sentence)
        self.role = role


@dataclass(frozen=True)
class TaggerData:
    """Tagged sentences for training, validation and test; the last two can be empty."""

    name: str
    source: str
    layout: str  # "conllu", "csv", "columns" or "cipher"
    column: str
    train: tuple[Tagged, ...]
    dev: tuple[Tagged, ...]
    test: tuple[Tagged, ...]
    sha256: dict[str, str]  # of the files, by their role
    notes: tuple[str, ...]  # sentences for the user about what was chosen
    scheme: Scheme | None = None  # of spans, to decode by its rules


def part_of(source: str, given: Mapping[str, Any]) -> DataPart:
    """The part of a spec for this data with these knobs; files are named by their absolute paths."""
    files = {role: paths.absolute_argument(given[role]) for role in ("dev", "test") if given.get(role)}
    level = {"level": "char"} if ciphers.is_cipher(source) else {}
    return DataPart.from_dict(
        {**level, **given, **files, "source": paths.absolute_argument(source), "name": ""}
    )


def read(part: DataPart) -> TaggerData:
    """The data that a spec describes; with folds, all of it but dev and test files is for training.

    Raises `UnusableFile` for one that cannot be read this way, or whose hash is not the spec's, and other
    `InputError`s.
    """
    if not ciphers.is_cipher(part.source):
        return _files(part)
    data = _cipher(part)
    return replace(data, train=(*data.train, *data.dev, *data.test), dev=(), test=()) if part.folds else data


def for_fold(data: TaggerData, part: DataPart, fold: int) -> TaggerData:
    """The data of one of `part.folds` folds: it is the test part, and the next one the validation part
    unless there is a file for it."""
    folds = _shared_out(data.train, [1 / part.folds] * part.folds)
    held_out = {fold} if data.dev else {fold, (fold + 1) % part.folds}
    rest = tuple(s for k, sentences in enumerate(folds) if k not in held_out for s in sentences)
    if not rest or not folds[fold]:
        raise InputError(f"{data.name} has too few distinct sentences for {part.folds} folds.")
    dev = data.dev or folds[(fold + 1) % part.folds]
    return replace(data, train=rest, dev=dev, test=folds[fold])


def doubt(data: TaggerData, level: str) -> str:
    """Why the columns may be the wrong ones, without a full stop; "" if they look right."""
    if data.layout == "cipher":
        return ""
    tags, column = treebank.tag_counts(data.train), short_name(data.column)
    if len(tags) > MANY_TAGS:
        return f"The column {column} has {len(tags):,} distinct tags, so it may be the wrong one"
    if len(tags) == 1:
        return f"The column {column} has a single tag, {short_name(next(iter(tags)))}, so it may be the wrong one"
    if level != "word":
        return ""
    words = [word for sentence in data.train for word in sentence.words]
    if 2 * sum(_is_number(word) for word in words) > len(words):
        return f"Most words are numbers, such as {short_name(words[0])}, so the column of the words may be the wrong one"
    if undivided := _undivided(data.source, data.layout, data.train):
        return undivided
    if len(data.train) > 1 and len(words) == len(data.train):
        if data.layout == "csv":
            return f"Every row has a single word; if a sentence takes several rows, {HOW_TO_DIVIDE}"
        return "Every sentence has a single word, so the sentences may be split wrongly"
    return ""


def _undivided(source: str, layout: str, sentences: Sequence[Tagged]) -> str:
    """What is wrong with a file that is one long sentence, without a full stop; "" for another."""
    if len(sentences) != 1 or len(sentences[0].words) < _LONG_SENTENCE:
        return ""
    how = HOW_TO_DIVIDE if layout == "csv" else "leave a line empty after each sentence"
    return f"All {len(sentences[0].words):,} words of {source} are one sentence; {how}"


def _is_number(word: str) -> bool:
    return word.translate({ord(mark): None for mark in ".,:-"}).isnumeric()


def _cipher(part: DataPart) -> TaggerData:
    cipher = ciphers.parse(part.source)
    if part.level != "char":
        raise InputError(f"{part.source} is deciphered letter by letter; it needs the level char.")
    splits = {
        role: tuple(Tagged(tuple(text), tuple(plain)) for text, plain in cipher.pairs(count, [0, i]))
        for i, (role, count) in enumerate(CIPHER_PAIRS.items())
    }
    note = f"{part.source}: random strings of 4 to 64 characters; test and training strings are drawn separately."
    train, dev, test = splits["train"], splits["dev"], splits["test"]
    return TaggerData(cipher.name, part.source, "cipher", "plain", train, dev, test, sha256={}, notes=(note,))


def _files(part: DataPart) -> TaggerData:
    found = treebank.files(part.source, part.dev, part.test)
    if lost := next((role for role in part.sha256 if role not in found), None):
        raise UnusableFile(lost, f"{part.source} no longer has a {lost} file.")
    files = {
        role: _read(role, source, part)
        for role, source in found.items()
        if role == "train" or role in (part.sha256 or found)
    }
    data = files["train"]
    scheme, about_spans = _scheme(data, part.level)
    tags = treebank.tag_counts(data.sentences)
    notes = [
        f"{data.name}: tags from the column {short_name(data.column)}, {treebank.tag_summary(tags)}; "
        f"{plural(len(data.sentences), 'sentence')}, {plural(data.words, 'word')}."
    ]
    notes += dict.fromkeys(sentence for bank in files.values() for sentence in bank.notes)
    shares = [0.0 if "dev" in files else part.val_share, 0.0 if "test" in files else part.test_share]
    if part.folds:
        shares = [0.0, 0.0]
    if sum(shares) > 0.9:
        raise InputError(
            "--val and --test-share together must leave at least a tenth of the data for training."
        )
    dev, test, train = _shared_out(data.sentences, [*shares, 1 - sum(shares)])
    if not train:
        raise InputError(
            f"{undivided}."
            if part.level == "word" and (undivided := _undivided(data.source, data.layout, data.sentences))
            else f"{data.source} has too few distinct sentences to hold some out; set the shares held out to 0 (--val 0 --test-share 0)."
        )
    notes += about_spans
    return TaggerData(
        name=part.name or (data.name if found["train"] == part.source else part.source),
        source=data.source,
        layout=data.layout,
        column=data.column,
        train=train,
        dev=files["dev"].sentences if "dev" in files else dev,
        test=files["test"].sentences if "test" in files else test,
        sha256={role: bank.sha256 for role, bank in files.items()},
        notes=tuple(notes),
        scheme=scheme,
    )


def _scheme(bank: Treebank, level: str) -> tuple[Scheme | None, list[str]]:
    """The span scheme to decode by, and sentences about it; None for other tags and where most break its rules."""
    counts = treebank.tag_counts(bank.sentences)
    found = scheme_of(counts.elements()) if level == "word" else None
    if found is None:
        return None, []
    broken = [(s, i) for s in bank.sentences for i in breaks(s.tags, found)]
    if len(broken) > _MOST_BROKEN * (counts.total() - counts["O"]):
        return None, [
            f"The tags look like {found.upper()} spans but many break its rules, as in {_place(bank, *broken[0])}, "
            "so each word is tagged on its own."
        ]
    notes = [f"The tags are {found.upper()} spans; they are decoded by its rules."]
    if broken:
        places = "; ".join(_place(bank, *place) for place in broken[:_BREAKS_SHOWN])
        more = f" and {len(broken) - _BREAKS_SHOWN:,} more" if len(broken) > _BREAKS_SHOWN else ""
        break_them = "breaks" if len(broken) == 1 else "break"
        notes.append(f"{plural(len(broken), 'tag')} {break_them} these rules: {places}{more}.")
    return found, notes


def _place(bank: Treebank, sentence: Tagged, i: int) -> str:
    """Where a tag is, in words."""
    before = short_name(sentence.tags[i - 1]) if i else "the start"
    return f"{bank.source}, line {sentence.lines[i]} ({short_name(sentence.tags[i])} after {before})"


def _read(role: str, source: str, part: DataPart) -> Treebank:
    try:
        bank = treebank.read(
            source, level=part.level, column=part.column, text_column=part.text_column, encoding=part.encoding
        )
    except InputError as error:
        raise UnusableFile(role, str(error)) from None
    if part.sha256.get(role, bank.sha256) != bank.sha256:
        raise UnusableFile(role, f"{source} has changed since the run began; restore the original file.")
    return bank


def _shared_out(sentences: Sequence[Tagged], shares: Sequence[float]) -> list[tuple[Tagged, ...]]:
    """The sentences in parts of about these shares; equal sentences in one part, each part in file order."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, sentence in enumerate(sentences):
        groups[sentence.words].append(i)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(groups))
    rows = list(groups.values())
    ends = np.cumsum(shares) * len(sentences)
    parts: list[list[int]] = [[] for _ in shares]
    taken, part = 0, 0
    for g in order:
        while part < len(shares) - 1 and taken + len(rows[g]) / 2 > ends[part]:
            part += 1
        parts[part] += rows[g]
        taken += len(rows[g])
    return [tuple(sentences[i] for i in sorted(chosen)) for chosen in parts]
