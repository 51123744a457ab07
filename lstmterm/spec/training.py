"""How weights are trained: the same settings for every kind of model."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from lstmterm.spec.knobs import Part, knob


@dataclass(frozen=True, kw_only=True)
class TrainingPart(Part):
    """Optimizer, schedule, evaluations, and where the training runs."""

    steps: int = knob(dataclasses.MISSING, "Optimizer steps in total.", low=1)
    evaluate_every: int = knob(dataclasses.MISSING, "Steps between evaluations.", low=1)
    optimizer: Literal["muon", "adamw", "adam", "sgd", "rmsprop"] = knob(
        "adamw", "Optimizer; Muon learns the most per step, but its steps cost more."
    )
    learning_rate: float = knob(2e-3, "Peak learning rate.", low=1e-9, high=100, option="lr")
    schedule: Literal["cosine", "constant", "step"] = knob(
        "cosine", "Learning rate schedule: cosine decay, constant, or halved in steps."
    )
    final_rate: float = knob(
        0.01, "Final learning rate of the cosine schedule, as a share of the peak.", low=0, high=1
    )
    cooldown: float = knob(
        0.0,
        "Share of the steps, at the end, in which the rate of any schedule also falls to zero.",
        low=0,
        high=1,
    )
    warmup: int = knob(100, "Warm-up steps, over which the learning rate rises from zero.", low=0)
    weight_decay: float = knob(0.0, "Weight decay.", low=0, high=10)
    decay_follows_rate: bool = knob(
        False, "Let the weight decay rise and fall with the learning rate, from its value at the peak."
    )
    clip: float = knob(1.0, "Clip the gradient to this norm; 0 turns clipping off.", low=0)
    loss: Literal["cross-entropy", "nll"] = knob(
        "cross-entropy",
        "Cross-entropy of the logits, or the negative log-likelihood of a log-softmax: equivalent.",
    )
    average: float = knob(
        0.0,
        "Decay of the moving average of weights that is evaluated and kept; 0 turns averaging off.",
        low=0,
        high=0.999999,
    )
    patience: int = knob(
        0, "Stop early after this many evaluations without improvement; 0 turns it off.", low=0
    )
    seed: int = knob(1, "Random seed.", low=0, high=2**63 - 1)
    device: str = knob("auto", "Device: cpu, cuda, mps, or auto.")
    precision: Literal["float32", "bfloat16", "auto"] = knob(
        "auto", "Number format of matrix products; auto uses the faster one on this machine."
    )
    threads: int = knob(0, "CPU threads; 0 uses all that are available.", low=0, high=4096)
    deadline: bool = knob(
        False, "End in time: if the machine becomes slower, make fewer steps, on a shorter schedule."
    )
    most_threads: int = 0  # while other programs leave them idle; 0: always `threads`, as set by hand
    minutes: float | None = None  # the time that the steps were planned for, if any
