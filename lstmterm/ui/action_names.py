"""The names of all actions that have a key: what the settings' `[keys]` may remap."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterable

from textual.binding import Binding
from textual.dom import DOMNode

import lstmterm.ui


def action_names() -> set[str]:
    """Of every screen, panel and widget of this room. All of them are imported to know: not for the first frame."""
    for module in pkgutil.walk_packages(lstmterm.ui.__path__, "lstmterm.ui."):
        importlib.import_module(module.name)
    return {
        binding.id
        for cls in _ours(DOMNode)
        for binding in cls.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


def unknown_names(names: Iterable[str]) -> str:
    """A sentence on the names that no action has; empty if there are none."""
    known = action_names()
    said = []
    for name in sorted(set(names) - known):
        near = difflib.get_close_matches(name, known, n=1)
        said.append(f"{name!r} (did you mean {near[0]}?)" if near else repr(name))
    if not said:
        return ""
    return f"[keys] in the settings: no action is named {', '.join(said)}. Help (F1) lists the names."


def _ours(cls: type) -> Iterable[type]:
    for child in cls.__subclasses__():
        if child.__module__.startswith("lstmterm."):
            yield child
        yield from _ours(child)
