"""What the screen uses of Textual that is not public: these tests fail if an update changes it."""

from lstmterm.ui.widgets.textual_private import all_bindings
from tests.ui.conftest import make_app


async def test_every_key_is_found_also_where_its_action_is_not_possible_and_as_the_settings_have_it() -> None:
    app = make_app()
    app.set_keymap({"quit": "ctrl+k"})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        found = {binding.id: (node, key) for node, key, binding in all_bindings(app.screen)}
        assert found["quit"] == (app, "ctrl+k")
        assert found["train.stop"] == (app.query_one("#train"), "ctrl+t")
        possible = {binding.binding.id for binding in app.screen.active_bindings.values() if binding.enabled}
        assert "train.stop" not in possible, "no run is running"
