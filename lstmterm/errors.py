"""Errors that the user can act on.

The message of an exception with an `exit_code` is a clear sentence for the user (what is wrong, where,
what to do) and is shown without a traceback. Any other exception is a bug. Modules that import nothing
from lstmterm define exceptions of their own with an `exit_code`.
"""


class InputError(ValueError):
    """Wrong usage or bad input; exit code 2."""

    exit_code = 2


class RunError(RuntimeError):
    """A run that failed, diverged, or is locked by another process; exit code 1."""

    exit_code = 1
