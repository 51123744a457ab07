"""The Tag page: a text is tagged while it is typed, and its tags can be corrected and saved.

A thread tags and posts messages; the handlers here show the newest text's tags and drop older ones.
"""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea
from textual.worker import get_current_worker

from lstmterm import paths
from lstmterm.amounts import plural
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.treebank import Level, Tagged, appending, conllu
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.tagger.corrections import Corrections
from lstmterm.ui.tagger.further import NextTraining, about
from lstmterm.ui.tagger.gloss import CORRECTED, TO_SAVE, TaggedToken
from lstmterm.ui.tagger.legend import Legend
from lstmterm.ui.tagger.live_tagger import LiveTagger, TaggerLoaded, TaggerRefused
from lstmterm.ui.tagger.probabilities import Probabilities, TagPicker
from lstmterm.ui.tagger.tagged_text import NOTHING, TaggedText
from lstmterm.ui.tagger.token_view import TokenView
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.dialogs import Ask
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_box import TextBox

_PAUSE = 0.06  # seconds without typing before a text is tagged
_RELOAD_EVERY = 2.0  # seconds, while the tagger is being trained
HINTS = {
    "word": "Type or paste a text; each word gets its tag as you type.",
    "char": "Type letters; each gets its tag. A cipher's model writes the plain text.",
    "sequence": "Type a line; it gets one label. Each line is one text.",
}
KEYS = "Words and their tags are shown here. Tab moves to them, the arrow keys between them; Enter corrects a tag."


class TagPage(Panel):
    """A text above, its words with their tags below, and the probabilities of one word's tags beside them."""

    ROOMY_FROM = 100

    BINDINGS = [
        key("ctrl+s", "save", "Save", "tag.save", "Save the corrected sentences as training data"),
        key("ctrl+l", "clear", "Clear", "tag.clear", "Empty the text", show=False),
    ]

    @dataclass
    class TrainOn(Message):
        """The user wants to train on this file: a new tagger, or `further` the one of this name."""

        path: Path
        column: str | None
        further: str | None

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.tagger = LiveTagger(self.post_message)
        self.card: ModelCard | None = None
        self.tagged: TaggedText | None = None
        self.corrections = Corrections()
        self._number = 0  # of the newest text
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="tag-text", classes="panel"):
            yield TextBox(id="text")
        with Horizontal(id="tag-found"):
            with Vertical(id="tag-words", classes="panel"):
                yield Static(KEYS, id="tag-hint", markup=False)
                yield TokenView(id="tokens")
                yield Legend(id="tag-legend")
            yield Probabilities(id="probabilities", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#tag-text").border_title = "Text"
        self.query_one("#tag-words").border_title = "Tags"
        self.query_one(TextBox).placeholder = Content(HINTS["word"])
        self._draw()
        self.set_interval(_RELOAD_EVERY, self._reload)

    def focus_first(self) -> None:
        self.query_one(TextBox).focus()

    # --- the tagger ---------------------------------------------------------------------------------

    def open_tagger(self, reference: str) -> None:
        """Tag with this tagger, once it is read."""
        self.tagger.requested = reference
        self.tag_now()

    def _reload(self) -> None:
        if self.card is not None and not self.card.complete and self.services.runs.running:
            self.run_worker(self.tagger.load, thread=True, group="reading tagger")

    def on_tagger_loaded(self, message: TaggerLoaded) -> None:
        if message.reference != self.tagger.reference:
            message.stop()
            return
        self.card = message.card
        level = str(message.card.metadata.get("level"))
        self.query_one(TextBox).placeholder = Content(HINTS.get(level, HINTS["word"]))
        self.tag_now()

    def on_tagger_refused(self, message: TaggerRefused) -> None:
        if message.reference == self.tagger.requested:
            self.tagger.requested = self.tagger.reference
        else:
            message.stop()

    # --- tagging ------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.tag_now(_PAUSE)

    def tag_now(self, pause: float = 0.0) -> None:
        """Tag the text, after `pause` seconds without typing."""
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
        if pause:
            self._timer = self.set_timer(pause, self._tag)
        else:
            self._tag()

    def _tag(self) -> None:
        self._tag_in_thread(self.query_one(TextBox).text, self._number)

    @work(thread=True, exclusive=True, group="tagging")
    def _tag_in_thread(self, text: str, number: int) -> None:
        worker = get_current_worker()
        self.tagger.tag(text, number, lambda: worker.is_cancelled or number != self._number)

    def on_tagged_text(self, message: TaggedText) -> None:
        if message.number != self._number:
            return
        self.tagged = message
        self.corrections.follow(sentence.words for sentence in message.sentences)
        self._draw()
        if self.query_one(TextBox).has_focus:
            self._follow_text_cursor()

    @on(TextArea.SelectionChanged)
    def _follow_text_cursor(self) -> None:
        """Move the cursor among the words to the word at the text's cursor."""
        if self.tagged is None or not self.tagged.sentences:
            return
        box = self.query_one(TextBox)
        line, column = box.cursor_location
        place = sum(len(box.document.get_line(i)) + 1 for i in range(line)) + column
        self.query_one(TokenView).go_to(*self.tagged.index_at(max(place - 1, 0)))

    # --- drawing ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        found = self.tagged or NOTHING
        tokens = [found.tokens(i, self.corrections) for i in range(len(found.sentences))]
        self.query_one("#tag-hint").display = not tokens
        view = self.query_one(TokenView)
        view.display = bool(tokens)
        view.show(tokens, found.level, found.names, self.corrections.to_save)
        self.query_one(Legend).show(list(chain.from_iterable(tokens)), found.unknown, found.cut)
        self.query_one("#tag-words").border_subtitle = self._counts(found.level, tokens)
        self._show_probabilities()
        self.refresh_bindings()

    def _counts(self, level: Level, tokens: list[list[TaggedToken]]) -> str:
        """The number of words, and of sentences to save."""
        if not tokens:
            return ""
        unit = {"word": "word", "char": "letter", "sequence": "line"}[level]
        counts = plural(sum(map(len, tokens)), unit)
        if len(tokens) > 1 and level == "word":
            counts = f"{plural(len(tokens), 'sentence')}, {counts}"
        to_save = len(self.corrections.to_save)
        return f"{counts} · {TO_SAVE} {to_save} to save" if to_save else counts

    @on(TokenView.Moved)
    def _show_probabilities(self) -> None:
        here, found = self.query_one(TokenView).cursor, self.tagged
        bars = self.query_one(Probabilities)
        if here is None or found is None:
            bars.show(None)
        else:
            token = found.tokens(here[0], self.corrections)[here[1]]
            bars.show(token, found.ranked(*here), found.names)

    # --- correcting ---------------------------------------------------------------------------------

    @on(TokenView.Requested)
    def _requested(self, event: TokenView.Requested) -> None:
        event.stop()
        here, found = self.query_one(TokenView).cursor, self.tagged
        if here is None or found is None:
            return
        sentence, index = here
        if event.what == "correct":
            self._choose_tag(sentence, index)
        elif event.what == "undo":
            self.corrections.correct(sentence, index, None)
            self._draw()
        elif event.what == "accept":
            self.corrections.accept(sentence)
            self._draw()
        else:
            copy(self.app, found.as_plain_text(self.corrections), "the text with its tags")

    @work
    async def _choose_tag(self, sentence: int, index: int) -> None:
        found = self.tagged
        assert found is not None
        token = found.tokens(sentence, self.corrections)[index]
        chosen = await self.app.push_screen_wait(
            TagPicker(token.word, token.tag, found.ranked(sentence, index))
        )
        if chosen is None or self.tagged is not found:
            return
        own = found.sentences[sentence].tags[index]
        self.corrections.correct(sentence, index, chosen if chosen != own else None)
        self._draw()

    def action_clear(self) -> None:
        self.query_one(TextBox).text = ""
        self.focus_first()

    # --- saving -------------------------------------------------------------------------------------

    @work
    async def action_save(self) -> None:
        tagged, numbers = self.tagged, self.corrections.to_save
        if tagged is None or self.card is None or not numbers:
            self.services.notify(
                f"There is nothing to save yet: Enter on a word gives it another tag ({CORRECTED}), "
                "a accepts a sentence as it is."
            )
            return
        level = tagged.level
        column = conllu.column_of_model(self.card.metadata, tagged.names)
        sentences = [tagged.corrected(i, self.corrections) for i in numbers]
        spaces = [tagged.sentences[i].sentence.spaces for i in numbers]
        suffix = ".conllu" if level == "word" else ".csv"
        name = f"{Path(self.tagger.reference).stem or 'tagger'}-corrections{suffix}"
        count = plural(len(numbers), "sentence")
        answer = await self.app.push_screen_wait(
            Ask(
                f"Add {count} to which file? A new one, or one with tagged sentences; .conllu or .csv.",
                str(paths.corpora() / name),
                lambda typed: appending.target(typed, level),
            )
        )
        if not answer:
            return
        path = appending.target(answer, level).absolute()
        saved: list[Tagged] = []
        with self.services.reporting(seconds=10):
            saved = appending.append(path, sentences, spaces, level, column)
        if not saved:
            return
        if self.tagged is not None and self.tagged.number == tagged.number:
            self.corrections.mark_saved(numbers)
            self._draw()
        words = sum(len(sentence.words) for sentence in saved)
        unit = "letter" if level == "char" else "word"
        chosen = await self.app.push_screen_wait(
            NextTraining(about(str(path), len(saved), words, unit, self.tagger.reference))
        )
        if chosen is not None:
            is_chosen = path.suffix.lower() == ".conllu" and column != "UPOS"
            further = self.tagger.reference if chosen == "further" else None
            self.post_message(self.TrainOn(path, column if is_chosen else None, further))
