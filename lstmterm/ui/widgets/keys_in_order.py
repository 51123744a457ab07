"""The keys of a field that text is typed into act in the order in which they were typed."""

from textual import events
from textual.widget import Widget


async def act_in_order(field: Widget, event: events.Key) -> None:
    """Handle a key of a field before the class that Textual gives it does.

    Textual inserts a letter as soon as the field gets it, while a key with a binding first passes
    through every widget around the field. When several keys come at once, as from a slow connection
    or on a busy machine, letters overtake Backspace, and those after Tab stay in this field. So the
    binding's action is done here, before the next key is looked at, and a key that was sent here
    before the focus moved goes to where the focus is now.
    """
    if hasattr(field, f"key_{event.name}"):  # handled by the field at once
        return
    focused = field.app.focused
    if focused is not None and focused is not field:
        event.stop()
        event.prevent_default()
        focused.post_message(events.Key(event.key, event.character))
        return
    with_alt = event.key.startswith(
        "alt+"
    )  # a terminal sends Escape and the letter, which Textual would type
    active = field.screen.active_bindings.get(event.key) if with_alt or not event.is_printable else None
    acted = active and active.enabled and await field.app.run_action(active.binding.action, active.node)
    if acted or (with_alt and event.is_printable):
        event.stop()
        event.prevent_default()
