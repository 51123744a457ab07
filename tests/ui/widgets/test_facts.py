"""Facts in two columns, and the dialog that shows them."""

from rich.console import Console
from textual.containers import VerticalScroll

from lstmterm.ui.widgets.dialogs import FactsDialog
from lstmterm.ui.widgets.facts import Facts, facts
from tests.ui.conftest import make_app


def drawn(*groups: Facts, width: int = 40) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(facts(*groups))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_values_stand_below_each_other_in_all_groups() -> None:
    plan = [("how long", "about 3 minutes"), ("val_loss", "1.25"), ("left out", "")]
    assert drawn(plan, [], [("size", "72 kB")]) == [
        "how long  about 3 minutes",
        "val loss  1.25",
        "",
        "size      72 kB",
    ]


def test_a_value_wraps_beside_its_title_and_control_characters_are_symbols() -> None:
    assert drawn([("vocabulary", "a\nb \x1b[1m")]) == ["vocabulary  a␊b ␛[1m"]
    assert drawn([("why", "one two three four")], width=14) == ["why  one two", "     three", "     four"]


async def test_the_dialog_is_as_high_as_its_facts_and_is_copied_in_lines() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.push_screen(dialog := FactsDialog("Check", [("tags", "2\n  NOUN 3\n  VERB 1")], [("size", "4")]))
        await pilot.pause()
        assert dialog.query_one(VerticalScroll).outer_size.height == 5 + 4
        assert str(dialog._content).splitlines() == ["tags  2", "    NOUN 3", "    VERB 1", "size  4"]
