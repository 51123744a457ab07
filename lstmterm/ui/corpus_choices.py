"""The texts that can be chosen by name: built in, kept, and those that can be fetched."""

from dataclasses import dataclass

from lstmterm import builtin, catalogue, kept
from lstmterm.errors import InputError
from lstmterm.progress import size


@dataclass(frozen=True)
class Choice:
    """A text, as a list shows it."""

    name: str
    kind: str  # built in, own, fetched, or to fetch
    told: str  # what it is, in a sentence or less
    bytes: int | None = None

    @property
    def here(self) -> bool:
        """Whether it can be read without a network."""
        return self.kind != "to fetch"


def choices() -> list[Choice]:
    """All of them; first what is here."""
    found = [Choice(name, "built in", builtin.TITLES[name]) for name in builtin.NAMES]
    names = set(builtin.NAMES)
    for text in kept.everything():
        if text.kind == "text":
            names.add(text.name)
            found.append(Choice(text.name, text.record.origin, text.record.title, text.size))
    try:
        entries = list(catalogue.entries().values())
    except InputError:
        entries = []  # `lstmterm corpora` says what is wrong with the catalogue
    for entry in entries:
        if entry.name not in names and entry.kind == "text":
            known = f" · {size(entry.size)}" if entry.size is not None else ""
            doubt = "" if entry.verified else " · not verified yet"
            found.append(Choice(entry.name, "to fetch", f"{entry.title}{known} · {entry.licence}{doubt}", entry.size))
    return found
