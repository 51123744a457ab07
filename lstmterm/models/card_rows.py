"""A model's card in words: its titles and values."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lstmterm.amounts import NATS_PER_BIT, count, duration, figure, plural, size
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard, is_number
from lstmterm.planning.request import TrainRequest
from lstmterm.runs.comparison import compared, listed


def card_rows(
    entry: ModelEntry, card: ModelCard, baselines: Mapping[str, float] | None = None
) -> Iterator[tuple[str, str]]:
    """The title and the value of everything that the header of a model says, unescaped.

    `baselines` are shown in place of those that the header has.
    """
    meta = card.metadata
    yield "name", entry.name
    yield "kind", card.kind if card.complete else f"{card.kind}, training not finished"
    yield "size", _size(card)
    if card.kind == "charlm":
        symbols = card.vocabulary.symbols
        yield (
            "vocabulary",
            "all 256 bytes" if card.vocabulary.level == "byte" else f"{len(symbols)}: {symbols}",
        )
    for name, value in card.metrics.items():
        yield name, _metric(name, value)
    yield from _baselines(card, baselines or card.part("baselines"))
    yield from _corpus(card)
    if created := meta.get("created"):
        yield "created", _minute(str(created))
    if is_number(meta.get("steps")):
        seconds = meta.get("seconds")
        yield (
            "trained",
            plural(meta["steps"], "step") + (f" in {duration(seconds)}" if is_number(seconds) else ""),
        )
    yield from ((name, str(meta[name])) for name in ("best_step", "seed") if name in meta)
    if versions := card.part("versions"):
        yield "versions", ", ".join(f"{name} {version}" for name, version in versions.items())
    if request := TrainRequest.from_spec(card.kind, card.spec):
        yield "command", shlex.join(["lstmterm", *request.to_arguments()])
    yield "file", f"{entry.path} ({size(card.bytes)}, {'yours' if entry.place == 'own' else entry.place})"


def _size(card: ModelCard) -> str:
    sizes = dict(card.sizes)
    words = [f"{sizes.pop('layers', '?')}x{sizes.pop('hidden', '?')}"]
    if card.kind == "charlm":
        embedding = sizes.pop("embedding", 0)
        sizes.pop("vocabulary", None)
        words.append(f"embedding {embedding}" if embedding else "one-hot")
    parameters = sizes.pop("parameters", None)
    words += [f"{name} {value:,}" if is_number(value) else f"{name} {value}" for name, value in sizes.items()]
    if is_number(parameters):
        words.append(f"{count(parameters)} parameters")
    return ", ".join(words)


def _minute(time: str) -> str:
    """A time of ISO 8601 without seconds, such as `2026-11-22 05:11 UTC`; anything else as it is."""
    try:
        found = datetime.fromisoformat(time).astimezone(UTC)
    except (ValueError, OverflowError):
        return time
    return f"{found:%Y-%m-%d %H:%M} UTC"


def _metric(name: str, value: float) -> str:
    if "loss" in name:
        return f"{figure(value, 4)} nats, {figure(value / NATS_PER_BIT, 4)} bits"
    if "accuracy" in name:
        return f"{value:.2%}"
    return f"{value:,.4f}" if isinstance(value, float) else f"{value:,}"


def _baselines(card: ModelCard, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What simple methods reach on the validation text, in bits for characters, and how the model compares."""
    known = {str(name): float(value) for name, value in found.items() if is_number(value)}
    if not known:
        return
    unit, named = (NATS_PER_BIT, "bits") if card.kind == "charlm" else (1.0, "nats")
    yield "baselines", f"{listed(known, unit)} {named}"
    loss, counted = card.metrics.get("val_loss"), card.metadata.get("counted")
    start, stop = card.split.get("train", (0, 0))
    part = int(counted) if is_number(counted) and 0 < counted < stop - start else 0
    if loss is not None and (sentence := compared(loss, known, part)):
        yield "verdict", f"It {sentence}."


def _corpus(card: ModelCard) -> Iterator[tuple[str, str]]:
    corpus = card.corpus
    if corpus:
        chars = corpus.get("chars")
        yield "corpus", f"{corpus.get('name')}" + (f", {chars:,} characters" if is_number(chars) else "")
        yield "source", str(corpus.get("source"))
        yield "SHA-256", str(corpus.get("sha256"))
    for name, span in card.split.items():
        if isinstance(span, list) and len(span) == 2 and all(map(is_number, span)):
            yield f"{name} text", f"{span[0]:,} to {span[1]:,} ({span[1] - span[0]:,})"
    if adapted := card.part("adapted"):
        chars = adapted.get("chars")
        length = f", {chars:,} characters" if is_number(chars) else ""
        yield "adapted", f"from {adapted.get('from')}, to {adapted.get('text')}{length}"
