"""The character model: embedding, LSTM, linear.

Shapes: T window, B lanes, V symbols, E embedding, H hidden, L layers. Everything is time-major.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstmterm.nn.dropout import LockedDropout
from lstmterm.spec.character import CharModelPart

State = tuple[Tensor, Tensor]  # hidden and cell state, each (L, B, H)

RANDOM_STATE_SCALE = 0.1  # standard deviation of a random initial state


class CharLM(nn.Module):
    """Predicts each next character. Number V is the unknown symbol: an input, never an output."""

    def __init__(self, symbols: int, part: CharModelPart) -> None:
        super().__init__()
        self.symbols = symbols
        self.part = part
        self.embedding = nn.Embedding(symbols + 1, part.embedding) if part.embedding else None
        between = part.dropout if part.layer_dropout is None else part.layer_dropout
        self.lstm = nn.LSTM(
            part.embedding or symbols,
            part.hidden,
            part.layers,
            dropout=between if part.layers > 1 else 0.0,
        )
        self.dropout = LockedDropout(part.dropout)
        self.output = nn.Linear(part.hidden, symbols)
        self.initial = LearnedState(part.layers, part.hidden) if part.initial_state == "learned" else None
        if part.init == "orthogonal":
            initialise(self.lstm)
        if self.embedding is not None:
            with torch.no_grad():
                self.embedding.weight[symbols].zero_()  # the unknown symbol says nothing at first

    def forward(self, x_TB: Tensor, state: State) -> tuple[Tensor, State]:
        """Logits (T, B, V) of the characters that follow `x_TB`, and the state behind the last."""
        if self.training and self.part.token_dropout:
            x_TB = self.with_noise(x_TB)
        if self.embedding is not None:
            inputs_TBE = self.embedding(x_TB)
        else:
            inputs_TBE = F.one_hot(x_TB, self.symbols + 1)[..., : self.symbols].to(self.output.weight.dtype)
        hidden_TBH, state = self.lstm(inputs_TBE, state)
        return self.output(self.dropout(hidden_TBH)), state

    def with_noise(self, x_TB: Tensor) -> Tensor:
        """`x_TB` with some characters read as unknown (Xie et al. 2017, blanking): the model learns to
        do without each single one, and what to make of a character that it does not know.
        """
        return torch.where(
            torch.rand(x_TB.shape, device=x_TB.device) < self.part.token_dropout, self.symbols, x_TB
        )

    def first_state(self, lanes: int) -> State:
        """The state at a lane's start: zero, learned, or (only while training) random."""
        if self.initial is not None:
            return self.initial(lanes)
        weight = self.output.weight
        shape = (self.part.layers, lanes, self.part.hidden)
        if self.part.initial_state == "random" and self.training:
            h, c = (torch.randn(shape, device=weight.device) * RANDOM_STATE_SCALE for _ in range(2))
            return h, c
        return torch.zeros(shape, device=weight.device), torch.zeros(shape, device=weight.device)


class LearnedState(nn.Module):
    """An initial state that is learned with the weights."""

    def __init__(self, layers: int, hidden: int) -> None:
        super().__init__()
        self.h = nn.Parameter(torch.zeros(layers, hidden))
        self.c = nn.Parameter(torch.zeros(layers, hidden))

    def forward(self, lanes: int) -> State:
        """The state for `lanes` lanes, each (L, B, H)."""
        h, c = (s.unsqueeze(1).expand(-1, lanes, -1).contiguous() for s in (self.h, self.c))
        return h, c


def initialise(lstm: nn.LSTM) -> None:
    """Recurrent weights orthogonal per gate (Saxe et al. 2014), input weights uniform by fan-in and
    fan-out (Glorot & Bengio 2010), biases zero, the forget gate's 1 in all (Gers et al. 2000;
    Jozefowicz et al. 2015): torch has two bias vectors, and only one of them holds the 1.
    """
    hidden = lstm.hidden_size
    for name, weight in lstm.named_parameters():
        if name.startswith("weight_hh"):
            for gate in weight.data.split(hidden):
                nn.init.orthogonal_(gate)
        elif name.startswith("weight_ih"):
            bound = math.sqrt(6 / (weight.shape[1] + hidden))
            nn.init.uniform_(weight, -bound, bound)
        elif name.startswith("bias"):
            nn.init.zeros_(weight)
            if name.startswith("bias_ih"):
                weight.data[hidden : 2 * hidden] = 1.0  # gates stand in the order i, f, g, o


def loss_of(logits: Tensor, targets: Tensor, kind: str) -> Tensor:
    """Mean negative log-likelihood in nats, computed in float32; unknown targets are not scored.

    `logits` (..., V), `targets` (...) with V for an unknown. `kind` is "cross-entropy" of the logits
    or "nll" of their log-softmax: the same thing said two ways.
    """
    unknown = logits.shape[-1]
    flat, wanted = logits.float().flatten(0, -2), targets.flatten()
    if kind == "nll":
        total = F.nll_loss(F.log_softmax(flat, dim=-1), wanted, ignore_index=unknown, reduction="sum")
    else:
        total = F.cross_entropy(flat, wanted, ignore_index=unknown, reduction="sum")
    return total / (wanted != unknown).sum().clamp(min=1)


def detached(state: Iterable[Tensor]) -> State:
    """The state as numbers only: what is carried to the next window, so that no gradient is."""
    h, c = (s.detach().float() for s in state)
    return h, c
