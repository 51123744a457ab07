"""Every text that there is: built in, fetched, own, and what the catalogue offers."""

from dataclasses import dataclass
from typing import Literal

from lstmterm.corpora import builtin, catalogue, kept
from lstmterm.errors import InputError

Origin = Literal["built-in", "fetched", "own", "catalogue"]


@dataclass(frozen=True)
class Listed:
    """A text as a list shows it. `bytes` is None where it is not known; `here` says that it needs no fetching."""

    name: str
    origin: Origin
    kind: kept.Kind
    bytes: int | None
    title: str
    language: str = ""
    licence: str = ""
    purpose: str = ""
    verified: bool = True  # False: the catalogue does not know the bytes

    @property
    def here(self) -> bool:
        return self.origin != "catalogue"


def listing() -> list[Listed]:
    """All texts: built-in ones first, then those kept here, then those that could be fetched."""
    entries = catalogue.entries()
    here = [_kept(own, entries.get(own.name)) for own in kept.everything()]
    names = {text.name for text in here}
    offered = [_offered(entry) for entry in entries.values() if entry.name not in names]
    here.sort(key=lambda text: (text.origin == "own", text.name))
    return [*_built_in(), *here, *offered]


def _built_in() -> list[Listed]:
    found = []
    for name in builtin.NAMES:
        try:
            size = sum(document.size or 0 for document in builtin.read(name).documents)
        except InputError:  # not in this Python, or not in this installation
            continue
        found.append(Listed(name, "built-in", "text", size, builtin.TITLES[name]))
    return found


def _kept(own: kept.Kept, entry: catalogue.Entry | None) -> Listed:
    record = own.record
    if record.origin == "own" or entry is None:
        return Listed(own.name, record.origin, record.kind, own.size, record.title)
    return Listed(
        own.name,
        "fetched",
        record.kind,
        own.size,
        record.title,
        entry.language,
        entry.licence,
        entry.purpose,
        entry.verified,
    )


def _offered(entry: catalogue.Entry) -> Listed:
    return Listed(
        entry.name,
        "catalogue",
        entry.kind,
        entry.size,
        entry.title,
        entry.language,
        entry.licence,
        entry.purpose,
        entry.verified,
    )
