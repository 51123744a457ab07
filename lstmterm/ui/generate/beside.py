"""What is shown beside the pages: the sampling settings, and what comes next, the branches or the held units."""

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from lstmterm.ui.generate.branch_list import BranchList
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.next_characters import NextCharacters
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SamplingForm
from lstmterm.ui.generate.writing_page import WritingPage


class Beside(Vertical):
    """Of the three lists at most one is shown."""

    def __init__(self, pages: Sequence[WritingPage], **options: Any) -> None:
        super().__init__(**options)
        self._pages = pages

    def compose(self) -> ComposeResult:
        yield SamplingForm(id="sampling", classes="panel")
        yield NextCharacters(id="next")
        yield BranchList(id="branches")
        yield HeldUnits(self._pages, id="held")

    def on_mount(self) -> None:
        for each in self._lists():
            each.display = False

    def _lists(self) -> tuple[NextCharacters, BranchList, HeldUnits]:
        return self.query_one(NextCharacters), self.query_one(BranchList), self.query_one(HeldUnits)

    def toggle(self, shown: NextCharacters | BranchList | HeldUnits) -> bool:
        """Show a list and focus it, or hide it and go back to the prompt; returns whether it is shown now."""
        for each in self._lists():
            each.display = each is shown and not each.display
        self.set_class(shown.display, "-wide")
        (shown if shown.display else self.screen.query_one(PromptArea)).focus()
        return shown.display

    @on(NextCharacters.Closed)
    @on(BranchList.Closed)
    @on(HeldUnits.Closed)
    def _list_closed(self) -> None:
        for each in self._lists():
            if each.display:
                self.toggle(each)
