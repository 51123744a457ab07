"""What `cells` prints."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import click
import numpy as np

from lstmterm.cli.progress import progress_bar
from lstmterm.cli.table import print_facts, print_table
from lstmterm.errors import InputError
from lstmterm.infer.activity import Activity, observe
from lstmterm.infer.features import NAMES
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import prompt_text
from lstmterm.infer.silencing import Silenced, silence
from lstmterm.infer.similar import SimilarStates, state_after
from lstmterm.infer.surprise import Surprise
from lstmterm.infer.trace import GATES
from lstmterm.infer.units import SAMPLE, Finding, Ranking, rank
from lstmterm.models.model_file import ModelCard
from lstmterm.spec.units import Quantity
from lstmterm.visible import visible

_LOOKED_AT = 20_000  # characters in which a unit is described
_CONTEXT = 40  # characters before a place
_AFTER = 12
_OTHERS = 2  # units beside the best one, in a line of 80 columns
_BARS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Looked:
    """A model, a text, and how to print what is found."""

    card: ModelCard
    model: CharLSTM
    ids: np.ndarray
    quantity: str
    most: int
    as_json: bool
    quiet: bool

    def ranking(self) -> Ranking:
        """How all units follow all features of the text."""
        ids = np.asarray(self.ids[:SAMPLE])
        with progress_bar("reading", self.quiet) as progress:
            text = self.card.vocabulary.each(ids)
            return rank(self.model, ids, text, cast(Quantity, self.quantity), progress)

    def place(self, position: int) -> str:
        """The text up to a position, a bar, and what comes next."""
        before = self.card.vocabulary.each(self.ids[max(position + 1 - _CONTEXT, 0) : position + 1])
        after = self.card.vocabulary.each(self.ids[position + 1 : position + 1 + _AFTER])
        return visible(f"{before}│{after}")

    def rows(self, columns: Mapping[str, str], rows: Iterable[dict[str, Any]]) -> None:
        """Print rows: the values of `columns` (key -> heading), or all of them as lines of JSON."""
        if self.as_json:
            for row in rows:
                click.echo(
                    json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()})
                )
            return
        texts = [[_cell(row[key]) for key in columns] for row in rows]
        print_table([*columns.values()], texts, right=_NUMBERS)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_UNIT, _FEATURE = {"unit": "unit"}, {"feature": "feature"}
_FIGURES = {
    "correlation": "correlation",
    "chance": "by chance",
    "information": "bits",
    "chance_information": "by chance",
}
_NUMBERS = (*_FIGURES.values(), "cosine", "position", "c")


def _pair(finding: Finding) -> dict[str, Any]:
    return {
        "feature": finding.feature,
        "unit": f"{finding.layer}:{finding.unit}",
        "correlation": finding.correlation,
        "chance": finding.chance_correlation,
        "information": finding.information,
        "chance_information": finding.chance_information,
        "beyond_chance": finding.beyond_chance,
    }


def print_features(looked: Looked) -> None:
    """Print the best unit for each feature, and which other units follow it."""
    ranking = looked.ranking()
    rows = []
    for finding in ranking.best_pairs():
        best = [f for f in ranking.best_units(finding.feature, 4)[1:] if f.beyond_chance]
        others = [f"{f.layer}:{f.unit}" for f in (best if looked.as_json else best[:_OTHERS])]
        rows.append({**_pair(finding), "sentence": NAMES[finding.feature], "others": others})
        if not finding.beyond_chance and not looked.as_json:
            rows[-1]["unit"] = "none"
    looked.rows(_FEATURE | _UNIT | _FIGURES | {"others": "others"}, rows)


def print_units(looked: Looked, feature: str | None) -> None:
    """Print the units that follow a feature best, or the best feature of each unit."""
    ranking = looked.ranking()
    if feature is None:
        pairs = [
            ranking.best_feature(layer, unit)
            for layer in range(looked.model.layers)
            for unit in range(looked.model.hidden)
        ]
        looked.rows(_UNIT | _FEATURE | _FIGURES, map(_pair, pairs))
    elif feature not in ranking.names:
        raise InputError(f"{feature!r} ({NAMES[feature]}) is the same everywhere in this text.")
    else:
        looked.rows(_UNIT | _FIGURES, map(_pair, ranking.best_units(feature, looked.most)))


def print_similar(looked: Looked, text: str) -> None:
    """Print the places of the text in the states nearest to that after `text`."""
    vocabulary = looked.card.vocabulary
    ids = vocabulary.encode(prompt_text(looked.card, text))
    with progress_bar("reading", looked.quiet) as progress:
        states = SimilarStates.of(looked.model, looked.card.path, looked.ids, progress)
    rows = [
        {"cosine": found.cosine, "position": found.position, "place": looked.place(found.position)}
        for found in states.nearest(state_after(looked.model, ids), looked.most)
    ]
    looked.rows({"cosine": "cosine", "position": "position", "place": "place"}, rows)


def print_unit(looked: Looked, layer: int, unit: int) -> None:
    """Print what a unit follows, where it is most and least active, its gates, and what it is for."""
    ranking = looked.ranking()
    ids = np.asarray(looked.ids[:_LOOKED_AT])
    with progress_bar("predicting", looked.quiet) as progress:
        before = Surprise.of(looked.model, ids, progress)
    with progress_bar("observing", looked.quiet) as progress:
        activity = observe(before.reading, layer, unit, progress)
    mean = float(activity.values["c"].mean())
    with progress_bar("silencing", looked.quiet) as progress:
        silenced = [silence(before, layer, unit, value, progress) for value in (0.0, mean)]
    findings = sorted(
        (ranking.finding(layer, unit, name) for name in ranking.names),
        key=lambda f: (not f.beyond_chance, -abs(f.correlation)),
    )[: looked.most]
    (print_unit_json if looked.as_json else print_unit_text)(looked, findings, activity, silenced)


def print_unit_json(
    looked: Looked, findings: list[Finding], activity: Activity, silenced: list[Silenced]
) -> None:
    """Print everything as one line of JSON."""
    counts, edges = activity.histogram()
    places = zip(("highest", "lowest"), activity.extremes(looked.most), strict=True)
    facts = {
        "unit": f"{activity.layer}:{activity.unit}",
        "features": [{k: v for k, v in _pair(f).items() if k != "unit"} for f in findings],
        "c": dict(zip(("min", "mean", "max"), _range(activity.values["c"]), strict=True)),
        "histogram": {"counts": counts.tolist(), "edges": [round(float(e), 4) for e in edges]},
        "gates": {gate: dict(zip(("left", "right"), activity.saturation(gate), strict=True)) for gate in GATES},
        **{
            name: [
                {"position": p, "c": float(activity.values["c"][p]), "place": looked.place(p)} for p in positions
            ]
            for name, positions in places
        },
        "silenced": [
            {
                "c": s.value,
                "rise": s.rise if math.isfinite(s.rise) else None,
                "error": s.error if math.isfinite(s.error) else None,
                "characters": [
                    {
                        "char": looked.card.vocabulary.symbols[c.symbol],
                        "count": c.count,
                        "rise": c.rise,
                        "share": c.share,
                    }
                    for c in s.characters()[: looked.most]
                ],
            }
            for s in silenced
        ],
    }  # fmt: skip
    click.echo(json.dumps(facts))


def _rise(silenced: Silenced) -> str:
    """The rise, and its standard error."""
    return f"{silenced.rise:.5f}" + ("" if math.isnan(silenced.error) else f" ± {silenced.error:.5f}")


def print_unit_text(
    looked: Looked, findings: list[Finding], activity: Activity, silenced: list[Silenced]
) -> None:
    """Print it as tables."""
    counts, edges = activity.histogram()
    bars = "".join(_BARS[-(-int(n) * (len(_BARS) - 1) // max(int(counts.max()), 1))] for n in counts)
    low, mean, high = _range(activity.values["c"])
    gates = {gate: activity.saturation(gate) for gate in GATES}
    print_facts(
        [
            ("unit", f"{activity.layer}:{activity.unit}"),
            ("c", f"{low:.3f} to {high:.3f}, mean {mean:.3f}"),
            ("tanh c", f"{edges[0]:.2f} {bars} {edges[-1]:.2f}"),
            *(
                (f"{gate} gate", f"below 0.1 at {left:.1%}, above 0.9 at {right:.1%} of the characters")
                for gate, (left, right) in gates.items()
            ),
            *(
                (f"c held at {s.value:.3f}", f"the loss rises by {_rise(s)} nats per character")
                for s in silenced
            ),
        ]
    )
    click.echo("\nfeatures that it follows")
    looked.rows(_FEATURE | _FIGURES, map(_pair, findings))
    for name, positions in zip(("highest", "lowest"), activity.extremes(looked.most), strict=True):
        click.echo(f"\nc is {name}")
        looked.rows(
            {"c": "c", "position": "position", "place": "place"},
            [
                {"c": float(activity.values["c"][p]), "position": p, "place": looked.place(p)}
                for p in positions
            ],
        )
    click.echo(f"\ncharacters whose total loss rises most with c held at {silenced[1].value:.3f}")
    symbols = looked.card.vocabulary.symbols
    print_table(
        ("character", "count", "rise", "share"),
        [
            (visible(symbols[c.symbol]).replace(" ", "␣"), f"{c.count:,}", f"{c.rise:.4f}", f"{c.share:.1%}")
            for c in silenced[1].characters()[: looked.most]
        ],
        right=("count", "rise", "share"),
    )


def _range(values: np.ndarray) -> tuple[float, float, float]:
    return float(values.min()), float(values.mean()), float(values.max())
