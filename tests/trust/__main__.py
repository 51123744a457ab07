"""`python -m tests.trust [NAME ...]`: try the promises for long, and print a table of what was seen."""

import importlib
import os
import pkgutil
import sys
import tempfile
import time
from collections.abc import Sequence
from types import ModuleType

import click

import tests.trust


def promises() -> dict[str, ModuleType]:
    """The modules that hold a promise, by their name without `test_`."""
    names = sorted(module.name for module in pkgutil.iter_modules(tests.trust.__path__))
    found = {name: importlib.import_module(f"tests.trust.{name}") for name in names if name != "__main__"}
    return {name.removeprefix("test_"): m for name, m in found.items() if hasattr(m, "PROMISE")}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--rounds", type=int, help="How often each promise is tried (default: its own number).")
def main(names: Sequence[str], rounds: int | None) -> None:
    """Try the promises NAMES, or all of them, in a home of their own."""
    known = promises()
    if unknown := set(names) - known.keys():
        raise click.UsageError(
            f"There is no promise {', '.join(sorted(unknown))}; there are {', '.join(known)}."
        )
    failed = False
    click.echo("| promise | seen | seconds | command |\n| --- | --- | --- | --- |")
    for name in names or known:
        module = known[name]
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as home:
            os.environ["LSTMTERM_HOME"] = home
            try:
                seen = module.check(rounds or module.LONG)
            except AssertionError as error:
                seen, failed = f"**FAILED**: {error}", True
        row = module.PROMISE, seen, f"{time.monotonic() - begun:.0f}", f"`python -m tests.trust {name}`"
        click.echo(f"| {' | '.join(part.replace('|', '/').replace(chr(10), ' ') for part in row)} |")
    sys.exit(failed)


if __name__ == "__main__":
    main()
