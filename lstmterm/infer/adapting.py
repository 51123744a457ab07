"""A library model that adapts to a text: its update rule, its losses, and the model that comes out."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lstmterm import __version__
from lstmterm.errors import InputError
from lstmterm.infer.adapt import AdaptingModel, adaptation, root_mean_square
from lstmterm.infer.model_text import ModelText, recorded_reading
from lstmterm.infer.score import Progress
from lstmterm.models import library
from lstmterm.models.model_file import LoadedModel
from lstmterm.spec.character import AdaptPart

_KEPT = ("kind", "sizes", "vocabulary", "corpus")  # of the header of the model that adapts


class Adapting:
    """A model that learns from a text while it is scored on it."""

    def __init__(
        self,
        model: LoadedModel,
        part: AdaptPart,
        training: np.ndarray | None,
        progress: Progress | None = None,
    ) -> None:
        """`training` is the text that `model` was trained on, as `training_text` finds it, for the rule rms.

        `progress` is called with the sequences of it that were read and all that will be. Raises
        `InputError` if the user chose rms and there is no training text.
        """
        self._card = model.card
        self._chosen = part.rule is not None
        if part.rule == "rms" and training is None:
            raise InputError(
                f"--adapt-rule rms needs the text that {model.card.name!r} was trained on, unchanged, and "
                "it was not found; use --adapt-rule sgd."
            )
        self.settings = adaptation(part, "sgd" if training is None else "rms")
        scale = None
        if training is not None and self.settings.rate:
            scale = root_mean_square(model.tensors, training, self.settings.seq_length, progress)
        self._model = AdaptingModel(model.tensors, self.settings, scale)
        self._chars, self._nats = 0, 0.0

    def surprisals(self, ids: np.ndarray) -> Iterator[np.ndarray]:
        """As `AdaptingModel.surprisals`."""
        for losses in self._model.surprisals(ids):
            known = losses[~np.isnan(losses)]
            self._chars += len(known)
            self._nats += float(known.sum(dtype=np.float64))
            yield losses

    def facts(self) -> dict[str, Any]:
        """The rule and its numbers, as plain data; `window` is the sequence length."""
        s = self.settings
        return {"rule": s.rule, "rate": s.rate, "window": s.seq_length, "decay": s.decay}

    def describe(self) -> str:
        """The rule and its numbers in one sentence, and why it is that rule."""
        s, card = self.settings, self._card
        numbers = f"rate {s.rate:g}, sequence length {s.seq_length}, decay {s.decay:g}"
        if s.rule == "rms":
            return f"Adapting with rms, scaled by gradients on {card.corpus.get('name')}: {numbers}."
        why = "" if self._chosen else f" because the text that {card.name} was trained on was not found"
        return f"Adapting with sgd{why}: {numbers}."

    def save(self, name: str, text: ModelText, *, overwrite: bool) -> None:
        """Save the model as it is now in the library, under `name`.

        Its header says which model it was and what it has learned since. It records neither the
        original's figures nor its held-out splits, which it may have learned from.
        """
        card = self._card
        header = {
            **{part: card.metadata[part] for part in _KEPT if part in card.metadata},
            "complete": True,
            "spec": {"text": recorded_reading(card)},
            "split": {part: span for part, span in card.split.items() if part == "train"},
            "metrics": {"loss_while_adapting": self._nats / self._chars} if self._chars else {},
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
