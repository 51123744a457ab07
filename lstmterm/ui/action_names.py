"""The names of all actions that have a key: what the settings' `[keys]` may remap."""

import difflib
from collections.abc import Iterable

from textual.binding import Binding
from textual.dom import DOMNode

from lstmterm.ui.tabs import TABS


def action_names() -> set[str]:
    """Collect the names from all screens, panels and widgets; this imports them all."""
    for tab in TABS:
        tab.panel()
    _import_the_rest()
    return {
        binding.id
        for cls in _ours(DOMNode)
        for binding in cls.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


def _import_the_rest() -> None:
    """Import what has keys and is otherwise imported only when it is opened."""
    import lstmterm.ui.tagger.report
    import lstmterm.ui.tagger.training
    import lstmterm.ui.train.corpus_picker
    import lstmterm.ui.train.knob_screen
    import lstmterm.ui.widgets.help_screen  # noqa: F401


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
