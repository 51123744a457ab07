"""The names of all actions that have a key: what the settings' `[keys]` may remap."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

from lstmterm.errors import did_you_mean
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.keys import are_keys


def action_names() -> set[str]:
    """Collect the names from the modules of all tabs and widgets; this imports them all."""
    for folder in (*(tab.id for tab in TABS), "widgets"):
        for module in pkgutil.iter_modules([str(Path(__file__).parent / folder)]):
            importlib.import_module(f"lstmterm.ui.{folder}.{module.name}")
    return {
        binding.id
        for cls in _ours(DOMNode)
        for binding in cls.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


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
