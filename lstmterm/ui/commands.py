"""The entries of the palette: every action of the screen, every model, draft, run and text.

Names are shown as plain text, never as markup.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from textual.actions import parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.markup import escape
from textual.widget import Widget

from lstmterm.ui.services import HasServices
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.textual_private import shown_bindings
from lstmterm.visible import visible

_USES = (
    ("charlm", "Generate with", "Open this model in Generate"),
    ("tagger", "Tag with", "Open this model in Tagger"),
)  # kind of model, name of the entry, help
_BY_HELP = 0.01  # the score of an entry whose help has all words that were typed, below those of names


@dataclass(frozen=True)
class Found:
    """An entry of the palette."""

    name: str
    help: str
    do: Callable[[], Any]
    discover: bool = False  # also shown before anything is typed


class PlainProvider(Provider):
    """A provider whose entries are never markup.

    They are collected in a task of its own: Textual cancels what a search waits for when the user types on, and would
    never collect them again.
    """

    IN_THREAD: ClassVar[bool] = False  # collect the entries in a thread

    def entries(self) -> Iterator[Found]:
        """All entries, collected when the palette is opened."""
        raise NotImplementedError

    async def startup(self) -> None:
        self._collected = asyncio.create_task(self._collect())

    async def _collect(self) -> list[Found]:
        if self.IN_THREAD:
            return await asyncio.to_thread(lambda: list(self.entries()))
        return list(self.entries())  # quick: it reads no files

    async def discover(self) -> Hits:
        for entry in await asyncio.shield(self._collected):
            if entry.discover:
                yield DiscoveryHit(Content(entry.name), entry.do, text=entry.name, help=escape(entry.help))

    async def search(self, query: str) -> Hits:
        matcher, words = self.matcher(query), query.casefold().split()
        for entry in await asyncio.shield(self._collected):
            score, offsets = matcher.fuzzy_search.match(matcher.query, entry.name)
            if score <= 0 and all(word in f"{entry.name} {entry.help}".casefold() for word in words):
                score = _BY_HELP
            if score > 0:
                shown = Content(entry.name)
                if self.match_style is not None:
                    for offset in offsets:
                        shown = shown.stylize(self.match_style, offset, offset + 1)
                yield Hit(score, shown, entry.do, text=entry.name, help=escape(entry.help))


class ActionCommands(PlainProvider):
    """Every action of what is on the screen: the focused panel's first, then those of the others."""

    def entries(self) -> Iterator[Found]:
        seen: set[tuple[str, str | None]] = set()
        for node, binding, tooltip in self._possible():
            if not binding.description or binding.system or binding.id in (None, "palette"):
                continue
            if (name := f"{_group(node)}{binding.description}", binding.id) in seen:
                continue
            seen.add((name, binding.id))
            key = self.app.get_key_display(binding)
            sentence = f"{tooltip or binding.tooltip or ''}  ({key})".strip()
            yield Found(name, sentence, partial(self._act, node, binding.action), discover=True)

    def _possible(self) -> Iterator[tuple[DOMNode, Binding, str]]:
        """The bindings that can act now: the node, the binding, what it does."""
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            if enabled:
                yield node, binding, tooltip
        for node, binding in shown_bindings(self.screen):
            target, name, parameters = parse(binding.action)
            if not target and node.check_action(name, parameters):
                yield node, binding, binding.tooltip

    async def _act(self, node: DOMNode, action: str) -> None:
        """Do an action of a widget, which gets the focus if it can have it."""
        if isinstance(node, Widget) and node.focusable and not node.has_focus:
            node.focus()
        await self.app.run_action(action, node)


def _group(node: object) -> str:
    """The name of the box that an action belongs to."""
    while isinstance(node, Widget):
        if node.border_title:
            return f"{str(node.border_title).split(' · ')[0]}: "
        node = node.parent
    return ""


class OtherTabsCommands(PlainProvider):
    """What can be done in the other tabs, each once; an entry goes there."""

    IN_THREAD = True

    def entries(self) -> Iterator[Found]:
        from lstmterm.ui.action_names import actions_of_tabs

        shown = {panel.id for panel in self.screen.query("#panels > *") if panel.display}
        actions = actions_of_tabs()
        for tab in TABS:
            if tab.id in shown:
                continue
            found: dict[str, Found] = {}
            for binding in actions[tab.id]:
                name = f"{tab.title}: {binding.description}"
                first = replace(binding, key=binding.key.split(",")[0])
                sentence = f"{binding.tooltip}  ({self.app.get_key_display(first)} in {tab.title})"
                go = partial(self.app.run_action, f"app.tab('{tab.id}')")
                if binding.description and name not in found:
                    found[name] = Found(name, sentence, go)
            yield from found.values()


class LibraryCommands(PlainProvider):
    """Models to use, drafts to continue, runs to show, texts to train on."""

    IN_THREAD = True

    def entries(self) -> Iterator[Found]:
        from lstmterm.corpora.listing import all_texts
        from lstmterm.drafts import store
        from lstmterm.models import library

        app = self.app
        assert isinstance(app, HasServices)
        runs, opener = app.services.runs, app.services.opener
        for kind, does, sentence in _USES:
            for model in library.of_kind(kind):
                yield Found(f"{does} {visible(model.name)}", sentence, partial(opener.open_model, model.name))
                start = partial(opener.start_from, model.name)
                yield Found(f"Train from {visible(model.name)}", "Start a new one from its weights", start)
        for name in store.names():
            yield Found(
                f"Open draft {visible(name)}", "Go on with it in Generate", partial(opener.open_draft, name)
            )
        for row in runs.summaries:
            yield Found(
                f"Show run {visible(row.id)}", row.status.capitalize(), partial(opener.open_run, row.id)
            )
        for text in all_texts():
            if text.here and text.kind == "text":
                yield Found(
                    f"Train on {visible(text.name)}",
                    visible(text.title),
                    partial(opener.open_text, text.name),
                )
