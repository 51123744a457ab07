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
from lstmterm.errors import InputError, did_you_mean
from lstmterm.spec.sampling import Sampling
from lstmterm.visible import shorten, visible

if TYPE_CHECKING:
    from lstmterm.corpora.turns import Turns
    from lstmterm.infer.lstm import CharLSTM
    from lstmterm.models.model_file import ModelCard

_LOOKED_AT = 2_000_000  # characters of the training text in which speakers are counted
_SAMPLE = 6_000  # characters that the model writes where that text is not here
_LISTED = 8  # speakers in a note


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.option("--me", metavar="NAME", help="The speaker that you are (default: one of the most frequent).")
@click.option("--you", metavar="NAME", help="The speaker that the model is (default: the most frequent).")
@click.option(
    "--turn",
    metavar="PATTERN",
    help=r"How a turn looks, such as '{name}:\n{text}\n\n' (default: found in the text).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of the first answer; one more for each later one (default: random ones).",
)
@preset_option()
@knob_options(Sampling, defaults=True)
def chat(
    model: str | None, me: str | None, you: str | None, turn: str | None, seed: int | None, **settings: Any
) -> None:
    """Talk with MODEL: you are one speaker of its text, and it is another.

    The speakers are found in the text that the model was trained on, or in what it writes. `/help` lists what
    you can type beside your words. Ctrl-C stops an answer, Ctrl-D ends the dialogue.
    """
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.talk import Talk
    from lstmterm.infer import rules
    from lstmterm.infer.dialogue import Dialogue
    from lstmterm.infer.text_stream import TextStream

    card, lstm = character_model(model)
    sampling = Sampling.from_dict(settings)
    rules.check(card.vocabulary, sampling)
    turns = _turns(card, lstm, turn)
    you = _speaker(turns.speakers, you, "--you", besides=me)
    me = _speaker(turns.speakers, me, "--me", besides=you)
    stream = TextStream(lstm, card.vocabulary, sampling=sampling)
    talk = Talk(Dialogue(stream, turns, me, you, seed))
    note(
        f"You are {me}, and the model is {you}. Speakers: {_listed(turns.speakers)}. /help lists the commands."
    )
    with _asking() as ask:
        while (line := ask(f"{visible(talk.dialogue.me)}> ")) is not None and talk.take(line):
            pass


def _turns(card: "ModelCard", model: "CharLSTM", pattern: str | None) -> "Turns":
    """How turns look and who speaks, in the model's text. Raises `InputError` where nobody does."""
    from lstmterm.cli.progress import reading
    from lstmterm.corpora import turns
    from lstmterm.infer.model_text import training_text
    from lstmterm.infer.text_stream import write_text

    plain = None if pattern is None else turns.parsed(pattern)
    with reading(quiet=False) as progress:
        ids = training_text(card, progress)
    if ids is not None and card.vocabulary.level == "byte":
        text = bytes(ids[:_LOOKED_AT].astype("uint8")).decode("utf-8", "replace")
    elif ids is not None:
        text = card.vocabulary.each(ids[:_LOOKED_AT])
    else:
        text = write_text(model, card.vocabulary, "", _SAMPLE, Sampling(), 1)
    found = turns.find(text) if plain is None else turns.counted(text, plain)
    if found is None:
        raise InputError(
            f"The text of {card.name!r} has no speakers that lstmterm can find; say how a turn looks "
            r"with --turn, such as '{name}: {text}\n', or write with `lstmterm generate`."
        )
    return found


def _speaker(speakers: Mapping[str, int], name: str | None, option: str, besides: str | None) -> str:
    """The speaker that was asked for, or the most frequent one `besides` another. Raises `InputError`."""
    if name is None:
        name = next((known for known in speakers if known != besides), None)
        if name is None:
            raise InputError(f"The text has only one speaker; name another one with {option}.")
    elif name not in speakers:
        same = next((known for known in speakers if known.casefold() == name.casefold()), None)
        if same is None and speakers:
            note(f"{name} is not among the speakers that were found. {did_you_mean(name, speakers)}".rstrip())
        name = same or name
    return name


def _listed(speakers: Mapping[str, int]) -> str:
    names = [shorten(name, 30) for name in speakers]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


@contextlib.contextmanager
def _asking() -> Iterator[Callable[[str], str | None]]:
    """A function that asks for a line; None at the end. On a terminal with editing, and a history that is kept."""
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

    yield ask
