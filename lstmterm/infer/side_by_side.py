"""Character models side by side: losses on one text, sizes, speed, and a sample of each from one seed.

The text is read as that of the first model was. A character that one of the models does not know is read by all
and scored for none, so that every loss is a mean over the same predictions. Where all know all characters,
the losses are those of `infer/score.py`.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.amounts import count, size
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.adapt import AdaptingLibraryModel
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import (
    any_corpus,
    held_out_corpus,
    prompt_text,
    refuse_other_level,
    renumbered,
    training_copies,
    training_text,
)
from lstmterm.infer.score import RESET, Score, surprisals, total
from lstmterm.infer.text_stream import TextStream
from lstmterm.models import library, model_file
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.character import AdaptPart
from lstmterm.spec.sampling import DEFAULT, Sampling

MOST = 1_000_000  # characters of the text
SHOWN_SHARE = 16  # characters of the windows whose copied share is shown
_BRIEFLY = 0.5  # seconds of writing in which the speed is measured, at least
_BEAT = 64  # characters written between looks at the clock
_MOST_NAMED = 20  # unknown characters in a note

Models = Sequence[tuple[ModelEntry, ModelCard]]
Doing = Callable[
    [str, int, int | None], None
]  # what is done, how much of it, and of how much; may raise to stop


def chosen(references: Sequence[str]) -> Models:
    """The models that these name, with their cards. Raises `InputError` unless they are two or more of one kind."""
    if len(references) < 2:
        raise InputError("Name at least two models to compare.")
    entries = [library.find(reference) for reference in references]
    models = [(entry, model_file.describe(entry.path)) for entry in entries]
    first, card = models[0]
    for entry, other in models[1:]:
        if other.kind != card.kind:
            tagger, character = (first, entry) if card.kind == "tagger" else (entry, first)
            raise InputError(
                f"{tagger.name!r} is a tagger and {character.name!r} a character model; compare models of one kind."
            )
        if card.kind == "charlm":
            refuse_other_level(card, other)
    return models


@dataclass(frozen=True)
class SharedText:
    """A text that several models read, N characters."""

    name: str
    vocabulary: Vocabulary  # the text's own
    ids: np.ndarray  # (N,), in that vocabulary
    known: np.ndarray  # (N,), bool: whether all models know the character
    notes: tuple[str, ...]  # for the user

    @classmethod
    def of(
        cls,
        models: Models,
        place: str | None = None,
        encoding: str | None = None,
        progress: Doing | None = None,
    ) -> "SharedText":
        """The text at `place`, or else the part of the first model's text that it was not trained on.

        Of both at most the first `MOST` characters. Raises `InputError` if there is none.
        """
        first = models[0][1]
        if place is None:
            corpus, span, split = held_out_corpus(first, progress)
            name, notes = f"{corpus.name}, {split}", []
        else:
            corpus = any_corpus(first, place, encoding, progress)
            name, span = corpus.name, (0, len(corpus))
            notes = [] if first.vocabulary.level == "byte" else [*corpus.notes]
        if span[1] - span[0] > MOST:
            notes.append(f"Only the first {MOST:,} of {span[1] - span[0]:,} characters are read.")
            span = span[0], span[0] + MOST
        ids = np.asarray(corpus.ids[slice(*span)])
        known = np.append(np.ones(len(corpus.vocabulary), bool), False)
        for entry, card in models:
            numbers = renumbered(np.arange(len(known)), corpus.vocabulary, card.vocabulary)
            known &= numbers != card.vocabulary.unknown
            if corpus.sha256 == card.corpus.get("sha256") and _overlap(span, card.split.get("train", (0, 0))):
                notes.append(f"{entry.name} was trained on this text or a part of it.")
        notes += _unknown(corpus.vocabulary, np.unique(ids[~known[ids]]))
        return cls(name, corpus.vocabulary, ids, known[ids], tuple(notes))

    def score(
        self, losses: Iterable[np.ndarray], doing: Callable[[int, int], None] = lambda done, whole: None
    ) -> Score:
        """The score of a model's losses on the text, without the characters that some model does not know."""

        def alike() -> Iterator[np.ndarray]:
            position = 1
            for part in losses:
                yield np.where(self.known[position : position + len(part)], part, np.float32(np.nan))
                position += len(part)

        return total(alike(), len(self.ids) - 1, doing)


def _unknown(vocabulary: Vocabulary, left_out: np.ndarray) -> Iterator[str]:
    """What to say of characters that some model does not know, (K,)."""
    if len(left_out):
        named = " ".join(vocabulary.each(left_out[:_MOST_NAMED]))
        more = f" and {len(left_out) - _MOST_NAMED} more" if len(left_out) > _MOST_NAMED else ""
        yield f"Not all models know these characters, so they are read but scored for none: {named}{more}"


@dataclass(frozen=True)
class SampleSettings:
    """How every model writes its sample."""

    seed: int
    length: int = 500  # characters
    prompt: str = ""
    sampling: Sampling = DEFAULT


@dataclass(frozen=True)
class CharacterFigures:
    """What was measured of a model."""

    entry: ModelEntry
    card: ModelCard
    carried: Score  # the state carried through the text
    reset: Score  # reset every `RESET` characters
    sample: str
    chars_per_second: float  # written
    copied: dict[str, float] | None  # by the sample, as of `Copying.figures`; None without the training text
    adapted: Score | None = None  # learning from the text; None unless asked for

    @property
    def name(self) -> str:
        """Of the model."""
        return self.entry.name

    def cells(self) -> dict[str, str]:
        """The figures in a few characters each, by their headings; losses are in nats per character."""
        copied = math.nan if self.copied is None else self.copied.get(f"share_{SHOWN_SHARE}", math.nan)
        adapted = {} if self.adapted is None else {"adapted": _loss(self.adapted)}
        return {
            **size_cells(self.card),
            "loss": _loss(self.carried),
            "reset": _loss(self.reset),
            **adapted,
            "chars/s": count(self.chars_per_second),
            "copied": "–" if math.isnan(copied) else f"{copied:.1%}",
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        adapted = (
            {} if self.adapted is None else {"nats_per_char_adapted": _finite(self.adapted.nats_per_char)}
        )
        return {
            **size_facts(self.entry, self.card),
            "chars": self.carried.chars,
            "unknown": self.carried.unknown,
            "nats_per_char": _finite(self.carried.nats_per_char),
            "bits_per_char": _finite(self.carried.bits_per_char),
            "nats_per_char_reset": _finite(self.reset.nats_per_char),
            **adapted,
            "chars_per_second": round(self.chars_per_second, 1),
            "copied": self.copied,
            "sample": self.sample,
        }


def measured(
    entry: ModelEntry,
    text: SharedText,
    settings: SampleSettings,
    doing: Doing = lambda what, done, whole: None,
) -> CharacterFigures:
    """Everything about a model but its adapted loss."""
    loaded = model_file.load(entry.path)
    card, model = loaded.card, CharLSTM.from_tensors(loaded.tensors)
    ids = renumbered(text.ids, text.vocabulary, card.vocabulary)
    carried = text.score(surprisals(model, ids), lambda done, whole: doing("scoring", done, whole))
    reset = text.score(
        surprisals(model, ids, reset=RESET), lambda done, whole: doing("scoring, reset", done, whole)
    )
    copies = training_copies(card, doing)
    sample, speed = _written(model, card, settings, doing)
    copied = None if copies is None else copies.copying(sample).figures()
    return CharacterFigures(entry, card, carried, reset, sample, speed, copied)


def adapted(entry: ModelEntry, text: SharedText, doing: Doing = lambda what, done, whole: None) -> Score:
    """The loss of a copy of the model that learns from the text while it reads it, with the default settings."""
    loaded = model_file.load(entry.path)
    training = training_text(loaded.card, doing)
    model = AdaptingLibraryModel(
        loaded, AdaptPart(), training, lambda done, whole: doing("reading the training text", done, whole)
    )
    ids = renumbered(text.ids, text.vocabulary, loaded.card.vocabulary)
    return text.score(model.surprisals(ids), lambda done, whole: doing("adapting", done, whole))


def _written(model: CharLSTM, card: ModelCard, settings: SampleSettings, doing: Doing) -> tuple[str, float]:
    """The sample, and the characters written in a second: of it and, if that took too little time, what follows."""
    stream = TextStream(model, card.vocabulary, sampling=settings.sampling, length=settings.length)
    stream.start(prompt_text(card, settings.prompt), [settings.seed])
    pieces: list[str] = []
    began = time.perf_counter()
    for chunk in stream.write():
        pieces.append(chunk.text)
        if len(pieces) % _BEAT == 0:
            doing("writing", len(pieces), settings.length)
    written = stream.chars[0]
    stream.length = None
    for more, _ in enumerate(stream.write(), 1):
        if more % _BEAT == 0 and time.perf_counter() - began >= _BRIEFLY:
            written += more
            break
    return "".join(pieces), written / (time.perf_counter() - began)


def size_cells(card: ModelCard) -> dict[str, str]:
    """A model's size in a few characters each, by their headings."""
    return {"size": card.shape, "params": count(_parameters(card)), "file": size(card.bytes)}


def size_facts(entry: ModelEntry, card: ModelCard) -> dict[str, Any]:
    """A model's name and size as plain data."""
    layers, hidden = card.sizes.get("layers"), card.sizes.get("hidden")
    facts = {"layers": layers, "hidden": hidden, "parameters": _parameters(card), "bytes": card.bytes}
    return {"model": entry.name, "path": str(entry.path), **facts}


def _parameters(card: ModelCard) -> int:
    return sum(math.prod(shape) for shape in card.shapes.values())


def _loss(score: Score) -> str:
    return f"{score.nats_per_char:.3f}" if score.chars else "–"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _overlap(one: Sequence[int], other: Sequence[int]) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])
