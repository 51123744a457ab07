"""Initial weights and initial states of LSTMs."""

import math
from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]  # hidden and cell state, each (L, B, H)
ALL = slice(None)  # streams

RANDOM_STATE_SCALE = 0.1  # standard deviation of a random initial state


class InitialState(nn.Module):
    """The state that a sequence starts from: zero, random (in training only), or learned."""

    def __init__(self, kind: Literal["zero", "random", "learned"], layers: int, hidden: int) -> None:
        super().__init__()
        self.kind = kind
        self.layers = layers  # times directions
        self.hidden = hidden
        if kind == "learned":
            self.h = nn.Parameter(torch.zeros(layers, hidden))
            self.c = nn.Parameter(torch.zeros(layers, hidden))

    def forward(self, sequences: int, like: Tensor) -> State:
        """Return the state for `sequences` sequences, each (L, B, H), on the device of `like`."""
        if self.kind == "learned":
            # a copy, also of a single one: who continues a state may write into it
            copied = torch.contiguous_format
            h, c = (
                s.unsqueeze(1).expand(-1, sequences, -1).clone(memory_format=copied) for s in (self.h, self.c)
            )
            return h, c
        shape = (self.layers, sequences, self.hidden)
        if self.kind == "random" and self.training:
            h, c = (torch.randn(shape, device=like.device) * RANDOM_STATE_SCALE for _ in range(2))
            return h, c
        return torch.zeros(shape, device=like.device), torch.zeros(shape, device=like.device)


def initialise(lstm: nn.LSTM) -> None:
    """Initialise the weights of an LSTM.

    Recurrent weights orthogonal per gate (Saxe et al. 2014), input weights uniform by fan-in and
    fan-out (Glorot & Bengio 2010), biases zero, forget-gate bias 1 in all (Gers et al. 2000;
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
                weight.data[hidden : 2 * hidden] = 1.0  # torch's gate order: i, f, g, o


def detached(state: Iterable[Tensor]) -> State:
    """Return the state without its graph: values are carried to the next step, gradients are not."""
    h, c = (s.detach().float() for s in state)
    return h, c


def of_streams(state: State, streams: slice) -> State:
    """Return the state of some streams."""
    h, c = (s[:, streams].contiguous() for s in state)
    return h, c
