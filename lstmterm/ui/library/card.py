"""How a card is drawn."""

from rich.console import Group
from rich.text import Text

from lstmterm.ui.library.items import Rows, Section
from lstmterm.ui.widgets.facts import facts


def shown_card(rows: Rows, sections: list[Section]) -> Group:
    """A card, and its sections below it."""
    below = list[Text]()
    for heading, paragraphs in sections:
        below += [Text(), Text(heading, "bold"), *paragraphs]
    return Group(facts(rows), *below)
