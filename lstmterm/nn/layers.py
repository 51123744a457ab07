"""One layer of an LSTM at a time, for what happens between layers."""

import torch
from torch import Tensor, nn

from lstmterm.nn.initial import State


def read_layer(
    lstm: nn.LSTM, layer: int, inputs_TBW: Tensor, state: State, *, reverse: bool = False
) -> tuple[Tensor, State]:
    """Read with one layer of `lstm`, in one direction: its outputs (T, B, H), and its state after the last input.

    `state` is the layer's alone, each (1, B, H). With `reverse` the weights are those of the backward direction; the
    inputs are read in their order all the same. A layer alone uses oneDNN's fused LSTM as all of them together do.
    """
    output_TBH, h, c = torch.lstm(
        inputs_TBW, state, _weights(lstm, layer, reverse=reverse), True, 1, 0.0, lstm.training, False, False
    )
    return output_TBH, (h, c)


def _weights(lstm: nn.LSTM, layer: int, *, reverse: bool = False) -> list[Tensor]:
    """Return the weights of a layer, in one direction, in the order of `torch.lstm`."""
    end = f"_l{layer}{'_reverse' * reverse}"
    return [getattr(lstm, f"{kind}{end}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
