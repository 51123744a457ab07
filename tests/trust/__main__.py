"""`python -m tests.trust [NAME ...]`: try the promises for long, and print a table of what was seen."""

import importlib
import os
import pkgutil
import sys
import tempfile
import time

import click

import tests.trust


def promises() -> list[str]:
    """The modules that hold a promise, by name."""
    found = [module.name.removeprefix("test_") for module in pkgutil.iter_modules(tests.trust.__path__)]
    return sorted(name for name in found if not name.startswith("_") and _module(name) is not None)


def _module(name: str):
    try:
        module = importlib.import_module(f"tests.trust.test_{name}")
    except ModuleNotFoundError:
        return None
    return module if hasattr(module, "PROMISE") else None


@click.command()
@click.argument("names", nargs=-1)
@click.option("--rounds", type=int, help="How often each promise is tried (default: its own number).")
def main(names: tuple[str, ...], rounds: int | None) -> None:
    """Try the promises NAMES, or all of them, in a home of their own."""
    known = promises()
    if unknown := set(names) - set(known):
        raise click.UsageError(
            f"There is no promise {', '.join(sorted(unknown))}; there are {', '.join(known)}."
        )
    failed = False
    click.echo("| promise | seen | seconds | command |\n| --- | --- | --- | --- |")
    for name in names or known:
        module = _module(name)
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
