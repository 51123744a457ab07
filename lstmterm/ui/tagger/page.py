"""Tagging a text as it is typed, looking at the odds of each word, and correcting tags by hand.

A thread tags; the handlers here put what it found on the screen, and drop what came too late.
"""

from bisect import bisect_right
from pathlib import Path
from typing import Any

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea
from textual.worker import get_current_worker

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.treebank import Tagged, conllu
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.tagger.corrections import Corrections
from lstmterm.ui.tagger.odds import Chances, Odds, TagPicker
from lstmterm.ui.tagger.reader import (
    UNSURE,
    TaggedSentence,
    TaggedText,
    TaggerLoaded,
    TaggerReader,
    TaggerRefused,
)
from lstmterm.ui.tagger.tokens import CORRECTED, LEGEND, UNKNOWN, WANTED, Token, TokenView
from lstmterm.ui.widgets.dialogs import Ask, Question
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten, visible_lines

_PAUSE = 0.06  # seconds without typing before a text is tagged
_LOOKS_EVERY = 2.0  # seconds between looks for better weights of a tagger that is being trained
HINTS = {
    "word": "Type or paste a text; each word gets its tag as you type.",
    "char": "Type letters; each gets its tag. A cipher's model knows A to Z and the dash.",
    "sequence": "Type a line; all of it gets one label. Each line is one text.",
}
KEYS = "The words stand here with their tags. Tab goes to them: the arrow keys move, Enter corrects a tag."
_ROOMY = 100


class TextBox(TextArea):
    """The text to tag. What is pasted is made visible; keys of the tabs stay theirs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(compact=True, highlight_cursor_line=False, **options)
        for key in ("f6", "f7"):
            self._bindings.key_to_bindings.pop(key, None)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            text = visible_lines(event.text.replace("\r\n", "\n").replace("\r", "\n"))
            result = self._replace_via_keyboard(text, *self.selection)
            if result is not None:
                self.move_cursor(result.end_location)


class TagPage(Vertical):
    """A text above, its words with their tags below, the odds beside them."""

    app = getters.app(LstmTerm)

    BINDINGS = [
        Binding("ctrl+s", "save", "Save", id="tag.save", tooltip="Save the corrected sentences as training data"),
        Binding("ctrl+l", "clear", "Clear", id="tag.clear", show=False, tooltip="Empty the text"),
    ]  # fmt: skip

    class Taken(Message):
        """A tagger is in use now, or has better weights."""

        def __init__(self, reference: str, card: ModelCard) -> None:
            self.reference, self.card = reference, card
            super().__init__()

    class Refused(Message):
        """The tagger that was to be opened cannot be read."""

        def __init__(self, wrong: str) -> None:
            self.wrong = wrong
            super().__init__()

    class TrainOn(Message):
        """A tagger is to be trained from this file."""

        def __init__(self, path: Path, column: str | None) -> None:
            self.path, self.column = path, column
            super().__init__()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.reader = TaggerReader(self.post_message)
        self.card: ModelCard | None = None
        self.tagged: TaggedText | None = None
        self.corrections = Corrections()
        self._number = 0  # of the newest text
        self._timer: Any = None

    def compose(self) -> ComposeResult:
        with Vertical(id="tag-text", classes="panel"):
            yield TextBox(id="text")
        with Horizontal(id="tag-found"):
            with Vertical(id="tag-words", classes="panel"):
                yield Line(id="tag-hint", grows=True)
                yield TokenView(id="tokens")
                yield Line(id="tag-signs")
            yield Odds(id="odds-panel", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#tag-text").border_title = "Text"
        self.query_one("#tag-words").border_title = "Tags"
        self.query_one(TextBox).placeholder = Content(HINTS["word"])
        self._draw()
        self.set_interval(_LOOKS_EVERY, self._look_for_newer)

    def focus_first(self) -> None:
        """Where the keys go when the page is shown."""
        self.query_one(TextBox).focus()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _ROOMY, "-roomy")

    # --- the tagger ---------------------------------------------------------------------------------

    def open_tagger(self, reference: str) -> None:
        """Tag with this one, once it is read."""
        self.reader.wanted = reference
        self.tag_now()

    def _look_for_newer(self) -> None:
        if self.card is not None and not self.card.complete and self.app.store.running:
            self._read_model()

    @work(thread=True, group="reading tagger")
    def _read_model(self) -> None:
        self.reader.read_model()

    def on_tagger_loaded(self, message: TaggerLoaded) -> None:
        if message.reference != self.reader.reference:
            return
        self.card = message.card
        level = str(message.card.metadata.get("level"))
        self.query_one(TextBox).placeholder = Content(HINTS.get(level, HINTS["word"]))
        self.post_message(self.Taken(message.reference, message.card))
        self.tag_now()

    def on_tagger_refused(self, message: TaggerRefused) -> None:
        if message.reference == self.reader.wanted:
            self.reader.wanted = self.reader.reference
            self.post_message(self.Refused(message.reason))

    # --- tagging ------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.tag_now(_PAUSE)

    def tag_now(self, pause: float = 0.0) -> None:
        """Tag the text as it is, after a pause in which nothing is typed."""
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
        if pause:
            self._timer = self.set_timer(pause, self._tag)
        else:
            self._tag()

    def _tag(self) -> None:
        self._tag_beside(self.query_one(TextBox).text, self._number)

    @work(thread=True, exclusive=True, group="tagging")
    def _tag_beside(self, text: str, number: int) -> None:
        worker = get_current_worker()
        self.reader.tag(text, number, lambda: worker.is_cancelled or number != self._number)

    def on_tagged_text(self, message: TaggedText) -> None:
        if message.number != self._number:
            return
        self.tagged = message
        self.corrections.follow(sentence.words for sentence in message.sentences)
        self._draw()
        if self.query_one(TextBox).has_focus:
            self._follow_text_cursor()

    @on(TextArea.SelectionChanged)
    def _text_cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._follow_text_cursor()

    def _follow_text_cursor(self) -> None:
        """Put the cursor of the words on the one that the text's cursor is in."""
        if self.tagged is None or not self.tagged.sentences:
            return
        box = self.query_one(TextBox)
        line, column = box.cursor_location
        place = sum(len(box.document.get_line(i)) + 1 for i in range(line)) + column
        starts = [
            (start, s, 0 if self.tagged.level == "sequence" else i)
            for s, sentence in enumerate(self.tagged.sentences)
            for i, start in enumerate(sentence.sentence.starts)
        ]
        at = max(bisect_right([start for start, _, _ in starts], max(place - 1, 0)) - 1, 0)
        _, sentence, index = starts[at]
        self.query_one(TokenView).go_to(sentence, index)

    # --- drawing ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        found = self.tagged
        sentences = found.sentences if found is not None else []
        hint = self.query_one("#tag-hint", Line)
        hint.display = not sentences
        self.query_one(TokenView).display = bool(sentences)
        if not sentences:
            hint.tell(Content(KEYS))
        names = found.names if found is not None else ()
        shown = [self._tokens(i) for i in range(len(sentences))]
        wanted = frozenset(self.corrections.wanted)
        self.query_one(TokenView).show(shown, found.level if found else "word", names, wanted)
        self._tell_signs(shown)
        self._show_odds()
        self.refresh_bindings()

    def _tokens(self, number: int) -> list[Token]:
        assert self.tagged is not None
        found = self.tagged.sentences[number]
        sheet = self.corrections.sheets[number]
        whole = self.tagged.level == "sequence"
        words = (" ".join(found.words),) if whole else found.words
        return [
            Token(
                word,
                sheet.tags.get(i, tag),
                known,
                unsure=float(chances.max()) < UNSURE,
                corrected=i in sheet.tags,
            )
            for i, (word, tag, known, chances) in enumerate(
                zip(words, found.tags, found.known, found.chances, strict=True)
            )
        ]

    def _tell_signs(self, shown: list[list[Token]]) -> None:
        """What the signs mean, with how many there are; what else is to be known."""
        line = self.query_one("#tag-signs", Line)
        found = self.tagged
        if found is None or not shown:
            line.tell(Content(""))
            self._entitle("")
            return
        tokens = [token for sentence in shown for token in sentence]
        counts = (
            sum(not t.known for t in tokens),
            sum(t.unsure and not t.corrected for t in tokens),
            self.corrections.corrected,
        )
        parts: list[Content | tuple[str, str]] = []
        if found.unknown:
            letters = shorten(" ".join(found.unknown[:12]), 30)
            parts.append((f"{UNKNOWN} it does not know {letters}  ", "$warning"))
        for (sign, told), number in zip(LEGEND, counts, strict=True):
            if number and not (sign == UNKNOWN and found.unknown):
                parts += [(f"{sign} {number} ", "bold $warning"), (f"{told}   ", "$foreground 70%")]
        if found.cut:
            parts.append(("The rest of the text is not shown; `lstmterm tag` takes whole files.", "$warning"))
        line.tell(Content.assemble(*parts))
        unit = {"word": "words", "char": "letters", "sequence": "lines"}[found.level]
        count = f"{len(tokens):,} {unit}"
        many = len(shown) > 1 and found.level == "word"
        if many:
            count = f"{len(shown)} sentences, {count}"
        wanted = len(self.corrections.wanted)
        self._entitle(f"{count} · {WANTED} {wanted} to save" if wanted else count)

    def _entitle(self, subtitle: str) -> None:
        self.query_one("#tag-words").border_subtitle = subtitle

    @on(TokenView.Moved)
    def _moved(self, event: TokenView.Moved) -> None:
        event.stop()
        self._show_odds()

    def _show_odds(self) -> None:
        here = self._here()
        odds = self.query_one(Odds)
        if here is None or self.tagged is None:
            odds.show(None)
            return
        sentence, index, _ = here
        odds.show(self._tokens(sentence)[index], self._chances(sentence, index), self.tagged.names)

    def _here(self) -> tuple[int, int, TaggedSentence] | None:
        """The sentence and place under the cursor, and what was found there."""
        cursor = self.query_one(TokenView).cursor
        if cursor is None or self.tagged is None:
            return None
        return (*cursor, self.tagged.sentences[cursor[0]])

    def _chances(self, sentence: int, index: int) -> Chances:
        assert self.tagged is not None
        row = self.tagged.sentences[sentence].chances[index]
        return [(self.tagged.names[i], float(row[i])) for i in (-row).argsort(kind="stable")]

    # --- correcting ---------------------------------------------------------------------------------

    @on(TokenView.Wanted)
    def _wanted(self, event: TokenView.Wanted) -> None:
        event.stop()
        here = self._here()
        if here is None:
            return
        sentence, index, _ = here
        if event.what == "correct":
            self._choose_tag(sentence, index)
        elif event.what == "undo":
            self.corrections.correct(sentence, index, None)
            self._draw()
        elif event.what == "accept":
            self.corrections.accept(sentence)
            self._draw()
        else:
            self._copy()

    @work
    async def _choose_tag(self, sentence: int, index: int) -> None:
        assert self.tagged is not None
        number, found = self.tagged.number, self.tagged.sentences[sentence]
        token = self._tokens(sentence)[index]
        chosen = await self.app.push_screen_wait(
            TagPicker(token.word, token.tag, self._chances(sentence, index))
        )
        if chosen is None or self.tagged is None or self.tagged.number != number:
            return
        self.corrections.correct(sentence, index, chosen if chosen != found.tags[index] else None)
        self._draw()

    def _copy(self) -> None:
        """All words with their tags on the clipboard."""
        assert self.tagged is not None
        lines = []
        for i, found in enumerate(self.tagged.sentences):
            tags = self.corrections.tags(i, found.tags)
            if self.tagged.level == "sequence":
                lines.append(f"{' '.join(found.words)}\t{tags[0]}")
            elif self.tagged.level == "char" and all(len(tag) == 1 for tag in tags):
                lines.append("".join(tags))
            else:
                lines.append(" ".join(f"{w}/{t}" for w, t in zip(found.words, tags, strict=True)))
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        self.app.tell("The text with its tags is on the clipboard.")

    def action_clear(self) -> None:
        self.query_one(TextBox).text = ""
        self.focus_first()

    # --- saving -------------------------------------------------------------------------------------

    @work
    async def action_save(self) -> None:
        from lstmterm.ui.tagger import saving

        tagged, wanted = self.tagged, self.corrections.wanted
        if tagged is None or self.card is None or not wanted:
            self.app.tell(
                f"Nothing is to be saved yet: Enter on a word gives it another tag ({CORRECTED}), "
                "a accepts a sentence as it stands."
            )
            return
        level, column = tagged.level, conllu.column_of_model(self.card.metadata, tagged.names)
        sentences = [
            Tagged(tagged.sentences[i].words, tuple(self.corrections.tags(i, tagged.sentences[i].tags)))
            for i in wanted
        ]
        spaces = [tagged.sentences[i].sentence.spaces for i in wanted]
        suffix = ".conllu" if level == "word" else ".csv"
        name = f"{Path(self.reader.reference).stem or 'tagger'}-corrections{suffix}"
        many = f"{len(wanted)} sentences" if len(wanted) > 1 else "The sentence"
        answer = await self.app.push_screen_wait(
            Ask(
                f"{many} to which file? It ends with .conllu or .csv; what is in it already stays.",
                str(paths.corpora() / name),
                lambda typed: saving.check(typed, level),
            )
        )
        if not answer:
            return
        path = saving.check(answer, level).absolute()
        try:
            count = saving.save(path, sentences, spaces, level, column)
        except (InputError, OSError) as error:
            self.app.tell(str(error), "error", seconds=10)
            return
        if self.tagged is not None and self.tagged.number == tagged.number:
            self.corrections.mark_saved(wanted)
            self._draw()
        has = f"It has {count:,} sentences now." if count > 1 else "It has this one sentence."
        question = f"Saved to {path}\n{has}\n\nTrain a tagger from it?"
        if await self.app.push_screen_wait(Question(question, "Train on it", "Not now", danger=False)):
            is_chosen = path.suffix.lower() == ".conllu" and column != "UPOS"
            self.post_message(self.TrainOn(path, column if is_chosen else None))
