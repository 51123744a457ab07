"""Taggers for tests, made by hand, so that their tags follow from their weights.

A known word gets its own tag; an unknown one gets the first tag, hardly more probable than the others. Nothing here needs torch.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lstmterm.models import library
from lstmterm.runs import events
from lstmterm.runs.events import Event
from lstmterm.tagging import ciphers
from lstmterm.tagging.treebank import Level
from lstmterm.tagging.words import TaggerVocabulary
from tests.ui.journals import NOW

WORDS = {
    "the": "DET", "The": "DET", "a": "DET", "tide": "NOUN", "harbour": "NOUN", "sea": "NOUN", "bucket": "NOUN",
    "rises": "VERB", "owes": "VERB", "us": "PRON", ".": "PUNCT", ",": "PUNCT", "[red]": "NOUN",
}  # fmt: skip
ROT13 = dict(zip(ciphers.parse("rot13-dash").encipher(ciphers.ALPHABET), ciphers.ALPHABET, strict=True))
MOODS = {"calm": "good", "sun": "good", "storm": "bad", "wreck": "bad"}

SPEC = {
    "model": {
        "words": 6,
        "characters": "none",
        "suffixes": 0,
        "shapes": 0,
        "layers": 1,
        "hidden": 6,
        "directions": 1,
    }
}


def keep_tagger(
    name: str, tags_of: Mapping[str, str], level: Level = "word", *, strength: float = 6.0, **header: Any
) -> Path:
    """Add a tagger to the library that gives these words (or letters) these tags."""
    vocabulary = TaggerVocabulary.build(
        [[word] for word in tags_of], tags_of.values(), lowercase=level != "char"
    )
    size = len(vocabulary.tags)
    embedding = np.zeros((len(vocabulary.words) + 1, size), np.float32)
    for row, word in enumerate(vocabulary.words):
        tag = tags_of.get(word) or next(t for w, t in tags_of.items() if w.lower() == word)
        embedding[row, vocabulary.tag_numbers[tag]] = 4.0
    embedding[-1, 0] = 0.1
    inputs = np.zeros((4 * size, size), np.float32)
    inputs[2 * size : 3 * size] = np.eye(size)  # only the candidate reads the word
    bias = np.repeat(np.array([10, -10, 0, 10], np.float32), size)  # in: open, forget: shut, out: open
    tensors = {
        "embedding.weight": embedding,
        "lstm.weight_ih_l0": inputs,
        "lstm.weight_hh_l0": np.zeros((4 * size, size), np.float32),
        "lstm.bias_ih_l0": bias,
        "lstm.bias_hh_l0": np.zeros_like(bias),
        "output.weight": np.float32(strength) * np.eye(size, dtype=np.float32),
        "output.bias": np.zeros(size, np.float32),
    }
    metadata = {
        "kind": "tagger",
        "name": name,
        "sizes": {"layers": 1, "hidden": size, "tags": size, "parameters": 400},
        "vocabulary": vocabulary.to_dict(),
        "level": level,
        "column": "UPOS" if level == "word" else "tag",
        "layout": "conllu" if level == "word" else "csv",
        "scheme": None,
        "corpus": {"name": "harbour", "source": "harbour"},
        "metrics": {"test_accuracy": 0.953, "test_accuracy_unknown": 0.81, "test_macro_f1": 0.9},
        "created": "2025-01-31T14:20:00+00:00",
        **header,
    }
    return library.publish(name, tensors, metadata, overwrite=True)


def deciphering(run: str = "20250131-142230-rot13", *, done: int = 4, ending: bool = False) -> list[Event]:
    """The events of a run on rot13 that deciphers more letters at each evaluation."""
    plain = "THE-TIDE-WAITS"
    text = ciphers.parse("rot13-dash").encipher(plain)
    found: list[Event] = [
        events.Started(
            step=0, time=NOW - 40, run=run, task="tagger", model="rot13", corpus="rot13", steps=300,
            steps_per_epoch=46, units_per_step=1500, parameters=83_000, device="cpu", precision="float32",
            threads=1, baselines={"tag frequencies": 3.3, "each word's tags": 0.01}, summary="1x128 forwards",
        )
    ]  # fmt: skip
    for place in range(1, done + 1):
        step, right = 15 * place, min(4 * place, len(plain))
        loss = 3.3 * 0.5**place
        at = NOW - 40 + 2 * place
        guess = plain[:right] + "E" * (len(plain) - right)
        accuracy = sum(a == b for a, b in zip(guess, plain, strict=True)) / len(plain)
        found += [
            events.Step(step=step, time=at, steps=15, loss=loss, epoch=step / 46, chars_per_second=90_000, learning_rate=0.04, gradient_norm=0.5),
            events.Evaluated(step=step, time=at, val_loss=loss, train_loss=loss, best=True, metrics={"dev_accuracy": accuracy}),
            events.Saved(step=step, time=at, what="model", seconds=0.01),
            events.Sampled(step=step, time=at, prompt=f"{text}\n", text=guess, seed=1, temperature=0),
        ]  # fmt: skip
    if ending:
        found.append(
            events.Finished(
                step=300, time=NOW - 20, model="rot13", val_loss=0.001, val_loss_reset=None, test_loss=0.001,
                steps=300, epochs=6.5, seconds=9, chars_per_second=90_000, parameters=83_000,
                metrics={"dev_accuracy": 1.0, "test_accuracy": 1.0},
            )
        )  # fmt: skip
    return found
