"""What counting tags does on a tagger's data: the baselines that a tagger has to beat."""

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

from lstmterm.planning.tagger_outlook import Counting
from lstmterm.spec.tagger import Level
from lstmterm.tagging import treebank
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.treebank import Tagged


def counting(data: TaggerData, level: Level) -> Counting | None:
    """How often counting gives the right validation tag; None without validation data."""
    by_word = {} if level == "sequence" else _tags_by_word(data.train)
    most = {word: counts.most_common(1)[0][0] for word, counts in by_word.items() if counts}
    tags = treebank.tag_counts(data.train)
    if not data.dev or not tags:
        return None
    commonest = tags.most_common(1)[0][0]
    right = tagged = 0
    for sentence in data.dev:
        for i, tag in enumerate(sentence.tags):
            if tag:
                guess = most.get(_form(sentence.words[i]), commonest) if most else commonest
                right, tagged = right + (guess == tag), tagged + 1
    known = {_form(word) for sentence in data.train for word in sentence.words}
    words = [_form(word) in known for sentence in data.dev for word in sentence.words]
    return Counting(tagged, right / tagged, sum(words) / len(words)) if tagged else None


def baselines(data: TaggerData) -> dict[str, float]:
    """Baseline validation losses in nats: from the frequencies of tags, and from those of each word's tags."""
    if not data.dev:
        return {}
    tags = treebank.tag_counts(data.train)
    total, kinds = sum(tags.values()), len(tags) + 1
    by_word = _tags_by_word(data.train)

    def frequency(tag: str) -> float:
        return (tags[tag] + 1) / (total + kinds)

    scored = [(s, tag, i) for s in data.dev for i, tag in enumerate(s.tags) if tag in tags]
    if not scored:
        return {}
    losses = {"tag frequencies": -sum(math.log(frequency(tag)) for _, tag, _ in scored) / len(scored)}
    if by_word:
        nats = 0.0
        for sentence, tag, i in scored:
            counts = by_word.get(_form(sentence.words[i]), Counter())
            nats -= math.log((counts[tag] + frequency(tag)) / (counts.total() + 1))
        losses["each word's tags"] = nats / len(scored)
    return losses


def _form(word: str) -> str:
    """A word as a tagger looks it up."""
    return unicodedata.normalize("NFC", word)


def _tags_by_word(sentences: Sequence[Tagged]) -> dict[str, Counter[str]]:
    """How often each word has each tag; empty where lines have one tag each."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        if len(sentence.words) == len(sentence.tags):
            for word, tag in zip(sentence.words, sentence.tags, strict=True):
                if tag:
                    found[_form(word)][tag] += 1
    return found
