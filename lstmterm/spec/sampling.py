"""How a character model writes: the sampling settings, and what a text is.

Each is declared here, once: it is an option of `generate`, a field of the Generate tab, and part
of the JSON of a sample. The function that uses it is in `infer/sample.py`.
"""

from dataclasses import dataclass
from typing import ClassVar

from lstmterm.spec.knobs import Part, knob

MAX_REPETITION_WINDOW = 1_000


class GeneratePart(Part):
    """Settings that are fields of the Generate tab."""

    longest_label: ClassVar = 11  # in a column 12 wide (`ui/generate/panel.tcss`)


@dataclass(frozen=True)
class Sampling(GeneratePart):
    """How the next character is chosen.

    The repetition penalty comes first. Temperature divides the logits. Of the probabilities at that temperature these are then kept,
    in this order: the `top_k` most likely; those at least `min_p` times as likely as the likeliest;
    the likeliest whose probabilities among what is left first reach `top_p` (nucleus sampling,
    Holtzman et al. 2020). Characters exactly as likely as the last one kept are kept too.
    """

    temperature: float = knob(
        0.8, "Randomness: 0 takes the likeliest, 1 samples the model's probabilities.",
        low=0, high=10, step=0.05,
    )  # fmt: skip
    top_k: int = knob(0, "Sample from the k likeliest characters; 0 is off.", low=0, high=1_000_000)
    top_p: float = knob(
        1.0, "Sample from the likeliest characters that reach probability p together; 1 is off.",
        low=0.001, high=1, step=0.05,
    )  # fmt: skip
    min_p: float = knob(
        0.0, "Leave out characters less likely than p times the likeliest; 0 is off.",
        low=0, high=1, step=0.01,
    )  # fmt: skip
    repetition_penalty: float = knob(
        1.0, "Divide the probabilities of recently written characters by this; 1 is off.",
        low=1, high=100, step=0.1, label="Repetition",
    )  # fmt: skip
    repetition_window: int = knob(
        32, "How many of the last characters the repetition penalty looks at.",
        low=1, high=MAX_REPETITION_WINDOW, label="Rep. window",
    )  # fmt: skip


DEFAULT = Sampling()


@dataclass(frozen=True)
class Generation(GeneratePart):
    """What is written: how long, up to which text, and from which seed."""

    length: int | None = knob(500, "Characters to write.", low=0, high=1_000_000_000, step=100)
    stop: str = knob("", "Stop before this text.", label="Stop at")
    seed: int | None = knob(
        None, "Seed of the random numbers; a random one if not given.", low=0, high=2**63 - 1
    )
