"""A tagger's figures in a line or two: of its report, and those in its file."""

from textual.content import Content

from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.metrics import Report

_DIM = "$foreground 70%"
_METRICS = (
    ("accuracy", "accuracy"),
    ("accuracy_unknown", "unknown words"),
    ("macro_f1", "macro F1"),
    ("span_f1", "span F1"),
)


def report_figures(report: Report) -> Content:
    """Accuracy on all, known and unknown words, and the mean F1s."""
    parts: list[tuple[str, str]] = [
        (f"{report.accuracy:.2%}", "bold $success"),
        (f" of {report.tokens:,} right  ", _DIM),
    ]
    for name, value, (_, count) in (
        ("known", report.accuracy_known, report.known),
        ("unknown", report.accuracy_unknown, report.unknown),
    ):
        if value is not None:
            parts += [(f"{name} ", _DIM), (f"{value:.2%}", "bold"), (f" of {count:,}  ", _DIM)]
    parts += [("macro F1 ", _DIM), (f"{report.macro_f1:.2%}  ", "bold")]
    if report.spans:
        parts += [("span F1 ", _DIM), (f"{report.spans[0].f1:.2%}", "bold")]
    return Content.assemble(*parts)


def card_figures(card: ModelCard) -> Content:
    """The figures that were measured at the end of training."""
    parts: list[tuple[str, str]] = [("Measured in training\n", "bold")]
    for role, title in (("test", "test"), ("dev", "validation")):
        shown = [(name, card.metrics.get(f"{role}_{key}")) for key, name in _METRICS]
        if any(value is not None for _, value in shown):
            parts.append((f"{title:<11}", _DIM))
            for name, value in shown:
                if value is not None:
                    parts += [(f"{name} ", _DIM), (f"{value:.2%}   ", "bold")]
            parts.append(("\n", ""))
    if len(parts) == 1:
        parts.append(("It was not tested in training.", _DIM))
    return Content.assemble(*parts)


def summary(card: ModelCard, brief: bool = False) -> str:
    """A tagger in a line: its accuracy, tags and level; unless `brief`, on unknown words and its data too."""
    metrics = card.metrics
    parts = []
    role = next((r for r in ("test", "dev") if f"{r}_accuracy" in metrics), None)
    if role is not None:
        unknown = metrics.get(f"{role}_accuracy_unknown")
        on_unknown = f" ({unknown:.1%} of unknown words)" if unknown is not None and not brief else ""
        parts.append(f"{metrics[f'{role}_accuracy']:.1%} right{on_unknown}")
    if not card.complete:
        parts.append("in training")
    parts.append(f"{card.sizes.get('tags', '?')} tags")
    level = str(card.metadata.get("level"))
    parts.append({"char": "letter by letter", "sequence": "one label a line"}.get(level, ""))
    if (name := card.corpus.get("name")) and not brief:
        parts.append(f"from {name}")
    return " · ".join(filter(None, parts))
