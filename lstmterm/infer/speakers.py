"""Who speaks in what a model writes, and how often: the names that it is likely to begin a turn with.

So the speakers are known wherever the model is, also without the text that it was trained on. What may come next is
searched as next words are (`next_words.py`), after the end of a turn, at some places: the beginning of a text, and
the ends of texts that the model writes with fixed seeds.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from lstmterm.corpora.turns import PATTERNS, PLAIN, QUOTED, Turns
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.next_words import ENDS_AFTER, NEVER, Search
from lstmterm.infer.sample import UNCHANGED, Sampler
from lstmterm.infer.text_stream import generate
from lstmterm.visible import shorten

OF = 1_000  # turns, of which each speaker has so many
_TEXTS = 3  # that the model writes
_LENGTH = 200  # characters of each
_MOST = 150  # names that are looked for at a place
_FEWEST = 2  # turns of a speaker, fewer may be slips of the pen
_RAREST = 0.001  # probability of a name at a place
_SHARE = 0.15  # of what follows a turn begins another one, in a text that has turns
_LONGEST = 40  # columns of a model's name


def turns_of(model: CharLSTM, vocabulary: Vocabulary, pattern: str | None = None) -> Turns | None:
    """How turns look, and who speaks, in what a model writes; None if nobody does.

    With a `pattern`, as `turns.parsed` gives it, turns look like that, and there may be no speakers.
    """
    places = _places(model, vocabulary)
    if pattern is not None:
        return _turns(model, vocabulary, pattern, places)
    found = (_turns(model, vocabulary, each, places) for each in PATTERNS)
    best = max((turns for turns in found if len(turns.speakers) > 1), key=_share, default=None)
    return None if best is None or _share(best) < _SHARE else best


def none_found(name: str) -> str:
    """The message about a model that writes no speakers."""
    return f"No speakers were found in what {shorten(name, _LONGEST)} writes."


def _share(turns: Turns) -> float:
    """How much of what follows a turn begins another one; of what is quoted, at most half does."""
    if not turns.named:
        return 2 * turns.speakers.get(QUOTED, 0) / OF
    return sum(turns.speakers.values()) / OF


def _places(model: CharLSTM, vocabulary: Vocabulary) -> list[str]:
    texts = [""] + [""] * _TEXTS
    for chunk in generate(model, vocabulary, length=_LENGTH, seeds=range(1, _TEXTS + 1)):
        texts[1 + chunk.stream] += chunk.text
    return texts


def _turns(model: CharLSTM, vocabulary: Vocabulary, pattern: str, places: Sequence[str]) -> Turns:
    before, end = pattern.split("{text}")
    if vocabulary.missing(before.replace("{name}", "") + end):
        return Turns(pattern, {})
    start, named, after = before.partition("{name}")
    rules = _name_rules(vocabulary, after) if named and after else np.empty(0)
    likely = defaultdict[str, float](float)  # by name, at all places together
    for place in places:
        sampler = Sampler(model, vocabulary, [0])
        sampler.begin(place + end + (start if named else ""))
        if not named:
            likely[QUOTED] += _probability(sampler, before)
        elif after:
            found = Search(sampler, UNCHANGED, _MOST, rules, _RAREST).run(0)
            for text in found.texts:
                likely[text.text.removesuffix(after)] += text.probability
    turns = {
        name: round(OF * likely[name] / len(places)) for name in sorted(likely, key=likely.__getitem__)[::-1]
    }
    if not named:
        return Turns(pattern, {QUOTED: turns[QUOTED], PLAIN: min(OF - turns[QUOTED], turns[QUOTED])})
    return Turns(pattern, {name: n for name, n in turns.items() if n >= _FEWEST})


def _probability(sampler: Sampler, text: str) -> float:
    """How likely a text comes next."""
    found = 1.0
    for character in text:
        for symbol in sampler.vocabulary.encode(character):
            found *= float(sampler.expected()[symbol])
        sampler.feed(character)
    return found


def _name_rules(vocabulary: Vocabulary, after: str) -> np.ndarray:
    """For a name and what follows it: the state after each character in each state, (S, V); or how it ends.

    State 0 is before the name and 1 in it, the others in what follows. A name begins with a letter. It has no line
    end, no colon, and not the first character of what follows.
    """
    bytewise = vocabulary.level == "byte"
    symbols = [chr(code) for code in range(0x80)] if bytewise else vocabulary.symbols
    begins = np.array([character.isalpha() for character in symbols])
    inside = np.array([character not in "\n\r:" + after[0] for character in symbols])
    if bytewise:
        beyond = np.arange(0x80, 0x100)
        begins, inside = np.append(begins, beyond >= 0xC3), np.append(inside, beyond >= 0x80)
    follows = vocabulary.encode(after)
    rules = np.full((1 + len(follows), len(begins)), NEVER)
    rules[0, begins] = rules[1, inside] = 1
    for k, symbol in enumerate(follows):
        rules[1 + k, symbol] = ENDS_AFTER if k + 1 == len(follows) else 2 + k
    return rules
