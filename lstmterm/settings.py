"""The person's settings: one TOML file, written by the screen, readable and editable by hand.

Comments and anything unknown in the file stay as they are. A file that cannot be read is reported
with its line and is never written to; the defaults hold meanwhile.
"""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lstmterm import atomic, paths
from lstmterm.errors import InputError

HEADING = "lstmterm's settings. The screen writes this file; edit it as you like."


@dataclass(frozen=True)
class Settings:
    """What a person chose; every field has a sentence in the file."""

    theme: str = "lstmterm-dark"
    time: str = "3 minutes"
    folder: str = ""
    bits: bool = False
    bell: bool = False
    keys: dict[str, str] = field(default_factory=dict)


SENTENCES = {
    "theme": "The colours: a theme's name as the palette lists them.",
    "time": "How long to train unless you say otherwise: '90 seconds', '3 minutes', '2 epochs', '5000 steps'.",
    "folder": "Where choosing a file starts; empty for the folder that lstmterm is started in.",
    "bits": "Show losses in bits instead of nats.",
    "bell": "Ring the terminal's bell when a run ends.",
    "keys": 'Other keys for actions: an action\'s name as Help shows it, then the key, such as "train.start" = "f9".',
}


def load(path: Path | None = None) -> Settings:
    """The settings of the file, or the defaults if there is none.

    Raises `InputError` with the file and the line if it is broken, or holds a value of the wrong kind.
    """
    path = path or paths.settings()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The settings {path} are no UTF-8 text in line {line}; correct or delete the file."
        ) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"The settings {path} cannot be read: {error}. Correct or delete the file."
        ) from None
    return Settings(**{name: _checked(name, values, path, text) for name in SENTENCES if name in values})


def _checked(name: str, values: dict[str, Any], path: Path, text: str) -> Any:
    value, default = values[name], getattr(Settings(), name)
    if isinstance(value, dict):
        value = _flat(value)
    right = type(value) is type(default)
    if right and isinstance(value, dict):
        right = all(isinstance(key, str) for key in value.values())
    if not right:
        line = next((i for i, row in enumerate(text.splitlines(), 1) if name in row.split("=")[0]), 1)
        noun = {str: "a text in quotes", bool: "true or false", dict: "a table of texts"}[type(default)]
        raise InputError(f"The settings {path}, line {line}: {name} is {noun}, not {value!r}.")
    return value


def _flat(table: dict[str, Any], before: str = "") -> dict[str, Any]:
    """`{"train": {"start": "f9"}}`, as TOML reads `train.start = "f9"`, as `{"train.start": "f9"}`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return flat


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, keeping a person's comments and unknown entries.

    Raises `InputError` instead of touching a file that cannot be read.
    """
    import tomlkit

    path = path or paths.settings()
    load(path)  # a broken file is left untouched
    if path.exists():
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    else:
        document = tomlkit.document()
        document.add(tomlkit.comment(HEADING))
    for f in dataclasses.fields(Settings):
        value = getattr(settings, f.name)
        if f.name in document and document[f.name] == value:
            continue
        if f.name not in document:
            if value == getattr(Settings(), f.name) and path.exists():
                continue
            document.add(tomlkit.nl())
            document.add(tomlkit.comment(SENTENCES[f.name]))
        document[f.name] = value
    atomic.write_text(path, tomlkit.dumps(document))
