"""The names that `[keys]` may remap."""

import importlib
import pkgutil

import lstmterm.ui
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
