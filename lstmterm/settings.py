"""The settings: a TOML file, written by the screen, readable and editable by hand.

Comments and unknown entries in the file are kept. A file with an error is reported with the line and is
never written to; the defaults apply until it is corrected.
"""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lstmterm import atomic, paths, plain_data
from lstmterm.errors import InputError
from lstmterm.plain_data import shown

_LARGEST = 1_000_000  # bytes
HEADING = "Settings of lstmterm. The screen writes this file; you can edit it."


@dataclass(frozen=True)
class Settings:
    """The user's choices; each field has a comment in the file."""

    theme: str = "lstmterm-dark"
    time: str = "3 minutes"
    folder: str = ""
    bits: bool = False
    bell: bool = False
    keys: dict[str, str] = field(default_factory=dict)


SENTENCES = {
    "theme": "The colour theme, as the command palette lists them.",
    "time": "Default length of training: '90 seconds', '3 minutes', '2 epochs', '5000 steps'.",
    "folder": "Folder in which file dialogs start; empty for the current folder.",
    "bits": "Show losses in bits instead of nats.",
    "bell": "Ring the terminal's bell when a run ends.",
    "keys": 'Other keys for actions: the name of an action in Help and a key, such as "train.start" = "f9".',
}


def load(path: Path | None = None) -> Settings:
    """Read the settings; the defaults if there is no file.

    Raises `InputError` with the file and the line of a syntax error or a value of the wrong type.
    """
    path = path or paths.settings()
    try:
        text = plain_data.content(path, _LARGEST).decode("utf-8")
    except FileNotFoundError:
        return Settings()
    except plain_data.Damaged as error:
        raise InputError(f"The settings {path} cannot be read: {error}. Correct or delete it.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The settings {path} are not UTF-8 in line {line}; correct or delete the file."
        ) from None
    try:
        values = tomllib.loads(text)
        if plain_data.is_deep(values):
            raise RecursionError
    except RecursionError:
        raise InputError(
            f"The settings {path} cannot be read: they are nested too deeply. Correct or delete the file."
        ) from None
    except ValueError as error:
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
        kind = {str: "a string in quotes", bool: "true or false", dict: "a table of strings"}[type(default)]
        raise InputError(f"The settings {path}, line {line}: {name} must be {kind}, not {shown(value)}.")
    return value


def _flat(table: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Flatten `{"train": {"start": "f9"}}`, which TOML makes of `train.start = "f9"`, to `{"train.start": "f9"}`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return flat


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, keeping comments and unknown entries.

    Raises `InputError` without writing if the file has an error.
    """
    import tomlkit

    path = path or paths.settings()
    load(path)  # do not overwrite a file with an error
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
