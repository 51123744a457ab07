"""Which hidden units of a model follow which features of a text.

A model reads a sample of a text. Every unit of every layer is compared with every feature (see `features`):

- **correlation** (Pearson's r), -1 to 1;
- **information**: mutual information of the unit, in eight bins of equally many values, and the feature, in
  at most six; in bits, by counts. It also finds what is not a straight line.

Among thousands of pairs some agree by chance, and more so where neighbouring values are alike. So both are
also computed for each feature shifted in a circle by some large distances, which keeps all of it but its
place. What the best of all units reaches there is **chance**: a unit follows a feature only if it is beyond
the highest of these (of 19 shifts: a chance finding in one of 20 features).

Shapes: T characters, L layers, H hidden units of each, F features, K shifts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmterm.errors import InputError
from lstmterm.infer.features import BINARY, features
from lstmterm.infer.lstm import CharLSTM, Progress
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading
from lstmterm.infer.text_part import Stretch
from lstmterm.infer.trace import GATES, looked_at
from lstmterm.spec.units import Quantity

SAMPLE = 100_000  # characters
SHIFTS = 19
_SHIFTS_OF_INFORMATION = 3
_EVERY = 4  # of the values count for the information
_AT_ONCE = 4096  # characters
_FOR_EDGES = 2048  # values by which a unit's bins are chosen
_BINS = 8  # of a unit
_FEATURE_BINS = 6


@dataclass(frozen=True)
class Finding:
    """How a unit follows a feature."""

    layer: int
    unit: int
    feature: str
    correlation: float
    information: float  # bits
    chance_correlation: float  # the highest |correlation| of any unit with the shifted feature
    chance_information: float

    @property
    def beyond_chance(self) -> bool:
        """Whether both figures are higher than any unit's by chance."""
        return abs(self.correlation) > self.chance_correlation and self.information > self.chance_information


@dataclass(frozen=True)
class Ranking:
    """How all units follow all features of a sample."""

    quantity: Quantity
    names: tuple[str, ...]  # of the features
    positions: int  # of the text that count
    correlation: np.ndarray  # (L, H, F)
    information: np.ndarray  # (L, H, F), bits
    chance_correlation: np.ndarray  # (F,)
    chance_information: np.ndarray  # (F,)

    def finding(self, layer: int, unit: int, feature: str) -> Finding:
        """What is known of a pair."""
        f = self.names.index(feature)
        return Finding(
            layer,
            unit,
            feature,
            float(self.correlation[layer, unit, f]),
            float(self.information[layer, unit, f]),
            float(self.chance_correlation[f]),
            float(self.chance_information[f]),
        )

    def best_units(self, feature: str, most: int = 10) -> list[Finding]:
        """The units with the highest |correlation| with a feature, the best first."""
        strength = np.abs(self.correlation[:, :, self.names.index(feature)])
        best = np.argsort(-strength, axis=None, kind="stable")[:most]
        places = zip(*np.unravel_index(best, strength.shape), strict=True)
        return [self.finding(int(layer), int(unit), feature) for layer, unit in places]

    def best_feature(self, layer: int, unit: int) -> Finding:
        """The feature with the highest |correlation| among those beyond chance, or among all if none is."""
        found = [self.finding(layer, unit, name) for name in self.names]
        return max(found, key=lambda finding: (finding.beyond_chance, abs(finding.correlation)))

    def followed(self, layer: int, unit: int) -> list[Finding]:
        """The features that a unit follows beyond chance, the one with the highest |correlation| first."""
        found = [self.finding(layer, unit, name) for name in self.names]
        return sorted((f for f in found if f.beyond_chance), key=lambda f: -abs(f.correlation))

    def best_pairs(self) -> list[Finding]:
        """The best unit for each feature, the features that are followed best first."""
        found = [self.best_units(name, 1)[0] for name in self.names]
        return sorted(found, key=lambda finding: (not finding.beyond_chance, -abs(finding.correlation)))


class Ranker(Collector):
    """Collects how all units follow all features of a text that is read with its collectors."""

    def __init__(self, model: CharLSTM, text: str, quantity: Quantity = "tanh_c", *, seed: int = 0) -> None:
        """The characters of `text`, (T,), are the first that are read. `seed` is that of the shifts.

        Raises `InputError` for a text without any feature.
        """
        values = features(text)
        if not values:
            raise InputError("No feature changes within this text; give a longer one.")
        self.watched = quantity in GATES
        self._quantity: Quantity = quantity
        self._names = tuple(values)
        table = np.stack([*values.values()], axis=1)
        self._length = len(text)
        shifts = np.random.default_rng(seed).integers(
            len(text) // 10, len(text) - len(text) // 10 + 1, SHIFTS
        )
        shifted = _Shifted(table, np.append(0, shifts), self._names)
        self._compared = [_Comparison(shifted, model.hidden) for _ in range(model.layers)]
        self._seen: dict[int, np.ndarray] = {}  # of a layer, in the stretches at some positions, (steps, H)

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """The quantity of a layer now; c for its tanh."""
        return (looked_at(running, self._quantity),)

    def take(self, stretch: Stretch) -> None:
        """Keep what was seen until it is right."""
        (values,) = stretch.seen
        for stream, position in enumerate(stretch.positions[0].tolist()):
            self._seen[position] = values[:, stream]

    def reach(self, layer: int, first: int, end: int, *, right: bool) -> None:
        """Compare a layer in some characters if all are right."""
        if right:
            units = np.concatenate([self._seen[position] for position in sorted(self._seen)])
            self._seen.clear()
            self.add(layer, first, units[: end - first])

    def add(self, layer: int, first: int, units: np.ndarray) -> None:
        """Compare a layer in some characters by the quantity of its units, (n, H)."""
        end = min(len(units), self._length - first)
        if not first:
            sample = np.asarray(units[: end : -(-end // _FOR_EDGES)])
            self._compared[layer].divide(np.tanh(sample) if self._quantity == "tanh_c" else sample)
        for a in range(0, end, _AT_ONCE):
            part = np.asarray(units[a : min(a + _AT_ONCE, end)])
            self._compared[layer].add(first + a, np.tanh(part) if self._quantity == "tanh_c" else part)

    def result(self) -> Ranking:
        """The ranking, when all was added."""
        found = [compared.results() for compared in self._compared]
        correlation, information = (np.stack(each) for each in zip(*found, strict=True))
        return Ranking(
            self._quantity,
            self._names,
            self._compared[0].count,
            correlation[:, :, 0],
            information[:, :, 0],
            np.abs(correlation[:, :, 1:]).max(axis=(0, 1, 2), initial=0),
            information[:, :, 1:].max(axis=(0, 1, 2), initial=0),
        )


def rank(
    model: CharLSTM,
    ids: np.ndarray,
    text: str,
    quantity: Quantity = "tanh_c",
    progress: Progress = lambda done, whole: None,
    *,
    seed: int = 0,
) -> Ranking:
    """Compare all units with all features of `text`, whose characters are `ids`, (T,); at most `SAMPLE` of them.

    `seed` is that of the shifts. `progress` is called with the characters read and in all. Raises `InputError`
    for a text without any feature.
    """
    ids, text = ids[:SAMPLE], text[:SAMPLE]
    ranker = Ranker(model, text, quantity, seed=seed)
    for _ in StreamReading(model, ids).collect([ranker], progress):
        pass
    return ranker.result()


class _Shifted:
    """The features of a text, (T, F), and the same shifted in a circle by K distances, of which the first is 0.

    The features have Q bins in all.
    """

    def __init__(self, table: np.ndarray, shifts: np.ndarray, names: Sequence[str]) -> None:
        spread = table.std(axis=0)
        self.shifts = shifts
        self.spread = spread > 0
        self._table = (table - table.mean(axis=0)) / np.where(self.spread, spread, 1)
        bins = _feature_bins(table, names)
        highest = bins.max(axis=0).astype(np.int64)
        self.first = np.append(0, np.cumsum(highest + 1))  # bin of each feature, and Q
        feature = np.repeat(np.arange(len(names)), highest + 1)
        lowest = np.arange(len(feature)) - self.first[feature]
        self._at_least = (bins[:, feature] >= lowest).astype(np.float32)  # (T, Q): at least this bin

    def values(self, first: int, count: int) -> np.ndarray:
        """Those of `count` characters by all shifts, in units of their spread: (count, K * F)."""
        return self._moved(self._table, np.arange(first, first + count), self.shifts)

    def at_least(self, positions: np.ndarray) -> np.ndarray:
        """Whether a feature is in this bin or a higher one, by the first few shifts: (n, K' * Q)."""
        return self._moved(self._at_least, positions, self.shifts[: 1 + _SHIFTS_OF_INFORMATION])

    def _moved(self, table: np.ndarray, positions: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        """The rows of `table` before each position by each shift, side by side."""
        return table[(positions[:, None] - shifts) % len(table)].reshape(len(positions), -1)


class _Comparison:
    """Sums over the characters of a text, from which correlations and information follow, for U units."""

    def __init__(self, shifted: _Shifted, units: int) -> None:
        self.count = 0
        self._shifted = shifted
        self._sum, self._squares = np.zeros(units), np.zeros(units)
        self._products: np.ndarray | None = None  # (U, K * F)
        self._edges: np.ndarray | None = None  # (_BINS - 1, U)
        self._above: np.ndarray | None = (
            None  # (_BINS, U, K' * Q): how often above an edge and in a bin or above
        )
        self._informed = 0

    def divide(self, sample: np.ndarray) -> None:
        """Choose bins of equally many values by a `sample` of the units' values, (n, U)."""
        self._edges = np.quantile(sample, np.arange(1, _BINS) / _BINS, axis=0).astype(np.float32)

    def add(self, first: int, units: np.ndarray) -> None:
        """Count `units`, (n, U), in n characters."""
        self.count += len(units)
        self._sum += units.sum(0, np.float64)
        self._squares += np.square(units).sum(0, np.float64)
        products = (units.T @ self._shifted.values(first, len(units))).astype(np.float64)
        self._products = products if self._products is None else self._products + products
        some = slice(-first % _EVERY, None, _EVERY)
        positions, few = np.arange(first, first + len(units))[some], units[some]
        if not len(few):
            return
        assert self._edges is not None
        at_least = self._shifted.at_least(positions)
        hot = [np.ones_like(few), *((few > edge).astype(np.float32) for edge in self._edges)]
        above = np.stack([part.T @ at_least for part in hot]).astype(np.float64)
        self._above = above if self._above is None else self._above + above
        self._informed += len(few)

    def results(self) -> tuple[np.ndarray, np.ndarray]:
        """Correlation, (U, K, F), and information in bits, (U, K', F), of at least one character."""
        assert self._products is not None
        n, features = self.count, len(self._shifted.spread)
        spread = np.sqrt(np.maximum(self._squares / n - (self._sum / n) ** 2, 0))[:, None]
        # in a circle, each shifted feature has mean 0 and spread 1
        correlation = np.divide(
            self._products / n, spread, out=np.zeros_like(self._products), where=spread > 1e-9
        )
        correlation = np.clip(correlation, -1, 1).reshape(len(spread), -1, features)
        return correlation, self._information()

    def _information(self) -> np.ndarray:
        assert self._above is not None
        first = self._shifted.first
        above = np.append(self._above, np.zeros_like(self._above[:1]), axis=0)
        rows = (above[:-1] - above[1:]).reshape(*self._above.shape[:2], -1, first[-1])
        counts = rows - np.append(rows[..., 1:], np.zeros_like(rows[..., :1]), axis=-1)
        counts[..., first[1:] - 1] = rows[..., first[1:] - 1]  # of a feature's highest bin
        p = counts / self._informed
        of_unit = np.repeat(rows[..., first[:-1]] / self._informed, np.diff(first), axis=-1)
        independent = of_unit * p.sum(axis=0, keepdims=True)
        ratio = np.divide(p, independent, out=np.ones_like(p), where=p > 0)
        each = (p * np.log2(ratio)).sum(axis=0)  # (U, K', Q)
        return np.add.reduceat(each, first[:-1], axis=-1)


def _feature_bins(table: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The bin of each value of `table`, (T, F): 0 and 1 for a binary feature, else by equally many values."""
    bins = np.zeros(table.shape, np.uint8)
    for f, name in enumerate(names):
        if name in BINARY:
            bins[:, f] = table[:, f] > 0
        else:
            edges = np.unique(np.quantile(table[:, f], np.arange(1, _FEATURE_BINS) / _FEATURE_BINS))
            bins[:, f] = np.searchsorted(edges, table[:, f])
    return bins
