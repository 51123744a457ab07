"""Where everything lives.

Every folder hangs under `LSTMTERM_HOME` when that is set, and where the platform keeps such
things otherwise. Asking for a path creates nothing.
"""

import os
from pathlib import Path

import platformdirs

_LONGEST_NAME = 100  # bytes in a file's name, with room for suffixes (most systems allow 255)
_PACKAGE = Path(__file__).parent


class NameRejected(ValueError):
    """A name that cannot be the plain name of a file: exit code 2."""

    exit_code = 2


def _room(kind: str) -> Path:
    home = os.environ.get("LSTMTERM_HOME")
    if home:
        return Path(home).expanduser().absolute() / kind
    return Path(getattr(platformdirs, f"user_{kind}_dir")("lstmterm", appauthor=False))


def models() -> Path:
    """The person's own models, one `.safetensors` file each."""
    return _room("data") / "models"


def model(name: str) -> Path:
    """The file of the user's own model `name`. Raises `NameRejected` for a name that cannot be a file's."""
    return models() / (plain_name(name, "model's name") + ".safetensors")


def corpora() -> Path:
    """The person's own and fetched corpora."""
    return _room("data") / "corpora"


def runs() -> Path:
    """Training runs, one folder each."""
    return _room("state") / "runs"


def encoded() -> Path:
    """Texts as arrays of numbers; can be deleted at any time."""
    return _room("cache") / "encoded"


def calibration() -> Path:
    """What was measured of this machine."""
    return _room("cache") / "calibration.json"


def settings() -> Path:
    """The person's settings file."""
    return _room("config") / "settings.toml"


def shipped_models() -> Path:
    """The models that come with the package, read-only."""
    return _shipped("checkpoints")


def shipped_corpora() -> Path:
    """The texts and the catalogue that come with the package, read-only."""
    return _shipped("corpora")


def _shipped(kind: str) -> Path:
    """The wheel carries shipped files as `_data`; an editable install has them in the repository."""
    packaged = _PACKAGE / "_data" / kind
    return packaged if packaged.is_dir() else _PACKAGE.parent / kind


def changed(path: Path) -> float:
    """When a file was last written to, seconds since the epoch; 0 if it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def is_file_argument(argument: str) -> bool:
    """Whether an argument means a file (it has a separator or a suffix) rather than a name."""
    separators = [os.sep, *([os.altsep] if os.altsep else [])]
    return any(s in argument for s in separators) or bool(Path(argument).suffix)


def plain_name(name: str, what: str = "name") -> str:
    """`name` unchanged if it can be the plain name of a file in one of our folders.

    Raises `NameRejected` otherwise: for separators, leading dots or dashes, control characters,
    surrounding spaces, and names that are too long.
    """
    if not name:
        raise NameRejected(f"An empty {what} names nothing; give it at least one letter.")
    if name.startswith((".", "-")) or name != name.strip():
        raise NameRejected(
            f"The {what} {name!r} starts with a dot, a dash or a space, or ends with a space; "
            "begin and end it with a letter or a digit."
        )
    bad = next((c for c in name if c in '/\\:*?"<>|' or not c.isprintable()), None)
    if bad is not None:
        raise NameRejected(
            f"The {what} {name!r} has {bad!r} in it, which is no part of a plain file name; "
            "use letters, digits, dashes and underscores."
        )
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise NameRejected(f"The {what} is longer than {_LONGEST_NAME} bytes; choose a shorter one.")
    return name
