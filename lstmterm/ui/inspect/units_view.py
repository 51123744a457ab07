"""The Units page of the Inspect tab: what the hidden units do in a text, what they follow, and what they are for."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, cast

from textual import on, work
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import get_current_worker

from lstmterm.amounts import progress
from lstmterm.spec.units import QUANTITIES, TITLES, Quantity, parse_unit
from lstmterm.ui.inspect import unit_work
from lstmterm.ui.inspect.found_units import FoundUnits
from lstmterm.ui.inspect.gate_points import GatePoints
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.similar_places import SimilarPlaces
from lstmterm.ui.inspect.sparkline import Sparkline
from lstmterm.ui.inspect.unit_card import UnitCard, UnitFacts
from lstmterm.ui.inspect.unit_values import UnitValues, rise_at, rise_colours
from lstmterm.ui.inspect.unit_work import UnitWork
from lstmterm.ui.inspect.view import View
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.keys import key

Side = Literal["found", "unit", "gates"]


class UnitsView(View):
    """The text coloured by a hidden unit, a sparkline below, and beside it what is known about the units."""

    BINDINGS = [
        key("f", "side('found')", "Found", "units.found", "The units that follow features of the text"),
        key("e", "side('unit')", "Describe", "units.describe", "Describe the unit: values, gates, features"),
        key("x", "silence", "Without it", "units.silence", "What the model loses without the unit"),
        key("s", "similar", "Similar", "units.similar", "Find places like the selected text"),
        key("g", "side('gates')", "Gates", "units.gates", "How often the gates of all units are saturated"),
        key(
            "left_square_bracket,comma",
            "step(-1)",
            "Previous unit",
            "units.before",
            "The previous unit",
            show=False,
        ),
        key("right_square_bracket,full_stop", "step(1)", "Next unit", "units.after", "The next unit"),
        key("u", "type", "Unit", "units.type", "Choose a unit by its layer and number"),
        key("c", "quantity", "Quantity", "units.quantity", "Colour by c, tanh c, h or a gate"),
    ]
    TALL_FROM = 44

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.work: UnitWork | None = None
        self.place = 0, 0  # the layer and the number of the unit
        self.quantity: Quantity = "tanh_c"
        self.facts: UnitFacts | None = None
        self.side: Side = "found"
        self.without = False  # whether the text shows what is lost without the unit
        self._chosen = False  # whether the user chose the unit
        self._looking: Quantity | None = None  # by which the units are being compared
        self._doing: dict[str, str] = {}  # what is being computed, and how much is done
        self._silence_again = False  # whether the page was left while a unit was silenced

    def below(self) -> Iterable[Widget]:
        yield Sparkline()

    def beside(self) -> Iterable[Widget]:
        yield FoundUnits(id="found", classes="panel side")
        yield UnitCard(id="unit", classes="panel side")
        yield GatePoints(id="gates", classes="panel side")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Sparkline).follow(self.text)
        self._show_side("found")

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= self.TALL_FROM, "-tall")

    # --- computing ------------------------------------------------------------------------------------

    def start(self, reading: Reading) -> None:
        self.work, self.facts = UnitWork(reading, self.post_message), None
        self._looking = None
        self._doing.clear()
        self.query_one(FoundUnits).show(None)
        self.query_one(UnitCard).show(None)
        self.query_one(GatePoints).show(None, 0, 0, self.quantity)
        self.query_one(Sparkline).show(None, (0, 1))
        model = reading.model
        if not (self._chosen and self.place < (model.layers, 0) and self.place[1] < model.hidden):
            self._chosen, self.place = False, (0, 0)
        self.choose(self.place, self.quantity)

    def resume(self, reading: Reading) -> None:
        silence = self._silence_again
        if self.work is None:
            self.start(reading)
        else:
            self._show_unit()
            self._compare()
            if silence:
                self.action_silence()

    def cancel(self) -> None:
        self.workers.cancel_node(self)
        self._looking, self._silence_again = None, "silencing" in self._doing
        self._doing.clear()
        if self.work is not None and self.quantity not in self.work.rankings:
            self.query_one(FoundUnits).show(None, stopped=True)
        if self.facts is None:
            self.work = None
        else:
            self._say()

    def choose(self, place: tuple[int, int], quantity: Quantity) -> None:
        """Colour the text by the unit of this layer and number, as soon as its layer is traced."""
        self.place, self.quantity, self.without = place, quantity, False
        self._show_unit()
        self._compare()

    def _compare(self) -> None:
        """Compare the units with the features of the text by the quantity that is shown, if they are not yet."""
        if self.work is not None and not self.work.knows(self.quantity) and self._looking != self.quantity:
            self._looking = self.quantity
            self._doing["reading"] = "reading…"
            self.query_one(FoundUnits).show(self.work.rankings.get(self.quantity))
            self._look(self.work, self.quantity)
            self._say()

    @work(thread=True, exclusive=True, group="looking")
    def _look(self, work: UnitWork, quantity: Quantity) -> None:
        worker = get_current_worker()
        work.look(quantity, lambda: worker.is_cancelled or work is not self.work)

    @work(thread=True, exclusive=True, group="silencing")
    def _silence(self, work: UnitWork, layer: int, unit: int) -> None:
        worker = get_current_worker()
        work.silence(layer, unit, lambda: worker.is_cancelled or work is not self.work)

    @on(unit_work.WorkGoesOn)
    def _working(self, message: unit_work.WorkGoesOn) -> None:
        if message.work is self.work and message.what in self._doing:
            self._doing[message.what] = f"{progress(message.what, message.done, message.whole)}…"
            self._say()

    @on(unit_work.MoreKnown)
    def _more_known(self, message: unit_work.MoreKnown) -> None:
        if message.work is not self.work or message.quantity != self.quantity:
            return
        ranking = message.work.rankings.get(self.quantity)
        if message.all_known:
            self._doing.pop("reading", None)
            self._looking = None
        if ranking is not None:
            self.query_one(FoundUnits).show(ranking)
            best = ranking.best_pairs()[0]
            if best.beyond_chance and not self._chosen:
                self.place = best.layer, best.unit
        self._show_unit()
        self._say()

    @on(unit_work.UnitSilenced)
    def _silenced(self, message: unit_work.UnitSilenced) -> None:
        if message.work is not self.work:
            return
        at_mean, *at_zero = message.silenced
        if at_zero:
            self._doing.pop("silencing", None)
        if self.facts is not None and (at_mean.layer, at_mean.unit) == self.place:
            self.without = self.without or self.facts.silenced is None
            self._know(silenced=message.silenced)
            self._colour()
        self._say()

    @on(unit_work.WorkFailed)
    def _failed(self, message: unit_work.WorkFailed) -> None:
        if message.work is self.work:
            self._doing.clear()
            self._looking = None
            self._say()
            self.services.notify(message.reason, "error")

    # --- showing --------------------------------------------------------------------------------------

    def _show_unit(self) -> None:
        """Colour the text by the chosen unit if its layer is traced, and show what else is known about it."""
        work = self.work
        trace = work.trace(self.place[0], self.quantity) if work is not None else None
        if work is None or trace is None:
            return
        layer, unit = self.place
        ranking = work.rankings.get(self.quantity)
        shown = self.facts.values if self.facts is not None else None
        same = shown is not None and (shown.layer, shown.unit, shown.quantity) == (layer, unit, self.quantity)
        if shown is not None and same and shown.right == trace.right:
            self._know(ranking=ranking, saturation=work.saturation)
            return
        values = trace.unit(unit, self.quantity)
        shown = UnitValues(work.reading, layer, unit, self.quantity, values, trace.right)
        self.facts = UnitFacts(shown, ranking, work.saturation)
        self.query_one(Sparkline).show(shown.by_character, shown.bounds)
        self._know()
        self._colour()
        self._say()

    def _know(self, **known: object) -> None:
        """Show more of the chosen unit."""
        if self.facts is not None:
            self.facts = replace(self.facts, **known)  # type: ignore[arg-type]
            self.query_one(UnitCard).show(self.facts)
            self.query_one(GatePoints).show(self.facts.saturation, *self.place, self.quantity)

    def _colour(self) -> None:
        if self.facts is None:
            return
        if self.without and self.facts.silenced is not None:
            self.paint(rise_colours(self.facts.values.reading, self.facts.silenced[0]))
        else:
            self.paint(self.facts.values.colours())

    def _say(self) -> None:
        """Say the value at the cursor, and what is being computed."""
        parts = []
        if self.facts is not None:
            values = self.facts.values
            if self.without and self.facts.silenced is not None:
                more = rise_at(values.reading, self.facts.silenced[0], self.text.cursor)
                parts.append(f"without {values.name} {more:+.2f} bits".removesuffix(" +nan bits"))
            else:
                value = float(values.by_character[self.text.cursor])
                parts.append(f"{values.name} {TITLES[values.quantity]} {value:+.2f}".removesuffix(" +nan"))
        doing = next((text for text in self._doing.values() if text), "")
        self.say(" · ".join([*parts, doing] if doing else parts), busy=bool(self._doing))

    def look(self, position: int) -> None:
        self._say()
        self.query_one(Sparkline).refresh()

    def _show_side(self, side: Side) -> None:
        self.side = side
        for other in self.query(".side"):
            other.set_class(other.id == side, "-shown")

    # --- keys -----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action not in ("silence", "similar") or self.facts is not None

    def action_step(self, by: int) -> None:
        """Go to the next unit, or the one before; after a layer's last one to the next layer."""
        if self.reading is not None:
            model = self.reading.model
            layer, unit = self.place
            number = (layer * model.hidden + unit + by) % (model.layers * model.hidden)
            self._chosen = True
            self.choose(divmod(number, model.hidden), self.quantity)

    @work
    async def action_type(self) -> None:
        reading = self.reading
        if reading is None:
            return

        def check(text: str) -> None:
            reading.model.check_unit(*parse_unit(text))

        question = "Which unit? Its layer and number, both from 0, such as 0:12."
        typed = await self.app.push_screen_wait(Ask(question, "{}:{}".format(*self.place), check))
        if typed is not None and reading is self.reading:
            self._chosen = True
            self.choose(parse_unit(typed), self.quantity)

    def action_quantity(self) -> None:
        """Colour by the next quantity; when the text shows what is lost without the unit, by the unit again."""
        if self.reading is None:
            return
        if self.without:
            self.without = False
            self._colour()
            return
        self._chosen = True
        quantity = QUANTITIES[(QUANTITIES.index(self.quantity) + 1) % len(QUANTITIES)]
        self.choose(self.place, quantity)
        if self.work is not None and quantity in self.work.rankings:
            self.query_one(FoundUnits).show(self.work.rankings[quantity])

    def action_side(self, side: str) -> None:
        """Show a list and go to it, or back to the text."""
        shown = cast(Side, side)
        if shown == "found":
            self._compare()
        widget = self.query_one(f"#{shown}")
        inside = [*widget.query(OptionList)] or [widget]
        back = any(part.has_focus for part in inside)
        self._show_side(shown)
        if back or not inside[0].can_focus:
            self.text.focus()
        else:
            inside[0].focus()

    def action_silence(self) -> None:
        """Show what is lost without the unit, or the unit again."""
        if self.facts is None or self.work is None:
            return
        if self.facts.silenced is not None:
            self.without = not self.without
            self._colour()
            return
        if self.side == "found":
            self._show_side("unit")
        self._doing["silencing"] = "silencing…"
        self._say()
        self._silence(self.work, *self.place)

    def action_similar(self) -> None:
        """Find places like the selection or, without one, like the word or the character under the cursor."""
        if self.reading is not None and self.work is not None:
            start, end = self.text.selection or self.text.word_at(self.text.cursor)
            self.app.push_screen(SimilarPlaces(self.reading, start, end, self.work.states_along))

    @on(FoundUnits.Chosen)
    def _found_chosen(self, event: FoundUnits.Chosen) -> None:
        event.stop()
        self._chosen = True
        self.choose((event.layer, event.unit), self.quantity)

    @on(UnitCard.Passage)
    def _passage_chosen(self, event: UnitCard.Passage) -> None:
        event.stop()
        self.text.go_to(event.position)
