"""Tags that the user corrected, kept while the text around them changes."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Sheet:
    """The user's corrections of one sentence."""

    words: tuple[str, ...]
    tags: dict[int, str] = field(default_factory=dict)  # the corrected ones, by their index
    accepted: bool = False  # the sentence is right as it is
    saved: bool = False  # it is in a file already

    @property
    def to_save(self) -> bool:
        """Whether the sentence is to be saved."""
        return (bool(self.tags) or self.accepted) and not self.saved


class Corrections:
    """A sheet for each sentence that is shown."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []

    def follow(self, sentences: Iterable[tuple[str, ...]]) -> None:
        """Take the text's sentences as they are now, and keep the corrections of words that are still there.

        An unchanged sentence keeps its sheet, wherever it is now. A changed one keeps the corrections of
        the words at its beginning and end that are the same as before.
        """
        new = list(sentences)
        left = {id(sheet): sheet for sheet in self.sheets}
        found: list[Sheet | None] = []
        for words in new:
            same = next((sheet for sheet in left.values() if sheet.words == words), None)
            if same is not None:
                del left[id(same)]
            found.append(same)
        for place, words in enumerate(new):
            if found[place] is None:
                before = self.sheets[place] if place < len(self.sheets) else None
                if before is not None and id(before) in left:
                    del left[id(before)]
                    found[place] = _carried(before, words)
        self.sheets = [sheet or Sheet(words) for sheet, words in zip(found, new, strict=True)]

    def correct(self, sentence: int, place: int, tag: str | None) -> None:
        """Correct a word's tag; None restores the tagger's own."""
        sheet = self.sheets[sentence]
        if tag is None:
            sheet.tags.pop(place, None)
        else:
            sheet.tags[place] = tag
        sheet.saved = False

    def accept(self, sentence: int) -> None:
        """Accept a sentence as it is, or no longer."""
        sheet = self.sheets[sentence]
        sheet.accepted = not sheet.accepted
        sheet.saved = False

    @property
    def to_save(self) -> list[int]:
        """The numbers of the sentences to save."""
        return [i for i, sheet in enumerate(self.sheets) if sheet.to_save]

    def mark_saved(self, sentences: Iterable[int]) -> None:
        """Note that these sentences are in a file now."""
        for i in sentences:
            self.sheets[i].saved = True


def _carried(before: Sheet, words: tuple[str, ...]) -> Sheet:
    """The sheet of a sentence that was changed to `words`."""
    sheet = Sheet(words)
    same = _common(before.words, words)
    ends = _common(before.words[same:][::-1], words[same:][::-1])
    moved = len(words) - len(before.words)
    for place, tag in before.tags.items():
        if place < same:
            sheet.tags[place] = tag
        elif place >= len(before.words) - ends:
            sheet.tags[place + moved] = tag
    return sheet


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the beginning are the same."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
