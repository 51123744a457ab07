"""The validation of a character model while it is trained: in parallel streams, and at the best temperature."""

import time

import numpy as np
import torch

from lstmterm.nn.charlm import CharLM
from lstmterm.nn.device import autocast
from lstmterm.nn.initial import State
from lstmterm.nn.losses import nll_by_temperature
from lstmterm.nn.task import Evaluation

MOST_STREAMS = 64
LENGTH = 128  # characters per call at most; a power of two, as WARM_UP is
_MOST_LOGITS = 16_000_000  # of a call: fewer characters of a large vocabulary
# Of the output, of which the best is chosen: a model that begins to overfit is too sure of its predictions (Guo et al.
# 2017, "On calibration of modern neural networks"). The output's weights are divided by it, so it costs nothing later.
TEMPERATURES = (0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4)
_FEWEST_FOR_TEMPERATURE = 1000  # scored characters, on which a temperature is worth choosing
WARM_UP = 256  # characters that a validation stream reads before its first scored prediction
_TIMED = MOST_STREAMS * WARM_UP  # characters that tell how long the validation of more takes


def validated(
    model: CharLM, ids: np.ndarray, part: tuple[int, int], device: torch.device, precision: str
) -> Evaluation:
    """Compute the loss of a part of a text in parallel streams, each warmed up on the characters before it.

    `ids` (n,) are the numbers of the whole text. The loss is that of the best of the output's `TEMPERATURES`.
    """
    start, stop = part
    if stop - start < 2:
        return Evaluation(None)
    streams, length = _cut(stop - start)
    begin_B = start + length * np.arange(streams)
    last_B = np.minimum(begin_B + length, stop - 1)
    temperatures = TEMPERATURES if stop - 1 - start >= _FEWEST_FOR_TEMPERATURE else (1.0,)
    totals = torch.zeros(len(temperatures), device=device, dtype=torch.float32)
    scored = torch.zeros((), device=device, dtype=torch.float32)
    unknown, state = model.vocabulary_size, model.first_state(streams)
    stretch = LENGTH
    while stretch > 1 and stretch * streams * model.vocabulary_size > _MOST_LOGITS:
        stretch //= 2
    for offset in range(-WARM_UP if streams > 1 else 0, length, stretch):
        size = min(stretch, length - offset)
        rows = np.arange(offset, offset + size + 1)[:, None] + begin_B
        # what is outside of a stream's part is unknown, and not scored
        inside = (rows >= start) & (rows <= last_B)
        numbers = np.where(inside, ids[np.clip(rows, start, stop - 1)].astype(np.int64), unknown)
        block = torch.from_numpy(numbers).to(device)
        with autocast(device, precision):
            logits, state = model(block[:-1], state)
        if offset < 0:
            state = _warmed(model, state)
            continue
        wanted = block[1:]
        totals += nll_by_temperature(logits, wanted, temperatures, unknown)
        scored += (wanted != unknown).sum()
    if not scored:
        return Evaluation(None)
    best = int(totals.argmin())
    return Evaluation((totals[best] / scored).item(), temperature=temperatures[best])


def seconds_of(
    model: CharLM, ids: np.ndarray, part: tuple[int, int], device: torch.device, precision: str
) -> float:
    """Estimate how long `validated` takes from the start of the part."""
    start, stop = part
    timed = min(stop - start, _TIMED)
    began = time.perf_counter()
    validated(model, ids, (start, start + timed), device, precision)
    return (time.perf_counter() - began) * _read(stop - start) / max(_read(timed), 1)


def _cut(chars: int) -> tuple[int, int]:
    """The number of streams for a part of so many characters, and how many of them each scores."""
    streams = min(MOST_STREAMS, max(1, chars // WARM_UP))
    return streams, -(-(chars - 1) // streams)


def _read(chars: int) -> int:
    """How many characters the streams of a part read, their warm-ups included."""
    streams, length = _cut(chars)
    return streams * (length + (WARM_UP if streams > 1 else 0))


def _warmed(model: CharLM, state: State) -> State:
    """Return the state after a warm-up; the first stream has nothing before it and starts again."""
    first = model.first_state(1)
    for s, fresh in zip(state, first, strict=True):
        s[:, :1] = fresh
    return state
