"""The paths of all files and folders.

Folders are below `LSTMTERM_HOME` if it is set, else in the platform's usual places. Asking for a path
creates nothing.
"""

import os
from pathlib import Path

import platformdirs

_LONGEST_NAME = 100  # bytes of a file name, with space for suffixes (most systems allow 255)
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10)}
_PACKAGE = Path(__file__).parent

MODEL_SUFFIX = ".safetensors"
NO_HOME = Path("/no-home-folder")  # where there is none: nothing is there to read, and nothing is written


class NameRejected(ValueError):
    """A name that cannot be a plain file name; exit code 2."""

    exit_code = 2


def _base(kind: str) -> Path:
    home = os.environ.get("LSTMTERM_HOME")
    try:
        folder = expanded(home) / kind if home else _usual(kind)
    except RuntimeError:  # newer versions of platformdirs raise it, older ones leave the `~`
        folder = Path("~")
    return NO_HOME / "lstmterm" / kind if folder.parts[0].startswith("~") else folder.absolute()


def _usual(kind: str) -> Path:
    return expanded(getattr(platformdirs, f"user_{kind}_dir")("lstmterm", appauthor=False))


def no_home() -> str:
    """Why folders are below `NO_HOME`, and what to do about it."""
    if own := os.environ.get("LSTMTERM_HOME"):
        return f"There is no home folder for {own!r}, which is in LSTMTERM_HOME. Set it to the full path of a folder."
    home = os.environ.get("HOME")
    why = f"HOME is {home!r}" if home else "HOME is not set, and this account has none"
    return (
        f"There is no home folder to write to: {why}. Set HOME, or set LSTMTERM_HOME to a folder of your own."
    )


def expanded(path: str) -> Path:
    """A path that the user named, with the home folder for `~`; unchanged where there is no such folder."""
    return Path(os.path.expanduser(path))


def entries(folder: Path) -> list[Path]:
    """What is in a folder; nothing where there is none, or something else in its place."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def models() -> Path:
    """The user's own models, one `.safetensors` file each."""
    return _base("data") / "models"


def model(name: str) -> Path:
    """The file of the user's own model `name`. Raises `NameRejected` for a name that is not a file name."""
    return models() / (plain_name(name, "model's name") + MODEL_SUFFIX)


def corpora() -> Path:
    """The texts that the user added or fetched."""
    return _base("data") / "corpora"


def runs() -> Path:
    """Training runs, one folder each."""
    return _base("state") / "runs"


def drafts() -> Path:
    """What the user writes with models, a `.jsonl` file for each draft."""
    return _base("state") / "drafts"


def session() -> Path:
    """What was in the screen when it was last used."""
    return _base("state") / "session.json"


def copied() -> Path:
    """The text that was copied last, for terminals that do not take it."""
    return _base("state") / "copied.txt"


def chat_history() -> Path:
    """The lines that the user typed into `lstmterm chat`."""
    return _base("state") / "chat-history"


def encoded() -> Path:
    """The cache of encoded texts; it can be deleted at any time."""
    return _base("cache") / "encoded"


def states() -> Path:
    """The cache of hidden states to find similar ones in; it can be deleted at any time."""
    return _base("cache") / "states"


def calibration() -> Path:
    """The measured speed of this machine."""
    return _base("cache") / "calibration.json"


def paces() -> Path:
    """The measured pace of runs on this machine."""
    return _base("cache") / "paces.json"


def settings() -> Path:
    """The settings file."""
    return _base("config") / "settings.toml"


def shipped_models() -> Path:
    """The models that ship with the package, read-only."""
    return _shipped("checkpoints")


def shipped_corpora() -> Path:
    """The texts and the catalogue that ship with the package, read-only."""
    return _shipped("corpora")


def _shipped(kind: str) -> Path:
    """Shipped files are in `_data` in the wheel, and in the repository for an editable install."""
    packaged = _PACKAGE / "_data" / kind
    return packaged if packaged.is_dir() else _PACKAGE.parent / kind


def changed(path: Path) -> float:
    """When a file was last written to, seconds since the epoch; 0 if it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def size(path: Path) -> int:
    """The bytes of a file; 0 if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_file_argument(argument: str) -> bool:
    """Whether an argument is a path (it has a separator or a suffix, or is `.` or `..`) and not a name."""
    return (
        argument in (".", "..")
        or any(s in argument for s in (os.sep, os.altsep) if s)
        or bool(Path(argument).suffix)
    )


def absolute_argument(argument: str) -> str:
    """A file's path made absolute, so that it is the same from anywhere; a name stays."""
    return str(expanded(argument).absolute()) if is_file_argument(argument) else argument


def plain_name(name: str, what: str = "name") -> str:
    """`name` if it is a plain file name.

    Raises `NameRejected` for separators, leading dots or dashes, control characters, surrounding
    spaces, names of devices, and names that are too long.
    """
    if not name:
        raise NameRejected(f"The {what} must not be empty.")
    if name.startswith((".", "-")) or name != name.strip():
        raise NameRejected(
            f"The {what} {name!r} starts with a dot, a dash or a space, or ends with a space; "
            "it must begin and end with a letter or a digit."
        )
    bad = next((c for c in name if not _is_plain(c)), None)
    if bad is not None:
        raise NameRejected(
            f"The {what} {name!r} contains {bad!r}, which is not allowed in a file name; "
            "use letters, digits, dashes and underscores."
        )
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise NameRejected(f"The {what} must be at most {_LONGEST_NAME} bytes long.")
    if _is_device(name):
        raise NameRejected(f"The {what} {name!r} is reserved on Windows; choose another.")
    return name


def made_plain(name: str) -> str:
    """A plain file name that is like `name`: dashes for what it cannot have, and not too long."""
    plain = "".join(c if _is_plain(c) else "-" for c in name).encode("utf-8", "ignore")
    plain = plain[: _LONGEST_NAME - 20].decode("utf-8", "ignore").lstrip(".- ").rstrip() or "text"
    return f"text-{plain}" if _is_device(plain) else plain


def _is_plain(character: str) -> bool:
    return character.isprintable() and character not in '/\\:*?"<>|'


def _is_device(name: str) -> bool:
    """Whether Windows, and so a disk that it shares, has a device instead of a file of this name."""
    return name.partition(".")[0].rstrip().upper() in _DEVICES
