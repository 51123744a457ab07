"""A dialogue in the terminal: what the user types, and what is printed."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from lstmterm import atomic, paths
from lstmterm.amounts import plural
from lstmterm.cli.notes import note, note_missing
from lstmterm.cli.output import console
from lstmterm.cli.signals import interrupt_calls
from lstmterm.corpora.scene import Scene
from lstmterm.errors import InputError, did_you_mean
from lstmterm.infer import rules
from lstmterm.infer.dialogue import Dialogue
from lstmterm.spec.knobs import knobs, parse
from lstmterm.spec.sampling import Sampling
from lstmterm.visible import visible

_OVERHEARD = 4  # turns of `/on`
_MOST_OVERHEARD = 1000

HELP = """\
(nothing)         let the model speak
/undo             take back the last answer and what you said before it
/retry            get another answer
/on [N]           let both speak for N turns
/as NAME          choose who you are
/with NAME        choose who the model is
/temperature 0.7  change any sampling setting, named as in `lstmterm generate --help`
/save FILE        write the dialogue to a new file, or again to its own
/quit             leave (also Ctrl-D)"""


class Talk:
    """Takes what the user types: words, or a command that begins with a slash."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self._terminal = sys.stdout.isatty()
        self._saved: Path | None = None  # the file of this dialogue, which may be replaced
        self._commands: dict[str, Callable[[str], None]] = {
            "undo": self._undo,
            "retry": self._retry,
            "on": self._on,
            "as": self._as,
            "me": self._as,
            "with": self._with,
            "you": self._with,
            "save": self._save,
            "help": lambda _: click.echo(HELP),
        }

    def take(self, line: str) -> bool:
        """Do what a line says; False at the end of the dialogue."""
        words = line.strip()
        if words in ("/quit", "/exit", "/q"):
            return False
        if words.startswith("/"):
            name, _, rest = words[1:].partition(" ")
            try:
                self._command(name, rest.strip())
            except (InputError, atomic.WriteError) as error:
                note(str(error))
        else:
            if words:
                note_missing(self.dialogue.stream.vocabulary.missing(words))
                self.dialogue.say(words)
            self._print(self.dialogue.scene.you, self.dialogue.answer())
        return True

    def stop(self) -> None:
        """End the answer that is being written, if any."""
        self.dialogue.stream.stopping.set()

    def _command(self, name: str, rest: str) -> None:
        setting = next((k for k in knobs(Sampling) if k.option == name), None)
        if setting is not None:
            stream = self.dialogue.stream
            sampling = replace(stream.sampling, **{setting.name: parse(setting, rest)})
            rules.check(stream.vocabulary, sampling)
            stream.sampling = sampling
            note(f"{name.replace('-', ' ').capitalize()}: {rest or 'none'}.")
        elif name in self._commands:
            self._commands[name](rest)
        else:
            known = [*self._commands, "quit", *(k.option for k in knobs(Sampling))]
            raise InputError(f"There is no command /{name}. {did_you_mean(name, known, '/help lists them.')}")

    def _undo(self, _: str) -> None:
        turns = self.dialogue.undo()
        note("There is nothing to take back." if not turns else f"Took back {plural(turns, 'turn')}.")

    def _retry(self, _: str) -> None:
        if not self.dialogue.said or self.dialogue.said[-1].seed is None:
            raise InputError("The model has not answered yet.")
        name = self.dialogue.said[-1].name
        self.dialogue.retry()
        self._print(name, self.dialogue.answer(name))

    def _on(self, rest: str) -> None:
        turns = int(rest) if rest.isdecimal() and len(rest) < 5 else 0 if rest else _OVERHEARD
        if not 0 < turns <= _MOST_OVERHEARD:
            raise InputError(f"/on takes a number of turns from 1 to {_MOST_OVERHEARD:,} (got {rest!r}).")
        for name, answer in self.dialogue.overheard(turns):
            self._print(name, answer)

    def _as(self, name: str) -> None:
        self._change(self.dialogue.scene.being, name)

    def _with(self, name: str) -> None:
        self._change(self.dialogue.scene.meeting, name)

    def _change(self, changed: Callable[[str], Scene], name: str) -> None:
        if not name:
            raise InputError(f"Name a speaker: {', '.join([*self.dialogue.scene.turns.speakers][:8])}.")
        before = self.dialogue.scene
        self.dialogue.scene = scene = changed(name)
        for unknown in set(scene.unknown) - set(before.unknown):
            note(scene.turns.not_found(unknown))
        note(f"You are {scene.me}, and the model is {scene.you}.")

    def _save(self, rest: str) -> None:
        path = paths.expanded(rest)
        if not rest:
            raise InputError("Name a file: /save dialogue.txt")
        if path.exists() and path != self._saved:
            raise InputError(f"{path} already exists; choose another file.")
        atomic.write_text(path, self.dialogue.text, shared=True)
        self._saved = path
        note(f"Wrote {path}.")

    def _print(self, name: str, pieces: Iterator[str]) -> None:
        """Print a turn as it is written; Ctrl-C stops it, and the dialogue continues."""
        if self._terminal:
            console().print(f"{visible(name)}> ", style="bold", end="")
        with interrupt_calls(self.stop):
            for piece in pieces:
                sys.stdout.write(piece)
                sys.stdout.flush()
        click.echo()
        if remark := self.dialogue.stream.remark():
            note(remark)
