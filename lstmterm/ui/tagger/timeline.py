"""One sentence as a tagger tags it at each evaluation; of a cipher, its letters falling into place.

The journal holds the sentence and its tags of the moment. What is right is known from the run's own
data: a cipher is deciphered, a file is looked through for the sentence, in a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import work
from textual.content import Content
from textual.events import Resize
from textual.message import Message

from lstmterm.runs.events import Sampled
from lstmterm.tagging import ciphers, treebank
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import drawn
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.plain import plain
from lstmterm.visible import visible

RIGHT, WRONG = "✓", "✗"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_CAPTION = 9  # columns for the lines' names


@dataclass(frozen=True)
class Truth:
    """The sentence that a run shows, as its data has it."""

    level: treebank.Level
    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass
class TruthFound(Message):
    """The sentence of a run was found in its data."""

    run: str
    truth: Truth


class TaggedTimeline(Timeline):
    """The samples of a tagger."""

    EMPTY = "At each evaluation the same sentence is tagged; ← and → step through how its tags came to be."
    TITLE = "How it tags"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._truth: Truth | None = None
        self._asked = ""  # the run whose sentence is looked for, or found

    def show(self, run: str, samples: list[Sampled]) -> None:
        if run != self._asked:
            self._truth, self._asked = None, ""
        if samples and run and not self._asked:
            self._asked = run
            self._look_up(run, samples[-1].prompt)
        super().show(run, samples)

    @work(thread=True, exclusive=True, group="truth")
    def _look_up(self, run: str, prompt: str) -> None:
        from lstmterm.errors import RunError
        from lstmterm.runs import storage

        try:
            found = truth_of(storage.find(run).spec["data"], prompt.removesuffix("\n"))
        except (ValueError, KeyError, TypeError, OSError, RunError):
            return  # the data is gone or another: the tags are shown without marks
        if found is not None:
            self.post_message(TruthFound(run, found))

    def on_truth_found(self, message: TruthFound) -> None:
        if message.run == self._asked:
            self._truth = message.truth
            self._draw()

    def on_resize(self, event: Resize) -> None:
        self._draw()

    def shown(self, sample: Sampled) -> Content:
        truth = self._truth
        width = max((self.scrollable_content_region.width or self.size.width) - 1, 20)
        words = sample.prompt.removesuffix("\n")
        if truth is None:
            return Content.assemble((visible(words), "bold $accent"), "\n", plain(sample.text))
        tags = tags_in(sample.text, truth)
        marks = [tag == right for tag, right in zip(tags, truth.tags, strict=False)]
        head = self._score(marks, truth)
        if truth.level == "sequence":
            return Content.assemble(head, "\n\n", plain(words), "\n", _judged(tags, truth, self._colours()))
        if truth.level == "char" and all(len(tag) == 1 for tag in (*tags, *truth.tags)):
            return Content.assemble(head, "\n", letters(truth, tags, marks, width))
        return Content.assemble(head, "\n", gloss(truth, tags, marks, width, self._colours()))

    def _colours(self) -> TagColours:
        names = self._truth.tags if self._truth else ()
        return TagColours(names, self.app.current_theme)

    def _score(self, marks: Sequence[bool], truth: Truth) -> Content:
        """How many are right now, and how that grew from sample to sample."""
        unit = {"word": "tags", "char": "letters", "sequence": "labels"}[truth.level]
        shares = []
        for sample in self._samples:
            tags = tags_in(sample.text, truth)
            right = sum(a == b for a, b in zip(tags, truth.tags, strict=False))
            shares.append(right / max(len(truth.tags), 1))
        told = f"{sum(marks)} of {len(truth.tags)} {unit} right  "
        room = max((self.scrollable_content_region.width or 60) - len(told) - 1, 8)
        first = min(max(self.position - room // 2, 0), max(len(shares) - room, 0))
        bars = [
            (_HEIGHTS[round(7 * share)], "bold $foreground" if i == self.position else "$accent 60%")
            for i, share in enumerate(shares)
        ]
        return Content.assemble((told, "bold"), *bars[first : first + room])


def truth_of(data: dict[str, Any], words: str) -> Truth | None:
    """The sentence with these words as a run's data has it; None where it is not found."""
    level, source = data["level"], data["source"]
    if ciphers.is_cipher(source):
        return Truth("char", tuple(words), tuple(ciphers.parse(source).decipher(words)))
    joint = "" if level == "char" else " "
    for file in filter(None, (data.get("dev"), source)):
        for sentence in treebank.read(file, level=level, column=data.get("column")).sentences:
            if joint.join(sentence.words) == words:
                return Truth(level, sentence.words, sentence.tags)
    return None


def tags_in(text: str, truth: Truth) -> list[str]:
    """The tags that a sample's text says, one a word of the sentence."""
    if truth.level == "sequence":
        return [text]
    if truth.level == "char":
        return list(text) if len(text) == len(truth.words) else text.split(" ")
    tags = []
    for i, word in enumerate(truth.words):
        text = text[len(word) + 1 :]
        end = f" {truth.words[i + 1]}/" if i + 1 < len(truth.words) else ""
        tag, _, rest = text.partition(end) if end else (text, "", "")
        tags.append(tag)
        text = end[1:] + rest
    return tags


def letters(truth: Truth, tags: Sequence[str], marks: Sequence[bool], width: int) -> Content:
    """The cipher text, what it is taken for, and which letters are right, a block a line of the screen."""
    room = max(width - _CAPTION, 8)
    parts: list[Content | str | tuple[str, str]] = []
    for start in range(0, len(truth.words), room):
        there = range(start, min(start + room, len(truth.words)))
        parts += [
            "\n" if start else "",
            ("cipher   ", "$foreground 60%"),
            "".join(drawn(truth.words[i]) for i in there),
        ]
        parts += ["\n", ("reads    ", "$foreground 60%")]
        parts += [
            (drawn(tags[i]) if i < len(tags) else " ", "bold $success" if marks[i] else "$error")
            for i in there
            if i < len(marks)
        ]
        parts += ["\n", (" " * _CAPTION, "")]
        parts += [(RIGHT if marks[i] else " ", "$success") for i in there if i < len(marks)]
        if not all(marks):
            parts += ["\n", ("plain    ", "$foreground 60%")]
            parts.append(("".join(drawn(truth.tags[i]) for i in there), "$foreground 60%"))
        parts.append("\n")
    return Content.assemble(*parts)


def gloss(
    truth: Truth, tags: Sequence[str], marks: Sequence[bool], width: int, colours: TagColours
) -> Content:
    """Words with their tags below; a wrong one names the right one too."""
    parts: list[Content | str | tuple[str, str]] = []
    line_words: list[Content | str | tuple[str, str]] = []
    line_tags: list[Content | str | tuple[str, str]] = []
    x = 0
    for word, tag, right, truly in zip(truth.words, tags, marks, truth.tags, strict=False):
        shown, told = drawn(word), visible(tag) if right else f"{WRONG}{visible(tag)}({visible(truly)})"
        cells = max(cell_len(shown), cell_len(told)) + 2
        if x and x + cells - 2 > width:
            parts += ["\n", *line_words, "\n", *line_tags, "\n"]
            line_words, line_tags, x = [], [], 0
        line_words += [shown, " " * (cells - cell_len(shown))]
        style = colours.style(tag, "bold") if right else "$error"
        line_tags += [(told, style), " " * (cells - cell_len(told))]
        x += cells
    return Content.assemble(*parts, "\n", *line_words, "\n", *line_tags)


def _judged(tags: Sequence[str], truth: Truth, colours: TagColours) -> Content:
    right = list(tags) == list(truth.tags)
    told = f"{RIGHT if right else WRONG} {visible(tags[0])}"
    beside = "" if right else f"  (it is {visible(truth.tags[0])})"
    return Content.assemble((told, colours.style(tags[0], "bold") if right else "bold $error"), beside)
