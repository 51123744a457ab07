"""What the Generate tab remembers from one start of the screen to the next."""

from itertools import zip_longest
from typing import Any

from lstmterm.models import library
from lstmterm.ui.generate.held_unit import restored, stored
from lstmterm.ui.generate.held_units import HeldUnits
from lstmterm.ui.generate.models_panel import ModelsPanel
from lstmterm.ui.generate.prompt_area import PromptArea
from lstmterm.ui.generate.sampling_form import SettingInput
from lstmterm.ui.session import newest
from lstmterm.ui.widgets.colourings import COLOURINGS


def remembered(panel: ModelsPanel) -> dict[str, Any]:
    """What is in the tab, as fields of a `Session`."""
    area, units = panel.query_one(PromptArea), panel.query_one(HeldUnits)
    return {
        "comparing": panel.comparing,
        "colours": panel.colours,
        "models": tuple(page.model for page in panel.pages) if panel.chosen else (),
        "drafts": tuple(page.draft.name for page in panel.pages),
        "settings": {str(f.id): f.value for f in panel.query(SettingInput) if not f.error},
        "prompts": newest(tuple(area.prompts)),
        "unsent": area.unsent,
        "held": tuple(tuple(map(stored, units.of(page.number))) for page in panel.pages),
    }


def restore(panel: ModelsPanel) -> None:
    """Restore what there still is of the last session; what cannot be restored is said."""
    session = panel.services.session
    for field in panel.query(SettingInput):
        if (value := session.settings.get(str(field.id))) is not None:
            before, field.value = field.value, value
            if field.error:
                field.value = before
    panel.query_one(PromptArea).restore(session.prompts, session.unsent)
    if session.colours in COLOURINGS:
        panel.colour_by(session.colours)
    pages = list(zip_longest(session.models, session.held, session.drafts))
    for number, (model, held, draft) in enumerate(pages[: 1 + session.comparing]):
        if model:
            with panel.services.reporting():
                library.find(model)
                panel.open_model(model, number)
                for unit in held or ():
                    panel.query_one(HeldUnits).add(number, restored(unit))
        if draft:
            (panel.show_draft if model else panel.open_draft)(draft, number=number)
    if session.comparing:
        panel.action_compare()
