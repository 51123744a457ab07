"""Losses that are not finite, or explode, never reach a file; training returns to its last good state and says so."""

import math
import random
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy

from lstmterm.nn import train
from lstmterm.nn.task import Session
from lstmterm.runs.events import Failed, Finished, Resumed, Warned
from tests.small import poisoned

PROMISE = "Losses and gradients that are not finite never reach a file; training returns to its last good state and says so"
LONG = 100


def check(rounds: int) -> str:
    """Train `rounds` small models, each with up to six poisoned steps."""
    draw = random.Random(1)
    returned = ended = injected = 0
    for number in range(rounds):
        optimizer = draw.choice(["adamw", "muon", "sgd", "rmsprop"])
        factors = (math.nan, math.inf, -math.inf, 1e38, 1e30)
        poison = {draw.randint(1, 16): draw.choice(factors) for _ in range(draw.choice((1, 2, 6)))}
        task = poisoned(poison, draw.random() < 0.5, optimizer=optimizer)
        with tempfile.TemporaryDirectory() as folder:
            resumed = warned = 0
            last = None
            for last in train.train(task, task.spec.training, Session(Path(folder))):
                resumed += isinstance(last, Resumed)
                warned += isinstance(last, Warned) and "not finite" in last.message
                for path in Path(folder).glob("*.safetensors"):
                    for name, tensor in safetensors.numpy.load(path.read_bytes()).items():
                        finite = tensor.dtype == np.uint8 or np.isfinite(tensor).all()
                        assert finite, f"round {number}: {path.name} has {name!r} that is not finite"
        assert resumed == warned, f"round {number}: returned {resumed} times, said so {warned} times"
        assert isinstance(last, Finished | Failed)
        if isinstance(last, Failed):
            assert "--lr" in last.message
        injected += len(task.poison)
        returned += resumed
        ended += isinstance(last, Failed)
    return (
        f"{rounds} runs with {injected} poisoned steps: returned {returned} times and said so, {ended} ended "
        "with advice after three returns, none in a file"
    )


def test_divergence() -> None:
    assert "none in a file" in check(6)
