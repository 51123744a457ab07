"""The character model: embedding, LSTM, linear layer.

Shapes: T characters of B streams, V vocabulary size, E embedding, H hidden units, L layers. Everything
is time-major.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstmterm.nn.device import Need
from lstmterm.nn.dropout import LockedDropout
from lstmterm.nn.initial import InitialState, State, initialise
from lstmterm.spec.character import CharModelPart, CharSpec


class CharLM(nn.Module):
    """Predicts the next character. Number V is the unknown character: an input, never an output."""

    def __init__(self, vocabulary_size: int, part: CharModelPart) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.part = part
        self.embedding = nn.Embedding(vocabulary_size + 1, part.embedding) if part.embedding else None
        between = part.dropout if part.layer_dropout is None else part.layer_dropout
        self.lstm = nn.LSTM(
            part.embedding or vocabulary_size,
            part.hidden,
            part.layers,
            dropout=between if part.layers > 1 else 0.0,
        )
        self.dropout = LockedDropout(part.dropout)
        self.output = nn.Linear(part.hidden, vocabulary_size)
        self.initial = InitialState(part.initial_state, part.layers, part.hidden)
        if part.init == "orthogonal":
            initialise(self.lstm)
        if self.embedding is not None:
            with torch.no_grad():
                self.embedding.weight[vocabulary_size].zero_()  # unknown: no information at first

    def forward(self, x_TB: Tensor, state: State) -> tuple[Tensor, State]:
        """Return logits (T, B, V) for the characters that follow `x_TB`, and the state after the last one."""
        if self.training and self.part.token_dropout:
            x_TB = self.with_token_dropout(x_TB)
        if self.embedding is not None:
            inputs_TBE = self.embedding(x_TB)
        else:
            inputs_TBE = F.one_hot(x_TB, self.vocabulary_size + 1)[..., : self.vocabulary_size].to(
                self.output.weight.dtype
            )
        hidden_TBH, state = self.lstm(inputs_TBE, state)
        return self.output(self.dropout(hidden_TBH)), state

    def with_token_dropout(self, x_TB: Tensor) -> Tensor:
        """Replace some characters by the unknown one (Xie et al. 2017, blanking).

        The model learns not to depend on any single character, and how to read an unknown one.
        """
        return torch.where(
            torch.rand(x_TB.shape, device=x_TB.device) < self.part.token_dropout, self.vocabulary_size, x_TB
        )

    def first_state(self, streams: int) -> State:
        """Return the initial state of `streams` streams."""
        return self.initial(streams, self.output.weight)


def need(spec: CharSpec, vocabulary_size: int, shares: int = 1) -> Need:
    """Return what training needs in memory on each of `shares` devices, which divide a step's characters."""
    part = spec.model
    inputs = [part.embedding or vocabulary_size, *[part.hidden] * (part.layers - 1)]
    weights = sum(4 * part.hidden * (width + part.hidden) for width in inputs)
    characters = spec.batches.batch_size * spec.batches.seq_length // shares
    teachers = spec.ensemble.ensemble
    return Need(
        numbers=(4 + teachers) * weights + 6 * characters * part.hidden * part.layers,
        of_vocabulary=(4 + teachers) * vocabulary_size * (part.embedding + part.hidden)
        + (4 if teachers else 2) * characters * vocabulary_size,
        smaller="make --hidden, --layers, --batch-size or --seq-length smaller",
        fewer=f"limit the {vocabulary_size:,} distinct characters of the text (--vocab-limit)",
    )
