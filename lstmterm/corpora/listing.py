"""All texts: built in, fetched, added, and those that the catalogue offers."""

from dataclasses import dataclass, replace
from typing import Literal

from lstmterm.corpora import builtin, catalogue, stored
from lstmterm.errors import InputError

Origin = Literal["built-in", "fetched", "own", "catalogue"]


@dataclass(frozen=True)
class TextEntry:
    """A text as a list shows it. `bytes` is None where it is unknown."""

    name: str
    origin: Origin
    kind: stored.Kind
    bytes: int | None
    title: str
    language: str = ""
    licence: str = ""
    purpose: str = ""
    verified: bool = True  # False if the catalogue lacks its hash

    @property
    def here(self) -> bool:
        """Whether it can be read without fetching it first."""
        return self.origin != "catalogue"


def all_texts() -> list[TextEntry]:
    """All texts: built-in ones first, then stored ones, then those that can be fetched."""
    entries = catalogue.entries()
    here = [_stored(text, entries.get(text.name)) for text in stored.texts()]
    names = {text.name for text in here}
    offered = [_offered(entry) for entry in entries.values() if entry.name not in names]
    here.sort(key=lambda text: (text.origin == "own", text.name))
    return [*_built_in(), *here, *offered]


def _built_in() -> list[TextEntry]:
    found = []
    for name in builtin.NAMES:
        try:
            size = sum(document.size or 0 for document in builtin.read(name).documents)
        except InputError:  # missing from this Python or this installation
            continue
        found.append(TextEntry(name, "built-in", "text", size, builtin.TITLES[name]))
    return found


def _stored(text: stored.StoredText, entry: catalogue.Entry | None) -> TextEntry:
    record = text.record
    if record.origin == "own" or entry is None:
        return TextEntry(text.name, record.origin, record.kind, text.size, record.title)
    return replace(_offered(entry), origin="fetched", kind=record.kind, bytes=text.size, title=record.title)


def _offered(entry: catalogue.Entry) -> TextEntry:
    return TextEntry(
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
