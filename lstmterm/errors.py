"""Errors that the user can act on.

The message of an exception with an `exit_code` is a clear sentence for the user (what is wrong, where,
what to do) and is shown without a traceback. Any other exception is a bug. Modules that import nothing
from lstmterm define exceptions of their own with an `exit_code`.
"""

import difflib
import errno
import itertools
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager

_MOST_FILES = 10_000  # of a folder, among which the nearest name is looked for


class InputError(ValueError):
    """Wrong usage or bad input; exit code 2."""

    exit_code = 2


class RunError(RuntimeError):
    """A run that failed, diverged, or is locked by another process; exit code 1."""

    exit_code = 1


class TooLarge(InputError):
    """Something did not fit in memory; exit code 1."""

    exit_code = 1


def too_large(error: BaseException) -> TooLarge | None:
    """The sentence about memory that ran out; None for any other error.

    Python, numpy, torch and its libraries, the loader and the kernel each report it in their own way.
    """
    said = str(error)
    reported = isinstance(error, RuntimeError | ImportError) and _FULL.search(said)
    if not (isinstance(error, MemoryError) or reported or getattr(error, "errno", 0) == errno.ENOMEM):
        return None
    found = _NEEDED.search(said)
    need = f": {_amount(found[1], found[2])} more were needed at once" if found else ""
    return TooLarge(
        f"There is not enough memory{need}. Close other programs, or use a smaller model, batch or text (make "
        "--hidden or --layers smaller; make --batch-size, --seq-length or --vocab-limit smaller; make --tokens smaller)."
    )


def _amount(number: str, unit: str) -> str:
    return f"{float(number) / 1e6:,.0f} MB" if unit == "bytes" else f"{number} {unit}"


_FULL = re.compile(
    r"can't allocate memory|out of memory|bad_alloc|bad allocation|could not (create|execute) a (memory|primitive)(?! descriptor)"
    r"|can't start new thread|failed to map segment",
    re.I,
)
_NEEDED = re.compile(r"allocate (\d+(?:\.\d+)?) ?(bytes|[KMGTP]i?B)")


@contextmanager
def within_memory() -> Iterator[None]:
    """Raise `TooLarge` where memory runs out in the block."""
    try:
        yield
    except Exception as error:
        if found := too_large(error):
            raise found from error
        raise


def fitting(message: str, options: Container[str] = ()) -> str:
    """A message without what concerns options that its reader does not have.

    Nobody below the commands knows which command or which part of the screen shows a message, so advice on
    options stands in parentheses, as in "it is binary (--level byte reads its bytes)", its parts divided by
    semicolons; commands to type are between backquotes. The parts that name an option which is not among
    `options` are left out.
    """

    def kept(remark: re.Match[str]) -> str:
        named = {part: OPTION.findall(COMMAND.sub("", part)) for part in remark[1].split("; ")}
        parts = [part for part, found in named.items() if all(option in options for option in found)]
        return f" ({'; '.join(parts)})" if parts else ""

    return _REMARK.sub(kept, message)


OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
COMMAND = re.compile("(`[^`]*`)")  # to be typed
_REMARK = re.compile(r" \(([^()]*(?<![\w-])--[a-z][^()]*)\)")


def error_of(check: Callable[..., object], *arguments: object) -> str:
    """The sentence of the error that `check` raises with these arguments; empty if it raises none."""
    try:
        check(*arguments)
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


def not_found(
    what: str,
    name: str,
    known: Iterable[str],
    listed: str,
    none_yet: str = "",
    *,
    like: str = "",
    most: int = 1,
) -> InputError:
    """The error for a name that nothing has, with the next step.

    That is the known names nearest to it (to `like`, if given), or else `listed`, a sentence on where all are
    listed, or `none_yet`, one on how to make the first.
    """
    known = list(known)
    hint = did_you_mean(like or name, known, listed if known or not none_yet else none_yet, most=most)
    return InputError(f"There is no {what} {name!r}. {hint}")


def no_file(path: str | os.PathLike[str]) -> InputError:
    """The error for a file that is not there, with the nearest name in its folder, or where it was looked for.

    Of a folder, it names one of its files.
    """
    if os.path.isdir(os.path.expanduser(path)):
        return InputError(f"{path} is a folder; name a file. {_question(_some_files(path))}".rstrip())
    folder, name = os.path.split(path)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            known = [entry.name for entry in itertools.islice(entries, _MOST_FILES)]
    except (OSError, ValueError):
        return InputError(f"There is no file {path}; its folder does not exist.")
    stems = {os.path.splitext(file)[0]: file for file in reversed(known)}
    near = difflib.get_close_matches(os.path.splitext(name)[0], stems, n=1)
    here = "" if folder else f"The current folder is {os.getcwd()}."
    hint = _question(os.path.join(folder, stems[stem]) for stem in near) or here
    return InputError(f"There is no file {path}. {hint}".rstrip())


def _some_files(folder: str | os.PathLike[str]) -> list[str]:
    """The first two of a folder's files, by their names."""
    try:
        with os.scandir(os.path.expanduser(folder)) as entries:
            files = [entry.name for entry in itertools.islice(entries, _MOST_FILES) if entry.is_file()]
    except OSError:
        return []
    return [os.path.join(folder, name) for name in sorted(files) if not name.startswith(".")][:2]


def no_folder(path: str | os.PathLike[str]) -> InputError:
    """The error for a folder in which a file cannot be written, as it is not there."""
    return InputError(f"There is no folder {path}. Create it first, or choose another.")


def taken(path: str | os.PathLike[str]) -> InputError:
    """The error for a file that a command would replace."""
    return InputError(f"{path} already exists; choose another file (--overwrite replaces it).")


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", *, most: int = 1) -> str:
    """A question with the known names nearest to `name`; `otherwise` if there are none."""
    return _question(difflib.get_close_matches(name, list(known), n=most)) or otherwise


def _question(near: Iterable[str]) -> str:
    names = " or ".join(map(repr, near))
    return f"Did you mean {names}?" if names else ""
