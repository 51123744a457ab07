"""A tagger's data: read, and split into training, validation and test.

Equal sentences stay in one part, so that no test sentence occurs in training. The split does not
depend on the run's seed, so that two seeds are compared on the same sentences.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import ciphers, treebank
from lstmterm.tagging.spans import Scheme, follows_rules, scheme_of
from lstmterm.tagging.treebank import Tagged, Treebank

CIPHER_PAIRS = {"train": 2_000, "dev": 200, "test": 500}


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


def read(part: DataPart) -> TaggerData:
    """The data that a spec describes; with folds, all of it but dev and test files is for training.

    Raises `InputError` for files that cannot be read this way, or whose hash is not the spec's.
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


def scheme(data: TaggerData, level: str) -> Scheme | None:
    """The span scheme to decode by; None for other tags, and for data that breaks its rules."""
    found = scheme_of(treebank.tag_counts(data.train)) if level == "word" else None
    return found if found and follows_rules((s.tags for s in data.train), found) else None


def _cipher(part: DataPart) -> TaggerData:
    cipher = ciphers.parse(part.source)
    if part.level != "char":
        raise InputError(f"{part.source} is deciphered letter by letter; it needs the level char.")
    splits = {
        role: tuple(Tagged(tuple(text), tuple(plain)) for text, plain in cipher.pairs(count, [0, i]))
        for i, (role, count) in enumerate(CIPHER_PAIRS.items())
    }
    note = f"{part.source}: random strings of 4 to 64 characters; test and training strings are drawn separately."
    return TaggerData(cipher.name, part.source, "cipher", "plain", **splits, sha256={}, notes=(note,))


def _files(part: DataPart) -> TaggerData:
    files = {"train": _read("train", part.source, part)}
    for role, source in (("dev", part.dev), ("test", part.test)):
        if source:
            files[role] = _read(role, source, part)
    data = files["train"]
    tags = treebank.tag_counts(data.sentences)
    notes = [
        f"{data.name}: tags from the column {data.column}, {treebank.tag_summary(tags)}; "
        f"{plural(len(data.sentences), 'sentence')}, {plural(data.words, 'word')}."
    ]
    notes += dict.fromkeys(sentence for bank in files.values() for sentence in bank.notes)
    shares = [0.0 if part.dev else part.val_share, 0.0 if part.test else part.test_share]
    if part.folds:
        shares = [0.0, 0.0]
    if sum(shares) > 0.9:
        raise InputError(
            "--val and --test-share together must leave at least a tenth of the data for training."
        )
    dev, test, train = _shared_out(data.sentences, [*shares, 1 - sum(shares)])
    if not train:
        raise InputError(
            f"{data.source} has too few distinct sentences to hold some out; use --val 0 --test-share 0."
        )
    if found := scheme_of(tags) if part.level == "word" else None:
        if follows_rules((s.tags for s in data.sentences), found):
            notes.append(f"The tags are {found.upper()} spans; they are decoded by its rules.")
        else:
            notes.append(
                f"The tags look like {found.upper()} spans but break its rules, so each word is tagged on its own."
            )
    return TaggerData(
        name=part.name or data.name,
        source=data.source,
        layout=data.layout,
        column=data.column,
        train=train,
        dev=files["dev"].sentences if "dev" in files else dev,
        test=files["test"].sentences if "test" in files else test,
        sha256={role: bank.sha256 for role, bank in files.items()},
        notes=tuple(notes),
    )


def _read(role: str, source: str, part: DataPart) -> Treebank:
    bank = treebank.read(source, level=part.level, column=part.column, encoding=part.encoding)
    if part.sha256.get(role, bank.sha256) != bank.sha256:
        raise InputError(f"{source} has changed since the run began; restore the file it was then.")
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


def baselines(data: TaggerData) -> dict[str, float]:
    """Baseline validation losses in nats: from the frequencies of tags, and from those of each word's tags."""
    if not data.dev:
        return {}
    tags = treebank.tag_counts(data.train)
    total, kinds = sum(tags.values()), len(tags) + 1
    by_word: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in data.train:
        if len(sentence.words) == len(sentence.tags):
            for word, tag in zip(sentence.words, sentence.tags, strict=True):
                by_word[word][tag] += 1

    def frequency(tag: str) -> float:
        return (tags[tag] + 1) / (total + kinds)

    scored = [(s, tag, i) for s in data.dev for i, tag in enumerate(s.tags) if tag in tags]
    if not scored:
        return {}
    losses = {"tag frequencies": -sum(math.log(frequency(tag)) for _, tag, _ in scored) / len(scored)}
    if by_word:
        nats = 0.0
        for sentence, tag, i in scored:
            counts = by_word.get(sentence.words[i], Counter())
            nats -= math.log((counts[tag] + frequency(tag)) / (counts.total() + 1))
        losses["each word's tags"] = nats / len(scored)
    return losses
