"""How a character model writes: the sampling settings, and what a text is.

Each is declared here, once: it is an option of `generate`, a field of the Generate tab, and part
of the JSON of a sample. The functions that use them are in `infer/sample.py` and `infer/rules.py`.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from lstmterm.errors import InputError
from lstmterm.spec.character_set import character_set
from lstmterm.spec.knobs import Part, knob

MAX_REPETITION_WINDOW = 1_000

Loops = Literal["off", "stop", "push"]
Unit = Literal["characters", "lines", "sentences"]


class GeneratePart(Part):
    """Settings that are fields of the Generate tab."""

    longest_label: ClassVar = 6  # in a column 7 wide (`ui/generate/panel.tcss`)


@dataclass(frozen=True)
class Sampling(GeneratePart):
    """How the next character is chosen.

    First, characters that may not be written are left out: those of `ban`, those that are not of `only`, and
    with `loops` "push" those that went on with a loop. Then comes the repetition penalty. Temperature divides
    the logits. Of the probabilities at that temperature these are then kept, in this order: the `top_k` most
    likely; those at least `min_p` times as likely as the likeliest; the likeliest whose probabilities among
    what is left first reach `top_p` (nucleus sampling, Holtzman et al. 2020). Characters exactly as likely as
    the last one kept are kept too. Where `line_start` is due, its characters are written whatever is likely.
    """

    temperature: float = knob(
        0.8, "Randomness: 0 always takes the likeliest, 1 samples the model's probabilities.",
        low=0, high=10, step=0.05, label="Temp.",
    )  # fmt: skip
    temperature_end: float | None = knob(
        None, "Change the temperature evenly to this one while the text is written.",
        low=0, high=10, step=0.05, label="Final temperature", beside="→",
    )  # fmt: skip
    temperature_over: int = knob(
        500, "Characters until the temperature reaches `--temperature-end`, where it stays.",
        low=1, high=1_000_000_000, step=100, label="Within",
    )  # fmt: skip
    top_k: int = knob(0, "Sample from the k likeliest characters; 0 is off.", low=0, high=1_000_000)
    top_p: float = knob(
        1.0, "Sample from the likeliest characters with a total probability of p; 1 is off.",
        low=0.001, high=1, step=0.05,
    )  # fmt: skip
    min_p: float = knob(
        0.0, "Leave out characters less likely than p times the likeliest; 0 is off.",
        low=0, high=1, step=0.01,
    )  # fmt: skip
    repetition_penalty: float = knob(
        1.0, "Divide the probabilities of recently written characters by this; 1 is off.",
        low=1, high=100, step=0.1, label="Repeat",
    )  # fmt: skip
    repetition_window: int = knob(
        32, "How many of the last characters the repetition penalty applies to.",
        low=1, high=MAX_REPETITION_WINDOW, label="Repetition window", beside="of",
    )  # fmt: skip
    loops: Loops = knob(
        "off", "When the same 50 characters were written three times: stop, or push the text out of the loop.",
    )  # fmt: skip
    ban: str = knob("", r"Characters never to write, such as 'eE' or '0-9'; \n is a line end.")
    only: str = knob("", r"Write only these characters, such as 'a-z\s.\n'; \s is a space.")
    line_start: str = knob("", "Begin every line of the output with this text.", label="Lines")

    def __post_init__(self) -> None:
        super().__post_init__()
        banned, only = character_set(self.ban), character_set(self.only)
        if "\n" in self.line_start or "\r" in self.line_start:
            raise InputError("--line-start must be a single line.")
        left_out = [c for c in self.line_start if c in banned or (only and c not in only)]
        if left_out:
            option = "--ban" if left_out[0] in banned else "--only"
            raise InputError(f"--line-start has the character {left_out[0]!r}, which {option} excludes.")

    def temperature_at(self, position: int) -> float:
        """The temperature of a character, by how many were written before it."""
        if self.temperature_end is None:
            return self.temperature
        share = min(position / self.temperature_over, 1.0)
        return self.temperature + (self.temperature_end - self.temperature) * share


DEFAULT = Sampling()


@dataclass(frozen=True)
class Generation(GeneratePart):
    """What is written: how much, up to which text, and from which seed."""

    length: int | None = knob(
        500, "How much to write: characters, or what `--unit` says.", low=0, high=1_000_000_000, step=100
    )
    beam: int = knob(
        0, "Find the likeliest text by a beam search of this width, without sampling; 0 is off.",
        low=0, high=1_000, label="Beam", beside="beam",
    )  # fmt: skip
    unit: Unit = knob("characters", "What `--length` counts; a line or sentence ends after 2,000 characters.")
    stop: tuple[str, ...] = knob((), "Stop before this text; may be repeated.")
    seed: int | None = knob(None, "Random seed; a new one each time if not given.", low=0, high=2**63 - 1)
