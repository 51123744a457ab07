"""The settings: a TOML file, written by the screen, readable and editable by hand.

Comments and unknown entries in the file are kept. A file with an error is reported with the line and is
never written to; the defaults apply until it is corrected.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, MutableMapping
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
    notify: bool = False
    on_end: str = ""
    columns: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    presets: dict[str, str] = field(default_factory=dict)


SENTENCES = {
    "theme": "The colour theme, as the command palette lists them.",
    "time": "Default length of training: '90 seconds', '3 minutes', '2 epochs', '5000 steps'.",
    "folder": "Folder in which file dialogs start; empty for the current folder.",
    "bits": "Show losses in bits instead of nats.",
    "bell": "Ring the terminal's bell when a run ends.",
    "notify": "Show a notification when a run ends, where the terminal can.",
    "on_end": "A command to run when a run ends; empty for none.",
    "columns": "Columns of the table of runs, such as 'run state val tags'; empty for the usual ones.",
    "keys": 'Other keys for actions: the name of an action in Help and a key, such as "train.start" = "f9".',
    "presets": 'Sampling settings by name, as options of generate: calm = "--temperature 0.6 --top-p 0.9".',
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
    before = load(path)  # do not overwrite a file with an error
    old = path.read_bytes().decode() if path.exists() else f"# {HEADING}\n"
    document = tomlkit.parse(old)
    new = tomlkit.document()
    for f in dataclasses.fields(Settings):
        value = getattr(settings, f.name)
        if f.name in document:
            if value != getattr(before, f.name):
                _change(document, f.name, value)
        elif value != getattr(Settings(), f.name) or not path.exists():
            target = document if isinstance(value, dict) else new
            target.add(tomlkit.nl())
            target.add(tomlkit.comment(SENTENCES[f.name]))
            target[f.name] = value
    elsewhere = path.is_symlink() or path.parent.is_symlink()  # such as among the user's other settings
    atomic.write_text(
        path.resolve(), _with_values(tomlkit.dumps(document), tomlkit.dumps(new)), shared=elsewhere
    )


def _change(document: MutableMapping[str, Any], name: str, value: Any) -> None:
    """Change a value in place; of a table only the entries that differ, so that the others keep their comments."""
    if not isinstance(value, dict):
        document[name] = value
        return
    found = dict(_entries(document[name]))
    for entry, (table, key) in found.items():
        if entry not in value:
            del table[key]
        elif table[key] != value[entry]:
            table[key] = value[entry]
    for entry in value.keys() - found.keys():
        document[name][entry] = value[entry]


def _entries(
    table: MutableMapping[str, Any], before: str = ""
) -> Iterator[tuple[str, tuple[MutableMapping[str, Any], str]]]:
    """The flat name of each entry, as of `_flat`, with the table that it is in and its key there."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{before}{key}.")
        else:
            yield before + key, (table, key)


def _with_values(text: str, new: str) -> str:
    """The TOML text with new values after the last of those before its first table, or after its heading."""
    lines = text.splitlines(keepends=True)
    tables = (i for i, line in enumerate(lines) if line.lstrip()[:1] == "[" and _is_toml(lines[:i]))
    end = table = next(tables, len(lines))
    while end > 0 and table < len(lines) and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1  # comments and empty lines before a table belong to it
    if not end:
        end = next((i for i, line in enumerate(lines[:table]) if not line.strip()), 0)
    before, after = "".join(lines[:end]), "".join(lines[end:])
    if before and not before.endswith("\n"):
        before += "\n"
    return before + (new if before or not new else f"{new.lstrip()}\n") + after


def _is_toml(lines: list[str]) -> bool:
    """Whether lines are complete, and not cut inside a value of several lines."""
    try:
        tomllib.loads("".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True
