"""How many steps a run makes, and how often it is validated."""

from dataclasses import dataclass, replace

from lstmterm.planning.length import Length

# What is left of the time for steps, because speed varies: a share, and as much again in short runs, at most so many seconds.
SPARE_SHARE, MOST_SPARE = 0.03, 2.0
EVALUATIONS = 20  # in a run, if their share of the time allows it
FEWEST_EVALUATIONS = 5  # unless they would take more than MOST_EVALUATION_SHARE of the time
FEWEST_IN_SHORT = 2  # then, however long they take
EVALUATION_SHARE, MOST_EVALUATION_SHARE = 0.05, 0.2  # of the time


@dataclass(frozen=True)
class Pace:
    """How long the parts of a run take, in seconds, with its number of threads and its precision."""

    threads: int
    units: int  # characters or tokens in a step
    step: float
    evaluation: float  # with its sample and saves
    finish: float  # the final figures
    precision: str = "float32"

    def __post_init__(self) -> None:
        if self.threads < 0 or self.units < 1 or min(self.step, self.evaluation) <= 0 or self.finish < 0:
            raise ValueError("has a time or a size that is not positive")

    @property
    def units_per_second(self) -> float:
        """The rate of training, evaluations not counted."""
        return self.units / self.step

    def seconds_of(self, count: int, evaluate_every: int) -> float:
        """How long so many steps take, with their evaluations and the final figures."""
        return count * self.step + -(-count // evaluate_every) * self.evaluation + self.finish


@dataclass(frozen=True)
class Limits:
    """What bounds the steps of a run."""

    steps_per_epoch: float
    fewest: int  # however short the time
    most: int  # however long the time
    models: float = 1  # that share the time, as the folds of a validation do
    evaluations: int = EVALUATIONS  # where the time does not decide
    models_if_taught: float = 0.0  # that share it if a first model teaches the second; 0: none does
    worth_teaching: int = 0  # steps from which on further ones teach a model less than another model does


@dataclass(frozen=True)
class Steps:
    """The steps of one model's training, and into how many parts its evaluations divide them."""

    count: int
    evaluations: int
    is_taught: bool = False  # whether another model is trained before it, because there is time for both
    over: float = 0.0  # seconds that the fewest steps take longer than the time that was given

    @property
    def evaluate_every(self) -> int:
        """Steps from one evaluation to the next."""
        return max(1, -(-self.count // self.evaluations))


def steps_for(length: Length, limits: Limits, pace: Pace | None = None, seconds: float = 0.0) -> Steps:
    """The steps for a length of training. A length in minutes needs the `pace` and the `seconds` left."""
    if length.unit == "steps":
        return Steps(int(length.amount), limits.evaluations)
    if length.unit == "epochs":
        return Steps(max(1, round(length.amount * limits.steps_per_epoch)), limits.evaluations)
    assert pace is not None
    if limits.models_if_taught:
        each = _in_time(limits, pace, seconds / limits.models_if_taught)
        if each.count >= limits.worth_teaching:
            return replace(each, is_taught=True)
    alone = _in_time(limits, pace, seconds / limits.models)
    return replace(alone, over=limits.models * alone.over)


def seconds_of_steps(pace: Pace, seconds: float) -> float:
    """How much of the seconds left is for steps: not for evaluations and the final figures."""
    return _without_spare(max(seconds - pace.finish - _evaluations(pace, seconds) * pace.evaluation, 0.0))


def steps_share(seconds: float) -> float:
    """The share of a time that steps have, roughly."""
    return _without_spare((1 - EVALUATION_SHARE) * seconds) / seconds


def _without_spare(seconds: float) -> float:
    """The part of the seconds left for steps in which they are planned to end."""
    spare = SPARE_SHARE * seconds
    return seconds - spare - min(spare, MOST_SPARE)


def _evaluations(pace: Pace, seconds: float) -> int:
    """How many evaluations there are in the seconds left."""
    left = max(seconds - pace.finish, 0.0)
    affordable = EVALUATION_SHARE * left / pace.evaluation
    fewest = max(FEWEST_IN_SHORT, min(FEWEST_EVALUATIONS, MOST_EVALUATION_SHARE * left / pace.evaluation))
    return int(min(max(affordable, fewest), EVALUATIONS))


def _in_time(limits: Limits, pace: Pace, seconds: float) -> Steps:
    """The steps of one model in its share of the time."""
    evaluations = _evaluations(pace, seconds)
    count = min(int(seconds_of_steps(pace, seconds) / pace.step), limits.most)
    if count >= limits.fewest:
        return Steps(count, evaluations)
    steps = Steps(limits.fewest, evaluations)
    return replace(steps, over=max(0.0, pace.seconds_of(steps.count, steps.evaluate_every) - seconds))


def expected_pace(length: Length, units: int, units_per_second: float) -> Pace:
    """The pace of a run that is not measured yet, with evaluations that take their share of the time."""
    evaluation = EVALUATION_SHARE * (length.seconds or 0.0) / EVALUATIONS
    return Pace(0, units, units / units_per_second, evaluation or 1.0, 0.0)
