"""The Tagger tab: three pages to tag a text, train a tagger and read its report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import Button

from lstmterm.models import library
from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.tagger.live_tagger import TaggerLoaded, TaggerRefused
from lstmterm.ui.tagger.tag_page import TagPage
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_picker import ModelPicker
from lstmterm.ui.widgets.page_buttons import PageButtons
from lstmterm.ui.widgets.paged_panel import PagedPanel, about_pages, page_keys
from lstmterm.ui.widgets.pages import Page, Pages
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import plain

if TYPE_CHECKING:
    from lstmterm.ui.tagger.training import TaggerTraining

FIRST_TAGGER = "english-upos"
NO_TAGGER = "There is no tagger yet; train one ({tagger.train:f8})."
_ROOMY = 120  # columns for the whole summary
PAGES = (
    Page(
        "tag",
        "Tag",
        "f7",
        "Tag a text while you type",
        "lstmterm.ui.tagger.tag_page:TagPage",
        "Type a text and see the tag of each word. Tab moves to the words, the arrow keys from word "
        "to word; the bars show the probabilities of the tags. ° marks a word that is not in the training "
        "data, ? a tag with a probability below 60 %. Enter changes a tag (*), 'a' accepts a sentence as it "
        "is, and {tag.save:ctrl+s} saves these sentences (✓) as training data.",
    ),
    Page(
        "training",
        "Train",
        "f8",
        "Train a tagger",
        "lstmterm.ui.tagger.training:TaggerTraining",
        "Choose a tagged file (CoNLL-U, CSV, TSV) or a cipher such as rot13, and a time. 'From' trains a tagger "
        "further. The same "
        "sentence is tagged at each evaluation, so you can watch a cipher being solved (✓ is correct).",
    ),
    Page(
        "report",
        "Report",
        "f9",
        "How good the tagger is",
        "lstmterm.ui.tagger.report:ReportPage",
        "Evaluate the tagger on tagged data. See the precision and recall of each tag, and which "
        "tags are confused.",
    ),
)


class TaggerPanel(PagedPanel):
    """The pages, and the tagger that two of them use."""

    ABOUT = (
        "Tag a text, train a tagger, evaluate it",
        about_pages(PAGES, "tagger"),
    )

    BINDINGS = [
        *page_keys(PAGES, "tagger"),
        key("ctrl+o", "tagger", "Tagger", "tagger.choose", "Choose the tagger"),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reference = ""  # of the tagger in use
        self._tried: set[str] = set()  # taggers that were opened without a request

    def compose(self) -> ComposeResult:
        with Horizontal(id="tagger-top"):
            yield PageButtons(PAGES, "tagger", self.services)
            yield Pick(id="tagger-pick")
            yield StatusLine(id="tagger-summary")
        yield Pages(PAGES, self.services, id="tagger-pages")

    def on_mount(self) -> None:
        self._choose_first()
        self.services.runs_listed.subscribe(self, lambda _: self._choose_first())

    def on_resize(self, event: Resize) -> None:
        self._draw_summary()

    def focus_first(self) -> None:
        self.page.focus_first()

    # --- pages --------------------------------------------------------------------------------------

    def page_shown(self, left: Panel) -> None:
        """The tagger and its summary belong to the two other pages than `training`."""
        for name in ("#tagger-pick", "#tagger-summary"):
            self.query_one(name).display = self.page.id != "training"
        self._inform_report()

    def _inform_report(self) -> None:
        """Set the report's tagger, if the report was opened."""
        if self.query("#report"):
            from lstmterm.ui.tagger.report import ReportPage

            self.query_one(ReportPage).take_tagger(self.reference, self.query_one(TagPage).card)

    @on(Button.Pressed, "#tagger-pick")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_tagger()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "tagger" or self.page.id != "training"

    # --- the tagger ---------------------------------------------------------------------------------

    def _choose_first(self) -> None:
        """Open the built-in tagger, or any other one."""
        if self.reference:
            return
        names = [entry.name for entry in library.of_kind("tagger") if entry.name not in self._tried]
        if names:
            first = FIRST_TAGGER if FIRST_TAGGER in names else names[0]
            self._tried.add(first)
            self.open_model(first)

    def open_model(self, reference: str) -> None:
        """Use this tagger once it is read. Until then, or if it cannot be read, the present one stays."""
        self.query_one(TagPage).open_tagger(reference)

    def on_tagger_loaded(self, message: TaggerLoaded) -> None:
        self.reference = self.query_one(Pick).chosen = message.reference
        self._draw_summary()
        self._inform_report()

    def on_tagger_refused(self, message: TaggerRefused) -> None:
        self.services.notify(message.reason, "error", seconds=10)
        self._draw_summary()

    def _draw_summary(self) -> None:
        from lstmterm.ui.tagger.figures import summary

        page, line = self.query_one(TagPage), self.query_one("#tagger-summary", StatusLine)
        card = page.card
        if card is None:
            line.show("reading…" if page.tagger.requested else self.services.with_keys(NO_TAGGER))
            return
        brief = self.size.width < _ROOMY
        texts = [summary(card)] if not brief else []
        line.show(*texts, summary(card, brief=True), "")
        line.tooltip = plain(summary(card))
        self.query_one("#tag-text").border_subtitle = plain(summary(card) if brief else "", 72)

    @work
    async def action_tagger(self) -> None:
        running = frozenset(row.name for row in self.services.runs.running)
        chosen = await self.app.push_screen_wait(ModelPicker(self.reference, running, "tagger"))
        if chosen is not None:
            with self.services.reporting():
                library.find(chosen)
                self.open_model(chosen)

    # --- from page to page --------------------------------------------------------------------------

    async def on_tagger_training_use(self, message: Any) -> None:
        """Tag a text with the model that was trained."""
        await self.show_page("tag")
        self.open_model(message.name)

    @on(TagPage.TrainOn)
    async def _train_on(self, event: TagPage.TrainOn) -> None:
        """Train on the sentences that were saved."""
        event.stop()
        if event.further is None:
            await self.choose_source(str(event.path), event.column)
        else:
            training = await self._training()
            training.train_further(event.further, str(event.path), event.column)

    async def choose_source(self, source: str, column: str | None = None) -> None:
        """Choose this data for a new tagger, from new weights."""
        training = await self._training()
        form = training.form
        form.set_values(replace(form.values, start_from=""))
        training.choose_source(source)
        if column is not None:
            form.set_values(replace(form.values, knobs={**form.values.knobs, "column": column}))
            training.read_again()

    async def start_from(self, tagger: str) -> None:
        """Choose this tagger's weights for a new one to start from."""
        (await self._training()).start_from(tagger)

    async def choose(self, run: str) -> None:
        """Show a run."""
        (await self._training()).choose(run)

    async def _training(self) -> TaggerTraining:
        """The page that trains, which is shown."""
        await self.show_page("training")
        return cast("TaggerTraining", self.query_one("#training"))
