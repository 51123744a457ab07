"""Trained models from whose predictions another one learns."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.initial import ALL, State, of_streams
from lstmterm.nn.task import Tensors
from lstmterm.spec.character import CharModelPart

# Predictions are more to learn from than single characters, so that a model overfits later: it needs less against it.
_DROPOUT = 0.7  # of the teachers' dropout


def learning_from_teachers(part: CharModelPart) -> CharModelPart:
    """Return `part` with the dropout of a model that learns from teachers."""
    between = part.layer_dropout
    return replace(
        part,
        dropout=_less(part.dropout),
        layer_dropout=None if between is None else _less(between),
        token_dropout=_less(part.token_dropout),
    )


def _less(dropout: float) -> float:
    return round(_DROPOUT * dropout, 4)


class Teachers:
    """Trained models that read the same streams as the one that learns, each with a state of its own."""

    def __init__(self, models: Sequence[CharLM]) -> None:
        self._models = models
        self._states: list[State] = []

    @classmethod
    def load(
        cls, files: Sequence[Path], part: CharModelPart, vocabulary_size: int, device: torch.device
    ) -> "Teachers":
        """Read the models of `files`, which have the sizes of `part`."""
        models: list[CharLM] = []
        for file in files:
            model = CharLM(vocabulary_size, part).to(device).eval().requires_grad_(False)
            tensors = model_file.load(file).tensors
            saved_state.restore_model(model, {name: torch.from_numpy(t) for name, t in tensors.items()})
            models.append(model)
        return cls(models)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._models)

    def restart(self, streams: int) -> None:
        """Start `streams` streams again."""
        self._states = [model.first_state(streams) for model in self._models]

    @torch.no_grad()
    def read(self, x_TB: Tensor, streams: slice = ALL) -> Tensor:
        """Return the mean of the probabilities (T, B, V) of the characters that follow `x_TB`, in float32.

        `x_TB` has these of the streams.
        """
        mean = torch.zeros((), device=x_TB.device)
        for model, state in zip(self._models, self._states, strict=True):
            logits, after = model(x_TB, of_streams(state, streams))
            mean = mean + F.softmax(logits.float(), dim=-1) / len(self._models)
            for own, new in zip(state, after, strict=True):
                own[:, streams] = new
        return mean

    def position(self) -> Tensors:
        """Return the states carried over."""
        return {
            f"teacher_{k + 1}.{s}": t
            for k, state in enumerate(self._states)
            for s, t in zip("hc", state, strict=True)
        }

    def go_to(self, position: Tensors) -> None:
        """Return to a position."""
        # into memory that torch aligned itself, because rounding can depend on the alignment
        for k, state in enumerate(self._states):
            h, c = (
                torch.empty_like(saved, device=own.device).copy_(saved)
                for own, saved in zip(state, (position[f"teacher_{k + 1}.{s}"] for s in "hc"), strict=True)
            )
            self._states[k] = h, c


NO_TEACHERS = Teachers(())
