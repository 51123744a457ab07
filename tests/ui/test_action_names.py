"""The names that `[keys]` may remap."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import lstmterm.ui
from lstmterm.ui import action_names as names
from lstmterm.ui.action_names import action_names, unknown_names


def test_no_module_with_keys_is_forgotten() -> None:
    found = action_names()
    for module in pkgutil.walk_packages(lstmterm.ui.__path__, "lstmterm.ui."):
        importlib.import_module(module.name)
    assert action_names() == found


def test_an_unknown_name_is_reported_with_the_nearest_one() -> None:
    assert unknown_names(["train.start", "quit"]) == ""
    assert "'train.strat'. Did you mean 'train.start'?" in unknown_names(["train.strat"])
    assert "'xyz'. Help (F1) lists the names." in unknown_names(["xyz", "quit"])


def test_a_key_in_a_text_is_that_of_an_action() -> None:
    usual: dict[str, set[str]] = {}
    for binding in (binding for cls in names._classes() for binding in names._named(cls)):
        usual.setdefault(binding.id or "", set()).update(binding.key.split(","))
    found = [
        (path.name, *named)
        for path in Path(lstmterm.ui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for named in re.findall(r"\{([a-z_.]+):([a-z0-9+]+)\}", node.value)
    ]
    assert len(found) > 15
    for file, action, key in found:
        if action.startswith("tab.") or file == "services.py":
            continue
        assert key in usual[action], f"{file}: {action}"
