"""What is said of a run that ended, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmterm.ui.tabs import TABS

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from lstmterm.runs.summary import Summary
    from lstmterm.ui.services import Services


def ended(services: Services, row: Summary) -> tuple[str, SeverityLevel, str] | None:
    """A notice, its severity and its title; None for a run that the user stopped."""
    name, resume = row.name, "It can be resumed from its last save." if row.resumable else ""
    if row.status == "failed":
        return f"{row.reason} {resume}".rstrip(), "error", f"{name} failed"
    if row.status == "interrupted":
        return resume or "Nothing was saved yet.", "warning", f"{name} was interrupted"
    if row.status != "finished":
        return None
    tagger = services.runs.kind(row) == "tagger"
    tab, does = ("tagger", "tags") if tagger else ("generate", "writes")
    usual = next(place.key for place in TABS if place.id == tab)
    opens = services.shown_key(f"tab.{tab}", usual)
    longer = services.shown_key("train.resume", "ctrl+r")
    said = f"The best model is in the library. {opens} {does} with it; {longer} trains it for longer."
    return said, "information", f"{name} is finished"
