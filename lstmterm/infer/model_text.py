"""A text as a model reads it: the model's own training text, or any other, in its character numbers."""

import dataclasses
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from lstmterm import atomic
from lstmterm.corpora import builtin, scratch
from lstmterm.corpora.beginning import Beginning, beginning
from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.corpus import Corpus, open_corpus
from lstmterm.corpora.decoding import Changes, DecodeOptions, normalised
from lstmterm.corpora.documents import OnProgress, is_pipe
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.characters import text_of
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.character import READING

_LARGE = 1 << 24  # characters of a text that is not held in memory


@dataclass(frozen=True)
class Numbered:
    """A text in a model's character numbers: `ids` of shape (N,), of any unsigned type."""

    name: str
    sha256: str  # of the whole content from which it comes
    ids: np.ndarray


@dataclass(frozen=True)
class ModelText(Numbered):
    """A text that was read from a corpus, as a model reads it."""

    _corpus: Corpus
    _start: int = 0  # in the corpus
    notes: tuple[str, ...] = ()  # what was noticed while reading it, for the user

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends in the whole content, in numbers."""
        return self._start, self._start + len(self.ids)

    def each(self, part: slice) -> str:
        """A character for each number of a part, also for those that the model does not know."""
        start, stop = self._start + part.start, self._start + part.stop
        return self._corpus.vocabulary.each(self._corpus.ids[start:stop])

    def characters(self, most: int) -> str:
        """The characters of the first `most` numbers, also those that the model does not know."""
        stop = self._start + min(most, len(self.ids))
        return text_of(self._corpus.vocabulary, np.asarray(self._corpus.ids[self._start : stop]))


def own_text(
    card: ModelCard, split: str, progress: OnProgress | None = None, place: str | None = None
) -> ModelText:
    """A split of the model's own text, cut as for training, from its source or from another `place`."""
    return _part(*own_corpus(card, split, progress, place), split)


def _part(corpus: Corpus, span: tuple[int, int], split: str) -> ModelText:
    """A part of a corpus, which is read in the vocabulary of the model."""
    return ModelText(f"{corpus.name}, {split}", corpus.sha256, corpus.ids[slice(*span)], corpus, span[0])


def own_corpus(
    card: ModelCard, split: str, progress: OnProgress | None = None, place: str | None = None
) -> tuple[Corpus, tuple[int, int]]:
    """The model's own text, and where the split begins and ends in it. Raises `InputError` as `own_text` does."""
    source = place or card.corpus.get("source")
    sha256, span = card.corpus.get("sha256"), card.split.get(split)
    if not (isinstance(source, str) and isinstance(sha256, str) and _is_span(span)):
        raise InputError(f"{card.name!r} does not record the text that it was trained on; give a text.")
    if span[1] - span[0] < 2:
        raise InputError(f"{card.name!r} was trained without a {split} text; give a text.")
    corpus = open_corpus(source, **recorded_reading(card), sha256=sha256, progress=progress)
    if corpus.vocabulary != card.vocabulary or len(corpus) < span[1]:
        raise InputError(
            f"This version of lstmterm reads {source} differently from the version that trained {card.name!r}; "
            "give a text."
        )
    return corpus, (span[0], span[1])


def training_text(card: ModelCard, progress: OnProgress | None = None) -> np.ndarray | None:
    """The character numbers that the model was trained on; None if that text is no longer available as it was."""
    found = training_corpus(card, progress)
    return None if found is None else found[0].ids[slice(*found[1])]


def training_corpus(
    card: ModelCard, progress: OnProgress | None = None, *, folders: bool = True
) -> tuple[Corpus, tuple[int, int]] | None:
    """The model's text, and which part it was trained on; None if that text is no longer available as it was.

    Without `folders` none is looked through: a model from elsewhere may name any, and the user did not ask for it.
    """
    return _available(card, "train", progress, folders=folders)


class NoCopies(InputError):
    """Why a text is not compared with the model's training text, in a sentence."""


def training_copies(card: ModelCard, progress: OnProgress | None = None) -> CopyIndex:
    """The index of the model's training text.

    Raises `NoCopies` without that text, where building the index takes long, or where there is no room for it.
    """
    found = training_corpus(card, progress, folders=False)
    if found is None:
        raise NoCopies("Its training text was not found, so copies are not shown.")

    def sorting(done: int, whole: int) -> None:
        if progress is not None:
            progress("indexing the training text", done, whole)

    try:
        index = CopyIndex.unasked(*found, sorting)
    except atomic.WriteError as error:  # there is no room for it
        raise NoCopies(str(error)) from error
    if index is None:
        command = f"lstmterm copied {shlex.quote(card.name)}"
        raise NoCopies(f"Its training text is long; `{command}` indexes it once.")
    return index


def text_or_default(card: ModelCard, least: int, progress: OnProgress | None = None) -> ModelText:
    """As `text_to_look_at`; if neither text is available, the text that every installation has, which a note says."""
    try:
        return text_to_look_at(card, least, progress)
    except InputError:
        text = any_text(card, builtin.DEFAULT, None, progress)
        note = f"The model's own text was not found, so this is {builtin.DEFAULT}."
        return dataclasses.replace(text, notes=(note,))


def text_to_look_at(card: ModelCard, least: int, progress: OnProgress | None = None) -> ModelText:
    """The model's validation text, or its training text if that is shorter than `least` characters.

    Raises `InputError` if neither is available as it was.
    """
    for split, enough in (("val", least), ("train", 0), ("val", 0)):
        found = _available(card, split, progress)
        if found is not None and found[1][1] - found[1][0] >= enough:
            return _part(*found, split)
    raise _not_found(card)


def held_out_text(card: ModelCard, progress: OnProgress | None = None) -> ModelText:
    """The model's validation text or, without one, its test text.

    Raises `InputError` if it is not available as it was, or the model was trained on all of its text.
    """
    for split in ("val", "test"):
        found = _available(card, split, progress)
        if found is not None:
            return _part(*found, split)
    raise _not_found(card)


def _not_found(card: ModelCard) -> InputError:
    return InputError(
        f"The text that {card.name!r} was trained on was not found unchanged; give a text, such as a file."
    )


def _available(
    card: ModelCard, split: str, progress: OnProgress | None, *, folders: bool = True
) -> tuple[Corpus, tuple[int, int]] | None:
    """As `own_corpus`, from wherever the text is, or None."""
    for place in (card.corpus.get("source"), card.corpus.get("name")):
        if isinstance(place, str) and not _is_stream(place) and (folders or not Path(place).is_dir()):
            try:
                return own_corpus(card, split, progress, place)
            except InputError:
                continue
    return None


def any_text(
    card: ModelCard, file: str, encoding: str | None, progress: OnProgress | None = None
) -> ModelText:
    """The text of `file` in the model's character numbers, read as the model's own text was."""
    corpus = any_corpus(card, file, encoding, progress)
    notes = () if card.vocabulary.level == "byte" else tuple(corpus.notes)
    ids = renumbered(corpus.ids, corpus.vocabulary, card.vocabulary)
    return ModelText(corpus.name, corpus.sha256, ids, corpus, notes=notes)


def large_beginning(card: ModelCard, file: str) -> Beginning | None:
    """The beginning of the text of `file`, read as the model's own text was.

    None if it is small, or a pipe, which can be read only once: see `any_corpus`.
    """
    if _is_stream(file):
        return None
    part, bytewise = card.text_part, card.vocabulary.level == "byte"
    options = DecodeOptions(raw_newlines=bool(part.get("raw_newlines")), nfc=bool(part.get("nfc")))
    return beginning(file, options, bytewise=bytewise)


def any_corpus(
    card: ModelCard, file: str, encoding: str | None, progress: OnProgress | None = None
) -> Corpus:
    """The text of `file` in its own character numbers, read as the model's own text was."""
    if card.vocabulary.level == "byte":
        return open_corpus(file, level="byte", progress=progress)
    return open_corpus(
        file,
        encoding=encoding,
        raw_newlines=bool(card.text_part.get("raw_newlines")),
        nfc=bool(card.text_part.get("nfc")),
        progress=progress,
    )


def renumbered(ids: np.ndarray, old: Vocabulary, new: Vocabulary) -> np.ndarray:
    """The numbers in another vocabulary of the same level of the characters that `ids`, (N,), are in `old`: (N,)."""
    if old == new:
        return ids
    return _through(np.append(new.encode(old.symbols), new.unknown).astype(new.dtype), ids)


def _through(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """`table[ids]`, both of shape (N,); a mapped file without a name where that is large."""
    if len(ids) <= _LARGE:
        return table[ids]
    with scratch.file() as file, atomic.explaining(scratch.folder()):
        mapped = np.memmap(file, table.dtype, "w+", shape=(len(ids),))
        for start in range(0, len(ids), _LARGE):
            mapped[start : start + _LARGE] = table[ids[start : start + _LARGE]]
    return mapped


def recorded_reading(card: ModelCard) -> dict[str, Any]:
    """How the model's own text was read, as options of `open_corpus`."""
    return {name: value for name, value in card.text_part.items() if name in READING}


def _is_span(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and len(value) == 2 and all(type(v) is int and v >= 0 for v in value)


def _is_stream(place: str) -> bool:
    """Whether reading it would wait for input."""
    try:
        return place == "-" or is_pipe(Path(place))
    except (OSError, ValueError):  # not a path: a name, or nothing
        return False


def prompt_text(card: ModelCard, text: str) -> str:
    """`text` with line ends and composition normalised as the model's training text was."""
    part = card.text_part
    raw = card.vocabulary.level == "byte" or bool(part.get("raw_newlines"))
    return "".join(normalised([text], DecodeOptions(raw_newlines=raw, nfc=bool(part.get("nfc"))), Changes()))
