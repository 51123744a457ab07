"""How a card is drawn."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lstmterm.ui.library.items import Rows, Section
from lstmterm.visible import visible

_TITLES = 14  # columns that a card's titles take at most; the values get the rest


def card_table(rows: Rows) -> Table:
    """A card in two columns, long titles on several lines; values are plain text."""
    table = Table.grid(padding=(0, 2))
    table.add_column(max_width=_TITLES, style="dim")
    table.add_column(overflow="fold")
    for title, value in rows:
        if value:
            table.add_row(Text(visible(title.replace("_", " "))), Text(visible(value)))
    return table


def shown_card(rows: Rows, sections: list[Section]) -> Group:
    """A card, and its sections below it."""
    below = list[Text]()
    for heading, paragraphs in sections:
        below += [Text(), Text(heading, "bold"), *paragraphs]
    return Group(card_table(rows), *below)
