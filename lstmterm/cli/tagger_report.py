"""A tagger's report, as `evaluate` prints it."""

from collections.abc import Sequence

from lstmterm.amounts import plural
from lstmterm.tagging.metrics import Report, Score
from lstmterm.visible import short_name


def lines(report: Report) -> list[str]:
    """The report as lines of text."""
    rows = [
        ("accuracy", report.accuracy, report.tokens),
        ("  known words", report.accuracy_known, report.known[1]),
        ("  unknown words", report.accuracy_unknown, report.unknown[1]),
    ]
    out = [
        f"{name:17} {100 * value:6.2f} %  of {count:,}" for name, value, count in rows if value is not None
    ]
    out += [f"{'macro F1':17} {100 * report.macro_f1:6.2f} %", "", *_score_lines("tag", report.scores)]
    if report.spans is not None:
        out += ["", *_score_lines("span", report.spans)]
    if mistakes := report.most_confused():
        out += ["", "most confused"]
        width = max(len(short_name(a)) for a, _, _ in mistakes)
        out += [
            f"{short_name(a):{width}}  tagged {short_name(b)}: {plural(n, 'time')}" for a, b, n in mistakes
        ]
    return out


def _score_lines(title: str, scores: Sequence[Score]) -> list[str]:
    width = max(len(title), *(len(short_name(s.name)) for s in scores))
    head = f"{title:{width}}  precision  recall      F1  support"
    return [head] + [
        f"{short_name(s.name):{width}}  {100 * s.precision:9.2f}  {100 * s.recall:6.2f}  {100 * s.f1:6.2f}  {s.support:7,}"
        for s in scores
    ]
