"""All actions that have a key: their names, which the settings' `[keys]` may remap, and the tabs that they are in."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from lstmterm.errors import did_you_mean
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.keys import are_keys


def action_names() -> set[str]:
    """Collect the names from the modules of all tabs and widgets; this imports them all."""
    return {binding.id for cls in _classes() for binding in _named(cls) if binding.id}


def actions_of_tabs() -> dict[str, list[Binding]]:
    """By a tab's id: the keys that its panel and what is in it have, but for its dialogs; this imports all tabs."""
    found: dict[str, list[Binding]] = {tab.id: [] for tab in TABS}
    for cls in _classes():
        folder = cls.__module__.removeprefix("lstmterm.ui.").split(".")[0]
        if folder in found and not issubclass(cls, Screen):
            found[folder] += _named(cls)
    return found


def _named(cls: type) -> list[Binding]:
    """The keys that a class declares itself, with a name."""
    return [b for b in cls.__dict__.get("BINDINGS", ()) if isinstance(b, Binding) and b.id]


def _classes() -> list[type]:
    """All classes that may have keys, each once."""
    for folder in (*(tab.id for tab in TABS), "widgets"):
        for module in pkgutil.iter_modules([str(Path(__file__).parent / folder)]):
            importlib.import_module(f"lstmterm.ui.{folder}.{module.name}")
    return list(dict.fromkeys(_ours(DOMNode)))


def unknown_names(names: Iterable[str]) -> str:
    """A line for each name that no action has; empty if there are none."""
    known = action_names()
    return "\n".join(
        f"[keys] in the settings: no action is named {name!r}. "
        + did_you_mean(name, known, "Help (F1) lists the names.")
        for name in sorted(set(names) - known)
    )


def unknown_keys(keys: Mapping[str, str]) -> str:
    """A sentence on the keys that do not exist; empty if there are none. Their actions keep the usual keys."""
    said = [f"{name!r} of {action}" for action, name in sorted(keys.items()) if not are_keys(name)]
    if not said:
        return ""
    return f"[keys] in the settings: no terminal sends {', '.join(said)}; the usual keys stay. Examples: f9, ctrl+x, alt+shift+up."


def _ours(cls: type) -> Iterable[type]:
    for child in cls.__subclasses__():
        if child.__module__.startswith("lstmterm."):
            yield child
        yield from _ours(child)
