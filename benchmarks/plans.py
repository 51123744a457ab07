"""Compare the plan with fixed settings on the same text in the same time.

    python benchmarks/plans.py python-docs --minutes 0.5
    python benchmarks/plans.py TEXT --minutes 1 --chars 30000

Each row is one run of `lstmterm train` with fixed settings; the last row is the plan. The fixed sizes are
those that the plan chooses from, each without and with strong dropout. Prints a Markdown table.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click

PRESETS = {
    "1x128, 16 x 32": ("--hidden=128", "--batch-size=16", "--seq-length=32", "--lr=0.006"),
    "1x256, 32 x 48": ("--hidden=256", "--batch-size=32", "--seq-length=48", "--lr=0.006"),
    "1x384, 32 x 48": ("--hidden=384", "--batch-size=32", "--seq-length=48", "--lr=0.005"),
    "1x512, 64 x 64": ("--hidden=512", "--batch-size=64", "--seq-length=64", "--lr=0.005"),
}
DROPOUTS = (0.0, 0.5)


@click.command()
@click.argument("text")
@click.option("--minutes", type=float, default=1.0, show_default=True)
@click.option("--chars", type=click.IntRange(1000), help="Only so many characters, from the text's start.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(text: str, minutes: float, chars: int | None, seed: int) -> None:
    """What each preset, and the plan, reach on TEXT (a file or a built-in name) in the time."""
    with tempfile.TemporaryDirectory() as folder:
        source = text
        if chars:
            source = str(Path(folder) / "text.txt")
            Path(source).write_text(Path(text).read_text("utf-8")[:chars], "utf-8")
        click.echo(
            f"{text}{f', its first {chars:,} characters' if chars else ''}; {minutes:g} minutes each\n"
        )
        click.echo("| settings | model | dropout | val_loss | epochs | seconds |")
        click.echo("| --- | --- | --- | --- | --- | --- |")
        for name, preset in PRESETS.items():
            for dropout in DROPOUTS:
                row(name, source, minutes, seed, (*preset, f"--dropout={dropout}"), f"{dropout:g}")
        row("**the plan**", source, minutes, seed, (), "planned")


def row(name: str, source: str, minutes: float, seed: int, options: tuple[str, ...], dropout: str) -> None:
    """Train and print a row."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "lstmterm", "train", source, "--json", "--val", "0.1", "--test", "0"]
        command += ["--minutes", str(minutes), "--seed", str(seed), *options]
        output = subprocess.run(
            command, env={**os.environ, "LSTMTERM_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    events = [json.loads(line) for line in output.splitlines()]
    done = events[-1]
    click.echo(
        f"| {name} | {events[0]['summary']} | {dropout} | {done['val_loss']:.4f} | {done['epochs']:.1f} | "
        f"{done['seconds']:.0f} |"
    )


if __name__ == "__main__":
    main()
