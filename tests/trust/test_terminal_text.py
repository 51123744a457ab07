"""Control sequences from texts, names, models, tags and journals, on every surface of a terminal."""

import shutil
import tempfile
from pathlib import Path

from lstmterm import paths
from tests.trust.attacks import ATTACKS, foreign, hostile_home, hostile_text, one_line
from tests.trust.terminals import PROGRAM, printed, together
from tests.ui.terminal import Terminal

PROMISE = (
    "Text cannot drive the terminal: control sequences in it are shown on every surface, and never obeyed"
)
LONG = 2  # times that all surfaces are tried, each time with other attacks first

SMALL = "--steps 1 --hidden 8 --device cpu --precision float32 --threads 1"
RUN, MODEL, TAGGER = "hostile", "hostile", "hostile-tagger"
# TEXT is a hostile text as an argument, FILE a file with such a name.
COMMANDS = (
    "runs", "runs --json", f"attach {RUN}", f"attach {RUN} --json", f"plot {RUN}", f"plot {RUN} --csv -", f"plot {RUN} --svg -",
    f"resume {RUN}", "stop TEXT", "runs remove TEXT",
    "models", "models --json", f"show {MODEL}", f"show {MODEL} --json", f"show {TAGGER}", f"show {TAGGER} --json", "show TEXT",
    f"rename {MODEL} TEXT", f"export {MODEL} FILE", "import FILE", "import text.txt",
    f"generate {MODEL} --length 2000", f"generate {MODEL} --length 300 --count 2 --prompt TEXT --echo", f"generate {MODEL} --json",
    "generate shakespeare --prompt TEXT --echo", f"score {MODEL} text.txt", f"score {MODEL} text.txt --per-char",
    f"score {MODEL} text.txt --against shakespeare --per-char", f"cells {MODEL} text.txt", f"cells {MODEL} text.txt --unit 0:3",
    f"cells {MODEL} text.txt --similar TEXT", "cells TEXT", f"cells {MODEL} text.txt --feature TEXT",
    f"score {MODEL} text.txt --per-char --json", f"score {MODEL} FILE", "score TEXT FILE", f"score {MODEL} --split val",
    f"tag {TAGGER} sentences.txt", f"tag {TAGGER} sentences.txt --format tsv", f"tag {TAGGER} sentences.txt --format json",
    f"tag {TAGGER} sentences.txt --format tsv --probabilities", f"tag {TAGGER} sentences.txt --format text",
    "tag english-upos sentences.txt --format tsv", f"tag {TAGGER} gold.conllu", f"tag {TAGGER} FILE",
    f"evaluate {TAGGER} gold.conllu", f"evaluate {TAGGER} gold.conllu --json", f"evaluate {TAGGER} FILE", "evaluate TEXT TEXT",
    "corpora", "corpora --json", "corpora check FILE", "corpora check text.txt", "corpora check text.txt --json", "corpora add FILE",
    "corpora fetch TEXT", "corpora remove TEXT", f"plan FILE {SMALL}", f"plan text.txt {SMALL}", "plan TEXT", "train TEXT", "train-tagger TEXT",
    "train FILE --name TEXT", f"train FILE {SMALL}", f"train-tagger gold.conllu --yes {SMALL}",
    "train FILE --device TEXT", "TEXT", "train --TEXT", "--debug show TEXT", "--debug TEXT",
)  # fmt: skip


def check(rounds: int) -> str:
    """Try all surfaces `rounds` times."""
    tried = sum(_try(number * len(ATTACKS) // max(rounds, 2)) for number in range(rounds))
    return (
        f"{len(ATTACKS)} attacks, {tried} outputs of commands and screens: no control character came through"
    )


def _try(start: int, commands: tuple[str, ...] = COMMANDS) -> int:
    """Run the commands and the screen with a home that is hostile from attack `start` on; returns how many."""
    with tempfile.TemporaryDirectory() as folder:
        hostile_home(start, Path(folder))
        home = paths.models().parents[1]
        text = one_line(hostile_text(start), 3000)
        file = f"{folder}/{one_line(hostile_text(start))}.txt"

        def run(number: int) -> str:
            stands_for = {"TEXT": text, "--TEXT": f"--{text}", "FILE": file}
            here = {path.name: str(path) for path in Path(folder).iterdir()}
            words = [stands_for.get(word) or here.get(word, word) for word in commands[number].split()]
            terminal = Terminal([*PROGRAM, *words], home)
            terminal.wait_for_end(120)
            terminal.close()
            assert terminal.raw, commands[number]
            return f"{commands[number]}: {found}" if (found := foreign(terminal.raw)) else ""

        seen = [*together(run, len(commands)), _screen(home)]
        shutil.rmtree(home)
    assert not any(seen), "; ".join(filter(None, seen))
    return len(seen)


def _screen(home: Path) -> str:
    """Walk through the screen; what came through, if anything did."""
    screen = Terminal.screen(home, columns=160, rows=50)
    screen.wait_for("New model")
    for tab in ("\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[17~"):  # F2, F3, F4, F6
        screen.send(tab)
        screen.look(0.5)
        for keys in (
            "\x1b[B",
            "\x1b[B",
            "\r",
            "the tide",
            "\r",
            "\x0f",
            "\x1b[B",
            "\r",
            "\x1b",
            "\t",
            "\x1b[B",
            "\r",
            "\x1b",
        ):
            screen.send(keys)
            screen.look(0.3)
    screen.send("\x11")
    code = screen.wait_for_end()
    screen.close()
    if code:
        return f"screen: exit code {code}: {printed(screen)[-3000:]}"
    found = foreign(screen.raw, after_mark=False)
    return f"screen: {found}" if found else ""


def test_text_cannot_drive_the_terminal() -> None:
    _try(0, COMMANDS[::9])
