"""How weights are trained: the same settings for every kind of model."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from lstmterm.spec.knobs import Part, knob


@dataclass(frozen=True, kw_only=True)
class TrainingPart(Part):
    """How the weights are found; the same for every kind of model."""

    steps: int = knob(dataclasses.MISSING, "Optimizer steps in all.", low=1)
    evaluate_every: int = knob(dataclasses.MISSING, "Steps from one validation to the next.", low=1)
    optimizer: Literal["muon", "adamw", "adam", "sgd", "rmsprop"] = knob(
        "adamw", "The rule that moves the weights; muon learns most from a step, and its steps cost more."
    )
    learning_rate: float = knob(2e-3, "The highest learning rate.", low=1e-9, high=100, option="lr")
    schedule: Literal["cosine", "constant", "step"] = knob(
        "cosine", "How the learning rate falls: along a cosine, not at all, or halved in steps."
    )
    final_rate: float = knob(0.01, "Share of the learning rate that the cosine ends at.", low=0, high=1)
    warmup: int = knob(100, "Steps over which the learning rate rises from zero.", low=0)
    weight_decay: float = knob(0.0, "Pull of the weights towards zero.", low=0, high=10)
    clip: float = knob(1.0, "The longest gradient; a longer one is shortened to it. 0 is off.", low=0)
    loss: Literal["cross-entropy", "nll"] = knob(
        "cross-entropy",
        "Cross-entropy of the logits, or the negative log-likelihood of a log-softmax: the same.",
    )
    average: float = knob(
        0.0,
        "Decay of the moving average of weights that is validated and kept; 0 is off.",
        low=0,
        high=0.999999,
    )
    patience: int = knob(0, "Evaluations without improvement before stopping early; 0 is off.", low=0)
    seed: int = knob(1, "Where all randomness starts.", low=0, high=2**63 - 1)
    device: str = knob("auto", "Where to train: cpu, cuda, mps, or auto.")
    precision: Literal["float32", "bfloat16", "auto"] = knob(
        "auto", "Number format of the matrix products; auto takes what measured faster here."
    )
    threads: int = knob(0, "CPU threads; 0 takes what this process may use.", low=0, high=4096)
    minutes: float | None = None  # the time that the steps were planned for, if they were
