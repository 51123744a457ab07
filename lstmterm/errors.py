"""What may go wrong for reasons that a person can act on.

An exception that carries an `exit_code` is meant for the person: its text is one clear sentence
(what is wrong, where, what to do), shown once at the edge without a traceback. Anything else is
a defect. The rooms that import nothing of ours carry `exit_code` on exceptions of their own.
"""


class InputError(ValueError):
    """Wrong use or bad input: exit code 2."""

    exit_code = 2


class RunError(RuntimeError):
    """A run that failed, diverged, or is held by another process: exit code 1."""

    exit_code = 1
