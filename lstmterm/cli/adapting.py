"""What `score --adapt` needs beside a score: the rule, the training text, and a place for the result."""

import platform
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from lstmterm import __version__
from lstmterm.cli.scoring import EncodedText, own_text, progress_bar, recorded_reading
from lstmterm.corpora.documents import is_pipe
from lstmterm.errors import InputError
from lstmterm.infer.adapt import Adaptation, AdaptingModel, adaptation, root_mean_square
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.character import AdaptPart
from lstmterm.visible import visible

_KEPT = ("kind", "sizes", "vocabulary", "corpus")  # of the header of the model that adapts


class Adapting:
    """A model that learns from a text while it is scored on it."""

    def __init__(self, card: ModelCard, part: AdaptPart, quiet: bool) -> None:
        """The model of `card` is read from its file; how it will learn is said on stderr.

        Raises `InputError` where the rule rms is asked for and the training text is not at hand.
        """
        loaded = model_file.load(card.path)
        self._card = loaded.card
        training = None if part.rule == "sgd" else _training_text(loaded.card, quiet)
        if part.rule == "rms" and training is None:
            raise InputError(
                f"--adapt-rule rms needs the text that {loaded.card.name!r} learned from as it was then, and "
                "that is not here; take --adapt-rule sgd."
            )
        self.how = adaptation(part, "sgd" if training is None else "rms")
        scale = None
        if training is not None and self.how.rate:
            with progress_bar("reading the training text", quiet) as progress:
                scale = root_mean_square(loaded.tensors, training, self.how.window, progress)
        self._model = AdaptingModel(loaded.tensors, self.how, scale)
        self._chars, self._nats = 0, 0.0
        if not quiet:
            click.echo(visible(_sentence(self.how, loaded.card, part.rule is not None)), err=True)

    def surprises(self, ids: np.ndarray) -> Iterator[np.ndarray]:
        """As `AdaptingModel.surprises`."""
        for losses in self._model.surprises(ids):
            known = losses[~np.isnan(losses)]
            self._chars += len(known)
            self._nats += float(known.sum(dtype=np.float64))
            yield losses

    def facts(self) -> dict[str, Any]:
        """The rule and its numbers, as plain data."""
        how = self.how
        return {"rule": how.rule, "rate": how.rate, "window": how.window, "decay": how.decay}

    def save(self, name: str, text: EncodedText, *, overwrite: bool, quiet: bool) -> None:
        """Keep the model as it is now in the library, under `name`.

        Its header says what it was and what it learned since. Figures of the model that it was are
        left out, and so are the held-out parts of that one's text: it may have learned from them.
        """
        card = self._card
        kept = {part: card.metadata[part] for part in _KEPT if part in card.metadata}
        metrics = {"loss_while_adapting": self._nats / self._chars} if self._chars else {}
        header = {
            **kept,
            "complete": True,
            "spec": {"text": recorded_reading(card)},
            "split": {part: span for part, span in card.split.items() if part == "train"},
            "metrics": metrics,
            "adapted": {
                "from": card.name,
                "text": text.name,
                "sha256": text.sha256,
                "chars": len(text.ids),
                **self.facts(),
            },
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                "lstmterm": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }
        library.publish(name, self._model.tensors(), header, overwrite=overwrite)
        if not quiet:
            click.echo(visible(f"Kept the adapted model as {name}."), err=True)


def _training_text(card: ModelCard, quiet: bool) -> np.ndarray | None:
    """What the model was trained on, as numbers; None where it is no longer at hand as it was."""
    for place in (card.corpus.get("source"), card.corpus.get("name")):
        if isinstance(place, str) and not _is_stream(place):
            with suppress(InputError):
                return own_text(card, "train", quiet, place).ids
    return None


def _is_stream(place: str) -> bool:
    """Whether reading it would wait for somebody to write."""
    try:
        return place == "-" or is_pipe(Path(place))
    except (OSError, ValueError):  # no such path: a name, or nothing
        return False


def _sentence(how: Adaptation, card: ModelCard, asked: bool) -> str:
    """How it learns, and from where the gradients' scale is."""
    manner = f"rate {how.rate:g}, windows of {how.window}, decay {how.decay:g}"
    if how.rule == "rms":
        return f"Adapting by rms, scaled by gradients on {card.corpus.get('name')}: {manner}."
    why = "" if asked else f", since the text that {card.name} learned from is not here as it was then"
    return f"Adapting by sgd{why}: {manner}."
