"""The character model: embedding, LSTM, linear layer.

Shapes: T characters of B streams, V vocabulary size, E embedding, H hidden units, L layers. Everything
is time-major.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstmterm.nn.device import Need
from lstmterm.nn.dropout import LockedDropout
from lstmterm.nn.initial import InitialState, State, initialise
from lstmterm.nn.layers import read_layer
from lstmterm.spec.character import CharModelPart, CharSpec


class CharLM(nn.Module):
    """Predicts the next character. Number V is the unknown character: an input, never an output."""

    def __init__(self, vocabulary_size: int, part: CharModelPart) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.part = part
        self.embedding = nn.Embedding(vocabulary_size + 1, part.embedding) if part.embedding else None
        between = part.dropout if part.layer_dropout is None else part.layer_dropout
        self.lstm = nn.LSTM(part.embedding or vocabulary_size, part.hidden, part.layers)
        self.layer_dropout = LockedDropout(between if part.layers > 1 else 0.0)
        self.dropout = LockedDropout(part.dropout)
        self.output = nn.Linear(part.hidden, vocabulary_size)
        self.initial = InitialState(part.initial_state, part.layers, part.hidden)
        if part.init == "orthogonal":
            initialise(self.lstm)
        if self.embedding is not None:
            with torch.no_grad():
                self.embedding.weight[vocabulary_size].zero_()  # unknown: no information at first

    def forward(self, x_TB: Tensor, state: State, noise: "Noise | None" = None) -> tuple[Tensor, State]:
        """Return logits (T, B, V) for the characters that follow `x_TB`, and the state after the last one.

        In training, `noise` drawn before is used instead of new random numbers.
        """
        blanked_TB, between, kept_BH = noise or NEW_NOISE
        if self.training and self.part.token_dropout:
            x_TB = self.with_token_dropout(x_TB, blanked_TB)
        if self.embedding is not None:
            inputs_TBE = self.embedding(x_TB)
        else:
            inputs_TBE = F.one_hot(x_TB, self.vocabulary_size + 1)[..., : self.vocabulary_size].to(
                self.output.weight.dtype
            )
        if self.training and self.layer_dropout.p:
            hidden_TBH, state = self._read_by_layers(inputs_TBE, state, between)
        else:
            hidden_TBH, state = self.lstm(inputs_TBE, state)
        return self.output(self.dropout(hidden_TBH, kept_BH)), state

    def _read_by_layers(
        self, inputs_TBE: Tensor, state: State, between: Sequence[Tensor]
    ) -> tuple[Tensor, State]:
        """Read with one layer after another, and drop units between them."""
        hidden_TBH, states = inputs_TBE, list[State]()
        for layer, (h, c) in enumerate(zip(*(s.split(1) for s in state), strict=True)):
            if layer:
                hidden_TBH = self.layer_dropout(hidden_TBH, between[layer - 1] if between else None)
            hidden_TBH, its_state = read_layer(self.lstm, layer, hidden_TBH, (h, c))
            states.append(its_state)
        h, c = (torch.cat(s) for s in zip(*states, strict=True))
        return hidden_TBH, (h, c)

    def with_token_dropout(self, x_TB: Tensor, blanked_TB: Tensor | None = None) -> Tensor:
        """Replace some characters by the unknown one (Xie et al. 2017, blanking): those drawn before, or new ones.

        The model learns not to depend on any single character, and how to read an unknown one.
        """
        blanked_TB = self._drawn_characters(x_TB) if blanked_TB is None else blanked_TB
        return torch.where(blanked_TB, self.vocabulary_size, x_TB)

    def _drawn_characters(self, x_TB: Tensor) -> Tensor:
        return torch.rand(x_TB.shape, device=x_TB.device) < self.part.token_dropout

    def noise(self, x_TB: Tensor) -> "Noise":
        """Draw the noise of a training step on `x_TB`."""
        blanked_TB = self._drawn_characters(x_TB) if self.part.token_dropout else None
        like_BH = self.output.weight.new_empty(x_TB.shape[1], self.part.hidden)
        between = (
            [self.layer_dropout.drawn(like_BH) for _ in range(1, self.part.layers)]
            if self.layer_dropout.p
            else []
        )
        return Noise(blanked_TB, between, self.dropout.drawn(like_BH) if self.part.dropout else None)

    def first_state(self, streams: int) -> State:
        """Return the initial state of `streams` streams."""
        return self.initial(streams, self.output.weight)


class Noise(NamedTuple):
    """The random numbers of a training step, in the order in which `CharLM` draws them; None and () are not drawn yet."""

    blanked_TB: Tensor | None  # characters that the model does not see
    between: Sequence[Tensor]  # of each layer but the last, (B, H): hidden units, 0 where they are dropped
    kept_BH: Tensor | None  # those of the last layer

    def of(self, streams: slice) -> "Noise":
        """Return the noise of some of the streams."""
        blanked_TB, between, kept_BH = self
        return Noise(
            None if blanked_TB is None else blanked_TB[:, streams],
            [its_BH[streams] for its_BH in between],
            None if kept_BH is None else kept_BH[streams],
        )


NEW_NOISE = Noise(None, (), None)


def _weights(part: CharModelPart, vocabulary_size: int) -> int:
    """Return the number of weights of the LSTM."""
    inputs = [part.embedding or vocabulary_size, *[part.hidden] * (part.layers - 1)]
    return sum(4 * part.hidden * (width + part.hidden) for width in inputs)


def need(spec: CharSpec, vocabulary_size: int, shares: int = 1) -> Need:
    """Return what training needs in memory on each of `shares` devices, which divide a step's characters."""
    part, teachers = spec.model, spec.ensemble.ensemble
    teacher = spec.ensemble.teacher_of(part)
    largest = max(part, teacher, key=lambda model: model.hidden) if teachers else part
    characters = spec.batches.batch_size * spec.batches.seq_length // shares
    return Need(
        numbers=4 * _weights(largest, vocabulary_size)
        + teachers * _weights(teacher, vocabulary_size)
        + 6 * characters * largest.hidden * part.layers,
        of_vocabulary=vocabulary_size
        * (4 * (part.embedding + largest.hidden) + teachers * (part.embedding + teacher.hidden))
        + (4 if teachers or spec.ensemble.ngram_share else 2) * characters * vocabulary_size,
        smaller=f"make {'--teacher-hidden' if largest is teacher and teacher != part else '--hidden'}, --layers, "
        "--batch-size or --seq-length smaller",
        fewer=f"limit the {vocabulary_size:,} distinct characters of the text (--vocab-limit)",
    )
