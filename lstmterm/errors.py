"""Errors that the user can act on.

The message of an exception with an `exit_code` is a clear sentence for the user (what is wrong, where,
what to do) and is shown without a traceback. Any other exception is a bug. Modules that import nothing
from lstmterm define exceptions of their own with an `exit_code`.
"""

import difflib
from collections.abc import Callable, Iterable


class InputError(ValueError):
    """Wrong usage or bad input; exit code 2."""

    exit_code = 2


class RunError(RuntimeError):
    """A run that failed, diverged, or is locked by another process; exit code 1."""

    exit_code = 1


def error_of(check: Callable[..., object], *arguments: object) -> str:
    """The sentence of the error that `check` raises with these arguments; empty if it raises none."""
    try:
        check(*arguments)
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", *, most: int = 1) -> str:
    """A question with the known names nearest to `name`; `otherwise` if there are none."""
    near = difflib.get_close_matches(name, list(known), n=most)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else otherwise
