"""What a command reads to use a character model: the model, the index of its training text, a prompt."""

import contextlib
import io
import sys

from lstmterm.cli.notes import note, note_typed
from lstmterm.cli.progress import reading
from lstmterm.corpora import documents
from lstmterm.corpora.copied import CopyIndex
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.detecting import NotTextError
from lstmterm.corpora.text import Text
from lstmterm.errors import InputError
from lstmterm.infer import model_text
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.visible import shorten


def character_model(reference: str | None) -> tuple[ModelCard, CharLSTM]:
    """Load the model that `reference` names. Raises `InputError` if it is None, missing, or a tagger."""
    if reference is None:
        names = [shorten(entry.name, 40) for entry in library.of_kind("charlm")]
        there = (
            f"Models: {', '.join(names)}." if names else "There are none yet; `lstmterm train` trains one."
        )
        raise InputError(f"Name a model. {there}")
    loaded = model_file.load(library.find(reference).path)
    if loaded.card.kind != "charlm":
        raise InputError(f"{reference!r} is a tagger, not a character model; use it with `lstmterm tag`.")
    return loaded.card, CharLSTM.from_tensors(loaded.tensors)


def training_copies(card: ModelCard, quiet: bool) -> CopyIndex | None:
    """The index of the model's training text, as `model_text.training_copies` finds it, or None."""
    with reading(quiet) as progress, contextlib.suppress(model_text.NoCopies):
        return model_text.training_copies(card, progress)
    return None


def prompt_from_stdin(level: str, quiet: bool) -> str:
    """The text of standard input: the bytes as they are for a model of bytes, else decoded as any text.

    What has too many control characters for a text but is valid UTF-8 is taken as it is: a draft may have them.
    """
    if sys.stdin.isatty() and not quiet:
        note_typed()
    data = sys.stdin.buffer.read()
    if level == "byte":
        return data.decode("utf-8", "surrogateescape")
    document = documents.live(io.BytesIO(data), "standard input")
    text = Text(document.name, [document], DecodeOptions(raw_newlines=True))
    try:
        prompt = "".join(text.pieces())
    except NotTextError:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode()
        raise
    for sentence in () if quiet else text.notes():
        note(sentence)
    return prompt
