"""One sentence as a tagger tags it at each evaluation.

The journal holds the sentence and its predicted tags. The gold tags come from the run's data: a cipher is
deciphered, a file is searched for the sentence, in a thread.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import work
from textual.content import Content

from lstmterm.runs.events import Sampled
from lstmterm.tagging import ciphers, treebank
from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.gloss import drawn
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.plain import plain
from lstmterm.visible import visible

RIGHT, WRONG = "✓", "✗"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_CAPTION = 9  # columns
_DIM = "$foreground 60%"


@dataclass(frozen=True)
class GoldSentence:
    """The sentence that a run samples, with the tags of its data."""

    level: treebank.Level
    words: tuple[str, ...]
    tags: tuple[str, ...]


class TaggedTimeline(Timeline):
    """The samples of a tagger."""

    EMPTY = "At each evaluation the same sentence is tagged; ← and → step through the samples."
    TITLE = "Sample"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._gold: GoldSentence | None = None
        self._searched = ""  # the run whose sentence is being searched for, or was found

    def show(self, run: str, samples: list[Sampled]) -> None:
        if run != self._searched:
            self._gold, self._searched = None, ""
        if samples and run and not self._searched:
            self._searched = run
            self._search(run, samples[-1].prompt)
        super().show(run, samples)

    @work(exclusive=True, group="gold")
    async def _search(self, run: str, prompt: str) -> None:
        from lstmterm.errors import RunError
        from lstmterm.runs import storage

        def found() -> GoldSentence | None:
            return gold_sentence(storage.find(run).spec["data"], prompt.removesuffix("\n"))

        try:
            gold = await asyncio.to_thread(found)
        except (ValueError, KeyError, TypeError, OSError, RunError):
            return  # the data is gone, or has changed: the tags are shown without marks
        if run == self._searched:
            self._gold = gold
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def shown(self, sample: Sampled) -> Content:
        gold = self._gold
        width = max((self.scrollable_content_region.width or self.size.width) - 1, 20)
        words = sample.prompt.removesuffix("\n")
        if gold is None:
            return Content.assemble((visible(words), "bold $accent"), "\n", plain(sample.text))
        tags = tags_in(sample.text, gold)
        marks = _marks(tags, gold)
        head = self._score(marks, gold)
        if gold.level == "sequence":
            return Content.assemble(head, "\n\n", plain(words), "\n", _label(tags, gold, self._colours()))
        if gold.level == "char" and all(len(tag) == 1 for tag in (*tags, *gold.tags)):
            return Content.assemble(head, "\n", letters(gold, tags, marks, width))
        return Content.assemble(head, "\n", tagged_words(gold, tags, marks, width, self._colours()))

    def _colours(self) -> TagColours:
        names = self._gold.tags if self._gold else ()
        return TagColours(names, self.app.current_theme)

    def _score(self, marks: Sequence[bool], gold: GoldSentence) -> Content:
        """How many tags are right, and a bar for each sample's share."""
        unit = {"word": "tags", "char": "letters", "sequence": "labels"}[gold.level]
        shares = [sum(_marks(tags_in(s.text, gold), gold)) / max(len(gold.tags), 1) for s in self._samples]
        score = f"{sum(marks)} of {len(gold.tags)} {unit} right  "
        room = max((self.scrollable_content_region.width or 60) - len(score) - 1, 8)
        first = min(max(self.position - room // 2, 0), max(len(shares) - room, 0))
        bars = [
            (_HEIGHTS[round(7 * share)], "bold $foreground" if i == self.position else "$accent 60%")
            for i, share in enumerate(shares)
        ]
        return Content.assemble((score, "bold"), *bars[first : first + room])


def gold_sentence(data: dict[str, Any], words: str) -> GoldSentence | None:
    """The sentence with these words in a run's data, or None."""
    level, source = data["level"], data["source"]
    if ciphers.is_cipher(source):
        return GoldSentence("char", tuple(words), tuple(ciphers.parse(source).decipher(words)))
    separator = "" if level == "char" else " "
    columns = {name: data.get(name) for name in ("column", "text_column", "encoding")}
    files = treebank.files(source, data.get("dev"), None)
    for file in (files[role] for role in ("dev", "train") if role in files):
        for sentence in treebank.read(file, level=level, **columns).sentences:
            if separator.join(sentence.words) == words:
                return GoldSentence(level, sentence.words, sentence.tags)
    return None


def tags_in(text: str, gold: GoldSentence) -> list[str]:
    """The tags in a sample's text, one for each word of the sentence."""
    if gold.level == "sequence":
        return [text]
    if gold.level == "char":
        return list(text) if len(text) == len(gold.words) else text.split(" ")
    tags = []
    for i, word in enumerate(gold.words):
        text = text[len(word) + 1 :]
        end = f" {gold.words[i + 1]}/" if i + 1 < len(gold.words) else ""
        tag, _, rest = text.partition(end) if end else (text, "", "")
        tags.append(tag)
        text = end[1:] + rest
    return tags


def _marks(tags: Sequence[str], gold: GoldSentence) -> list[bool]:
    """Which of these tags are right."""
    return [right in (tag, "") for tag, right in zip(tags, gold.tags, strict=False)]


def letters(gold: GoldSentence, tags: Sequence[str], marks: Sequence[bool], width: int) -> Content:
    """Cipher text, deciphered text and marks for right letters, folded to `width` columns."""
    room = max(width - _CAPTION, 8)
    decoded = list(zip(tags, marks, strict=False))
    parts: list[Content | str | tuple[str, str]] = []
    for start in range(0, len(gold.words), room):
        block = slice(start, start + room)
        parts += ["\n" if start else "", ("cipher   ", _DIM), "".join(map(drawn, gold.words[block]))]
        parts += ["\n", ("decoded  ", _DIM)]
        parts += [(drawn(tag), "bold $success" if right else "$error") for tag, right in decoded[block]]
        parts += ["\n", " " * _CAPTION]
        parts += [(RIGHT if right else " ", "$success") for _, right in decoded[block]]
        if not all(marks):
            parts += ["\n", ("plain    ", _DIM), ("".join(map(drawn, gold.tags[block])), _DIM)]
        parts.append("\n")
    return Content.assemble(*parts)


def tagged_words(
    gold: GoldSentence, tags: Sequence[str], marks: Sequence[bool], width: int, colours: TagColours
) -> Content:
    """Words with their tags below; after a wrong tag, the right one."""
    parts: list[Content | str | tuple[str, str]] = []
    line_words: list[Content | str | tuple[str, str]] = []
    line_tags: list[Content | str | tuple[str, str]] = []
    x = 0
    for word, tag, is_right, right in zip(gold.words, tags, marks, gold.tags, strict=False):
        shown = drawn(word)
        label = visible(tag) if is_right else f"{WRONG}{visible(tag)}({visible(right)})"
        cells = max(cell_len(shown), cell_len(label)) + 2
        if x and x + cells - 2 > width:
            parts += ["\n", *line_words, "\n", *line_tags, "\n"]
            line_words, line_tags, x = [], [], 0
        line_words += [shown, " " * (cells - cell_len(shown))]
        style = colours.style(tag, "bold") if is_right else "$error"
        line_tags += [(label, style), " " * (cells - cell_len(label))]
        x += cells
    return Content.assemble(*parts, "\n", *line_words, "\n", *line_tags)


def _label(tags: Sequence[str], gold: GoldSentence, colours: TagColours) -> Content:
    right = list(tags) == list(gold.tags)
    label = f"{RIGHT if right else WRONG} {visible(tags[0])}"
    correction = "" if right else f"  (right: {visible(gold.tags[0])})"
    return Content.assemble((label, colours.style(tags[0], "bold") if right else "bold $error"), correction)
