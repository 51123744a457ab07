"""Character models side by side: losses on one text, sizes, speed, and a sample of each from one seed.

The text is read as that of the first model was. A character that one of the models does not know is read by all
and scored for none, so that every loss is a mean over the same predictions. Where all know all characters,
the losses are those of `infer/score.py`; those of a model that reads bytes are sums over the bytes of a character.
"""

import contextlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.amounts import count, figure, size
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.adapt import AdaptingLibraryModel
from lstmterm.infer.against import MOST
from lstmterm.infer.characters import starts_of
from lstmterm.infer.lstm import CharLSTM, Progress
from lstmterm.infer.model_text import (
    NoCopies,
    any_text,
    held_out_text,
    prompt_text,
    training_copies,
    training_text,
)
from lstmterm.infer.score import RESET, Score, surprisals, total
from lstmterm.infer.surprise import Measures
from lstmterm.infer.text_stream import TextStream
from lstmterm.models import library, model_file
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.character import AdaptPart
from lstmterm.spec.sampling import DEFAULT, Sampling
from lstmterm.stopwatch import Stopwatch

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
    return models


@dataclass(frozen=True, eq=False)
class SharedText:
    """A text of N characters that several models read."""

    name: str
    characters: str
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
        """The text at `place`, or else what the first model was not trained on of its text.

        Of both at most the first `MOST` characters. Raises `InputError` if there is none, or if it has
        nothing to score.
        """
        first = models[0][1]
        found = (
            held_out_text(first, progress) if place is None else any_text(first, place, encoding, progress)
        )
        notes = [*found.notes]
        if len(found.ids) > MOST:
            notes.append(f"Only the first {MOST:,} of {len(found.ids):,} characters are compared.")
        characters = found.characters(MOST)
        known = np.ones(len(characters), bool)
        for entry, card in models:
            vocabulary = card.vocabulary
            if vocabulary.level == "char":
                known &= vocabulary.encode(characters) != vocabulary.unknown
            trained = card.split.get("train", (0, 0)) if found.sha256 == card.corpus.get("sha256") else (0, 0)
            if max(found.span[0], trained[0]) < min(found.span[1], trained[1]):
                notes.append(f"{entry.name} was trained on this text or a part of it.")
        unknown = sorted({characters[k] for k in np.flatnonzero(~known).tolist()})
        if unknown:
            named = " ".join(unknown[:_MOST_NAMED])
            more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
            notes.append(
                f"Not all models know these characters, so they are read but not scored: {named}{more}"
            )
        if unknown and not known[1:].any():
            raise InputError(
                f"No character of {found.name} after the first is known to all of these models, so there is nothing to "
                "compare; use a text with characters that they were trained on."
            )
        return cls(found.name, characters, known, tuple(notes))

    def score(
        self, vocabulary: Vocabulary, losses: Callable[[np.ndarray], Iterable[np.ndarray]], doing: Progress
    ) -> Score:
        """The score of a model: `losses` gives those of all numbers of its vocabulary but the first, in arrays.

        Characters that some model does not know are left out. `doing` is called with the numbers done and in all.
        """
        ids = vocabulary.encode(self.characters)
        nats = np.empty(max(len(ids) - 1, 0), np.float32)
        done = 0
        for part in losses(ids):
            nats[done : done + len(part)] = part
            done += len(part)
            doing(done, len(nats))
        by_character = Measures.of_nats(nats).by_character(starts_of(vocabulary, self.characters)).nats
        return total([np.where(self.known[1:], by_character, np.float32(np.nan))], len(by_character))


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

    def scored(what: str, reset: int | None) -> Score:
        return text.score(
            card.vocabulary,
            lambda ids: surprisals(model, ids, reset=reset),
            lambda done, whole: doing(what, done, whole),
        )

    carried, reset = scored("scoring", None), scored("scoring, reset", RESET)
    copies = None
    with contextlib.suppress(NoCopies):
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
    return text.score(
        loaded.card.vocabulary, model.surprisals, lambda done, whole: doing("adapting", done, whole)
    )


def _written(model: CharLSTM, card: ModelCard, settings: SampleSettings, doing: Doing) -> tuple[str, float]:
    """The sample, and the characters written per second, measured on it and, if it is too short, on what follows."""
    stream = TextStream(model, card.vocabulary, sampling=settings.sampling, length=settings.length)
    stream.start(prompt_text(card, settings.prompt), [settings.seed])
    pieces: list[str] = []
    watch = Stopwatch()
    for chunk in stream.write():
        pieces.append(chunk.text)
        watch.read()
        if len(pieces) % _BEAT == 0:
            doing("writing", len(pieces), settings.length)
    written = stream.chars[0]
    stream.length = None
    for more, _ in enumerate(stream.write(), 1):
        if watch.read() >= _BRIEFLY and more % _BEAT == 0:
            written += more
            break
    return "".join(pieces), written / watch.read()


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
    return figure(score.nats_per_char) if score.chars else "–"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
