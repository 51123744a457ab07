"""The declaration of the tabs: everything that follows from a line of it is there."""

import pkgutil
from pathlib import Path

import pytest
from textual.binding import Binding

import lstmterm.ui
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.services import Panel
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.pages import Page

UI = Path(lstmterm.ui.__file__).parent


@pytest.mark.parametrize("tab", TABS, ids=[tab.id for tab in TABS])
def test_a_tab_has_its_folder_its_panel_its_style_sheet_and_its_help(tab: Page) -> None:
    panel = pkgutil.resolve_name(tab.panel)
    assert issubclass(panel, Panel)
    assert panel.__module__ == f"lstmterm.ui.{tab.id}.panel"
    assert UI / tab.id / "panel.tcss" in LstmTerm().css_path
    assert all(panel.ABOUT), "a title and a text"
    assert panel.focus_first is not Panel.focus_first


def test_every_folder_is_a_tab_or_the_widgets() -> None:
    folders = {file.parent.name for file in UI.glob("*/__init__.py")}
    assert folders == {tab.id for tab in TABS} | {"widgets"}


def test_no_key_of_the_application_is_declared_twice() -> None:
    keys = [key for b in LstmTerm.BINDINGS if isinstance(b, Binding) for key in b.key.split(",")]
    assert len(keys) == len(set(keys))
    assert {tab.key for tab in TABS} <= set(keys)
