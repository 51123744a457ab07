"""`chat`: talk with a character model, in the plain terminal."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from lstmterm import atomic, paths
from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options, preset_option
from lstmterm.cli.notes import note
from lstmterm.cli.signals import interrupt_calls
from lstmterm.errors import InputError
from lstmterm.spec.sampling import Sampling
from lstmterm.visible import shorten, visible

if TYPE_CHECKING:
    from lstmterm.corpora.scene import Scene
    from lstmterm.corpora.turns import Turns
    from lstmterm.infer.lstm import CharLSTM
    from lstmterm.models.model_file import ModelCard

_LISTED = 8  # speakers in a note
_EXAMPLE = r"--turn '{name}: {text}\n'"


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--as", "--me", "me", metavar="NAME", help="Who you are (default: one of the most frequent).")
@click.option("--with", "--you", "you", metavar="NAME", help="Who the model is (default: the most frequent).")
@click.option(
    "--turn",
    metavar="PATTERN",
    help=r"What a turn looks like, such as '{name}:\n{text}\n\n' (default: found in what the model writes).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of the first answer; each later answer adds 1 (default: random seeds).",
)
@preset_option()
@knob_options(Sampling, defaults=True)
def chat(
    model: str | None, me: str | None, you: str | None, turn: str | None, seed: int | None, **settings: Any
) -> None:
    """Talk with MODEL: you are one speaker of its text, and it is another.

    The speakers are found in what the model writes. `/help` lists the commands that you can type; an empty line
    lets the model speak. Ctrl-C stops an answer, Ctrl-D ends the dialogue.
    """
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.talk import Talk
    from lstmterm.infer import rules
    from lstmterm.infer.dialogue import Dialogue
    from lstmterm.infer.text_stream import TextStream

    card, lstm = character_model(model)
    sampling = Sampling.from_dict(settings)
    rules.check(card.vocabulary, sampling)
    scene = _scene(_turns(card, lstm, turn), me, you)
    stream = TextStream(lstm, card.vocabulary, sampling=sampling)
    talk = Talk(Dialogue(stream, scene, seed))
    note(
        f"You are {scene.me}, and the model is {scene.you}. Speakers: {_listed(scene.turns.speakers)}. "
        "/help lists the commands, Ctrl+D leaves."
    )
    with _asking(talk.stop) as ask:
        while (line := ask(f"{visible(talk.dialogue.scene.me)}> ")) is not None and talk.take(line):
            pass


def _turns(card: "ModelCard", model: "CharLSTM", pattern: str | None) -> "Turns":
    """How turns look and who speaks, in what the model writes. Raises `InputError` where nobody does."""
    from lstmterm.corpora import turns
    from lstmterm.infer import speakers

    plain = None if pattern is None else turns.parsed(pattern)
    found = speakers.turns_of(model, card.vocabulary, plain)
    if found is None:
        raise InputError(f"{speakers.none_found(card.name)} Say what a turn looks like, such as {_EXAMPLE}.")
    return found


def _scene(turns: "Turns", me: str | None, you: str | None) -> "Scene":
    """Who speaks: those who were asked for, else the most frequent ones. Raises `InputError`."""
    from lstmterm.corpora.scene import Scene

    asked = Scene(turns, "" if me is None else turns.speaker(me), "" if you is None else turns.speaker(you))
    if me and asked.me == asked.you:
        raise InputError(f"You and the model cannot both be {asked.me}; choose another speaker.")
    scene = asked.filled()
    for name, option in ((scene.you, "--with"), (scene.me, "--as")):
        if not name:
            raise InputError(f"The model writes too few speakers; name one with {option}.")
    for name in scene.unknown:
        note(turns.not_found(name))
    return scene


def _listed(speakers: Mapping[str, int]) -> str:
    names = [shorten(name, 30) for name in speakers]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


@contextlib.contextmanager
def _asking(interrupted: Callable[[], object]) -> Iterator[Callable[[str], str | None]]:
    """A function that asks for a line; None at the end. On a terminal with editing, and a history that is kept.

    There Ctrl-C calls `interrupted`, also between an answer and the next prompt: it never ends the program.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield lambda _: line.rstrip("\n") if (line := sys.stdin.readline()) else None
        return
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    history = InMemoryHistory()
    with contextlib.suppress(atomic.WriteError, OSError):
        atomic.make_folder(paths.chat_history().parent)
        os.close(os.open(paths.chat_history(), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        history = FileHistory(str(paths.chat_history()))
    session: PromptSession[str] = PromptSession(history=history)

    def ask(prompt: str) -> str | None:
        while True:
            try:
                return session.prompt(FormattedText([("bold", prompt)]), handle_sigint=False)
            except KeyboardInterrupt:  # an empty line is asked for again
                continue
            except EOFError:
                return None

    with interrupt_calls(interrupted):
        yield ask
