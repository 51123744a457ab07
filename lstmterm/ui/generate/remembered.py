"""What the Generate tab remembers from one start of the screen to the next."""

from typing import Any

from lstmterm.models import library
from lstmterm.ui.generate.drafts_panel import DraftsPanel
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SettingInput
from lstmterm.ui.session import newest

_EVERY = 1.0  # seconds between looks at what has changed


class RememberingPanel(DraftsPanel):
    """The base of the Generate tab: restores what was in it when it was last used, and keeps what is in it now."""

    _chosen = False  # whether the model on the first page was chosen, or written with

    def on_mount(self) -> None:
        self._restore()
        self.set_interval(_EVERY, self.remember)

    def remember(self) -> None:
        """Keep what is in the tab now."""
        self.services.remember(**self.remembered())

    def open_model(self, name: str, number: int = 0) -> None:
        """Write with this model on a page."""
        raise NotImplementedError

    def action_compare(self) -> None:
        """Show the second page, or hide it."""
        raise NotImplementedError

    def remembered(self) -> dict[str, Any]:
        """What is in the tab, as fields of a `Session`."""
        return {
            "comparing": self.comparing,
            "models": tuple(page.writer.reference for page in self.pages) if self._chosen else (),
            "drafts": tuple(page.draft.name for page in self.pages),
            "settings": {str(f.id): f.value for f in self.query(SettingInput) if not f.error},
            "prompts": newest(tuple(self.query_one(PromptArea).prompts)),
        }

    def _restore(self) -> None:
        """Restore what there still is; what cannot be restored is said."""
        session = self.services.session
        for field in self.query(SettingInput):
            if (value := session.settings.get(str(field.id))) is not None:
                before, field.value = field.value, value
                if field.error:
                    field.value = before
        self.query_one(PromptArea).prompts = list(session.prompts)
        for number, model in enumerate(session.models[: 1 + session.comparing]):
            if model:
                with self.services.reporting():
                    library.find(model)
                    self.open_model(model, number)
        for number, draft in enumerate(session.drafts[: 1 + session.comparing]):
            if draft:
                self.open_draft(draft, number=number)
        if session.comparing:
            self.action_compare()
