"""Messages as the screen shows them: it has fields where commands have options."""

import functools
from itertools import chain

from lstmterm.errors import COMMAND, OPTION, fitting
from lstmterm.spec.kinds import SPECS, knobs_of
from lstmterm.spec.knobs import knobs
from lstmterm.spec.sampling import Generation, Sampling


def on_screen(message: object) -> str:
    """A message, or what an error says, without advice on options, and with a field's label for its option; commands to type stay."""
    parts = COMMAND.split(fitting(str(message)))
    parts[::2] = [OPTION.sub(lambda option: _labels().get(option[0], option[0]), part) for part in parts[::2]]
    return "".join(parts)


def explanation(sentence: str) -> str:
    """What a knob is for, with the labels of the fields for the options that it names in backquotes."""
    return OPTION.sub(lambda option: _labels().get(option[0], option[0]), sentence.replace("`", ""))


# Form fields that are not model settings, by the options they stand for.
_FIELDS = {"--from": "From", "--name": "Name", "--minutes": "Time", "--epochs": "Time", "--steps": "Time"}


@functools.cache
def _labels() -> dict[str, str]:
    every = chain(*(knobs_of(kind).values() for kind in SPECS), knobs(Sampling), knobs(Generation))
    return {f"--{knob.option}": knob.label for knob in reversed([*every])} | _FIELDS
