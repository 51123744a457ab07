"""Models, drafts, runs and texts are opened in the tabs where they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.widgets import Tabs

from lstmterm.ui.notices import NoticesOnce
from lstmterm.ui.services import Services
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.pages import Pages

if TYPE_CHECKING:
    from lstmterm.ui.generate.panel import GeneratePanel
    from lstmterm.ui.tagger.panel import TaggerPanel
    from lstmterm.ui.train.panel import TrainPanel


class OpensTabs(NoticesOnce):
    """An application with tabs; implements `Opener`."""

    services: Services

    async def show_tab(self, tab_id: str, *, enter: bool = False) -> None:
        """Show a tab; its panel is made when it is first shown.

        It gets the focus; from the list of tabs only with `enter`.
        """
        panel = await self.query_one("#panels", Pages).show(tab_id)
        self.query_one("#tabs", Tabs).active = f"tab-{tab_id}"
        self.services.remember(tab=tab_id)
        if enter or not isinstance(self.focused, Tabs):
            panel.focus_first()
        self.refresh_bindings()

    async def open_model(self, name: str) -> None:
        """Generate with a character model, or tag with a tagger."""
        from lstmterm.models import library

        with self.services.reporting():
            if library.kind(name) == "tagger":
                return (await self._tagger_panel()).open_model(name)
            await self.show_tab("generate")
            cast("GeneratePanel", self.query_one("#generate")).open_model(name)

    async def inspect_model(self, name: str, text: str = "") -> None:
        """Show where this text, or else the model's own, surprises a character model."""
        from lstmterm.ui.inspect.panel import InspectPanel

        await self.show_tab("inspect")
        self.query_one(InspectPanel).inspect(name, text)

    async def open_draft(self, name: str, stretch: int | None = None) -> None:
        """Go on with a draft where the user was in it, or in one of its stretches."""
        from lstmterm.ui.generate.panel import GeneratePanel

        await self.show_tab("generate")
        self.query_one(GeneratePanel).open_draft(name, stretch)

    def rename_draft(self, name: str, new: str) -> None:
        """Rename a draft, also while it is open in this screen. Raises as `drafts.store.rename`."""
        from lstmterm.drafts import store

        panel = self.drafts_panel()
        if panel is None or not panel.rename_draft(name, new):
            store.rename(name, new)

    def remove_draft(self, name: str) -> None:
        """Delete a draft, also while it is open in this screen. Raises as `drafts.store.remove`."""
        from lstmterm.drafts import store

        if (panel := self.drafts_panel()) is not None:
            panel.close_draft(name)
        store.remove(name)

    def drafts_panel(self) -> GeneratePanel | None:
        """The Generate tab, once it has been shown."""
        panel = next(iter(self.query("#generate")), None)
        return cast("GeneratePanel | None", panel)

    async def open_run(self, run: str) -> None:
        """Show a run, by its id."""
        if (row := self.services.runs.summary(run)) and self.services.runs.kind(row) == "tagger":
            await (await self._tagger_panel()).choose(run)
        else:
            (await self._train_panel()).choose(run)

    async def open_text(self, corpus: str) -> None:
        """Choose this text for a new model."""
        (await self._train_panel()).choose_source(corpus)

    async def start_from(self, model: str) -> None:
        """Choose the weights of this character model or tagger for a new one to start from."""
        from lstmterm.models import library

        with self.services.reporting():
            if library.kind(model) == "tagger":
                await (await self._tagger_panel()).start_from(model)
            else:
                (await self._train_panel()).start_from(model)

    async def _train_panel(self) -> TrainPanel:
        """The Train tab, which is shown."""
        await self.show_tab("train")
        return cast("TrainPanel", self.query_one("#train"))

    async def _tagger_panel(self) -> TaggerPanel:
        """The Tagger tab, which is shown."""
        await self.show_tab("tagger")
        return cast("TaggerPanel", self.query_one("#tagger"))

    async def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        if event.tab.id != event.tabs.active:
            return  # another key came meanwhile
        chosen = (event.tab.id or "").removeprefix("tab-")
        panels = self.query("#panels")  # none when the screen closes meanwhile
        if chosen and panels and chosen != panels.first(Pages).current:
            await self._go(chosen)

    async def action_tab(self, tab_id: str) -> None:
        await self._go(tab_id, enter=True)

    async def action_next_tab(self, by: int) -> None:
        ids = [tab.id for tab in TABS]
        current = self.query_one("#panels", Pages).current or ids[0]
        await self._go(ids[(ids.index(current) + by) % len(ids)])

    async def _go(self, tab_id: str, *, enter: bool = False) -> None:
        """Show a tab that the user asked for."""
        if tab_id != self.query_one("#panels", Pages).current:
            self.leave_notices()
        await self.show_tab(tab_id, enter=enter)
