"""What happens in a run, as pure values, and their JSON form.

Training yields these; the progress bar, `--json`, the screen and `attach` are consumers of them.
A journal line is `{"event", "step", "time", ...}`. Numbers that are not finite become null and
come back as nan. A reader skips unknown kinds and unknown fields, so that an older version can read
a newer journal.

Units: losses are nats per character (per token for a tagger), `time` is seconds since the epoch,
`step` counts optimizer steps that have been done.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, dataclass_transform

from lstmterm import plain_data

NOT_FINITE = "The loss was not finite"  # how the message begins of a run that failed because it diverged
_MOST_STEPS = 2**63  # a step is smaller, so that curves can be kept in little memory


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened after `step` steps, at `time`; each subclass becomes a dataclass of the same kind."""

    step: int
    time: float

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    @property
    def kind(self) -> str:
        """What the journal calls this class."""
        return type(self).__name__.lower()


class Started(Event):
    """A run starts: what is trained, on which data, and the baselines for its losses."""

    run: str
    task: str  # "charlm" or "tagger"
    model: str  # the name that the model is published under
    corpus: str
    steps: int
    steps_per_epoch: float
    units_per_step: int  # characters (or tokens) that one step learns from
    parameters: int
    device: str
    precision: str
    threads: int
    baselines: Mapping[str, float] = field(default_factory=dict)  # name -> nats, on the validation text
    summary: str = ""  # the plan in a few words: "1x384, batch 16 x 48"
    began: float = 0.0  # by the run's id: later than all earlier runs, also where the clock was set back
    counted: int = 0  # characters of the training text that the baselines read, its last; 0 for all of them
    # relative time of a step of each model that is trained in turn; empty for a single model
    costs: tuple[float, ...] = ()


class Step(Event):
    """The steps since the last such event, gathered."""

    steps: int  # how many are gathered here
    loss: float  # their mean
    epoch: float  # epochs so far, with fractions
    chars_per_second: float
    learning_rate: float
    gradient_norm: float  # before clipping, mean
    threads: int = 0  # CPU threads of these steps; 0 in journals that don't say
    apart: bool = False  # whether each of them takes pieces of a step, beside other programs


class Compared(Event):
    """All baselines, those too that took longer to compute than the start of the run; in place of earlier ones."""

    baselines: Mapping[str, float] = field(default_factory=dict)


class Evaluated(Event):
    """An evaluation during training; `metrics` has other figures (the accuracy of a tagger)."""

    val_loss: float | None  # None without validation data
    train_loss: float  # mean training loss since the last evaluation
    best: bool
    metrics: Mapping[str, float] = field(default_factory=dict)


class Sampled(Event):
    """A sample of the model so far, from the same prompt and seed each time."""

    prompt: str
    text: str
    seed: int
    temperature: float
    copied: Mapping[str, float] = field(default_factory=dict)  # from the training text: `Copying.figures`
    stretches: tuple[tuple[int, ...], ...] = ()  # start and end of what is copied, in characters of `text`


class Saved(Event):
    """A file was saved: the `state` to resume from, or the best `model` so far."""

    what: str
    seconds: float


class Occupied(Event):
    """How much of a GPU's memory is in use, in bytes."""

    run: int  # reserved by the run
    used: int  # by all programs
    memory: int  # of the GPU


class Warned(Event):
    """A sentence that the user should read."""

    message: str


class Resumed(Event):
    """The run resumes at `step`; what the journal says about later steps is undone."""

    steps: int  # in all that the run will have


class Shortened(Event):
    """The run will make fewer steps than planned, to end in its time."""

    steps: int  # in all


class Stopped(Event):
    """The run was stopped before its end and can be resumed."""

    reason: str


class Finished(Event):
    """The run is done; losses are the best model's final figures. Absent figures are None."""

    model: str
    val_loss: float | None
    val_loss_reset: float | None
    test_loss: float | None
    steps: int
    epochs: float
    seconds: float  # of training, over all sessions
    chars_per_second: float
    parameters: int
    metrics: Mapping[str, float] = field(default_factory=dict)


class Failed(Event):
    """The run ended with an error, described in one sentence."""

    message: str


KINDS: dict[str, type[Event]] = {cls.__name__.lower(): cls for cls in Event.__subclasses__()}


def to_json(event: Event) -> str:
    """The event as one line of JSON without its newline, every non-ASCII character escaped."""
    return json.dumps(to_record(event), allow_nan=False)


def to_record(event: Event) -> dict[str, Any]:
    """The event as a JSON object."""
    record: dict[str, Any] = {"event": event.kind, "step": event.step, "time": round(event.time, 3)}
    for f in dataclasses.fields(event):
        if f.name not in record:
            record[f.name] = _plain(getattr(event, f.name))
    if isinstance(event, Finished):  # a tagger's figures are also fields of the line itself
        record |= {name: value for name, value in record["metrics"].items() if name not in record}
    return record


def from_json(line: str) -> Event | None:
    """The event of a journal line; None for a kind that this version does not know.

    Raises `ValueError` for a line that is not an event.
    """
    return from_record(plain_data.parsed(line))


def from_record(record: object) -> Event | None:
    """The event of a JSON object; None for a kind that this version does not know.

    Raises `ValueError` for an object that is not an event.
    """
    if not isinstance(record, dict) or not isinstance(record.get("event"), str):
        raise ValueError("an event is a JSON object with an 'event'")
    cls = KINDS.get(record["event"])
    if cls is None:
        return None
    try:
        event = plain_data.restored(cls, record, null_is_nan=True)
    except plain_data.Damaged as error:
        raise ValueError(f"the journal's {record['event']!r} event is damaged: it {error}") from None
    if not 0 <= event.step < _MOST_STEPS:
        raise ValueError(f"the journal's {record['event']!r} event is damaged: it is of step {event.step}")
    return event


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return value
