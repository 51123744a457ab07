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

from dataclasses import dataclass

import numpy as np

from lstmterm.errors import InputError
from lstmterm.infer.features import BINARY, features
from lstmterm.infer.lstm import CharLSTM, Progress, Reader
from lstmterm.infer.streams import StreamReading, Stretch
from lstmterm.infer.trace import GATES, looked_at
from lstmterm.spec.units import Quantity

SAMPLE = 100_000  # characters
SHIFTS = 19
_SHIFTS_OF_INFORMATION = 3
_EVERY = 4  # of the values count for the information
_FOR_EDGES = 4096  # values by which a unit's bins are chosen
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


def rank(
    model: CharLSTM,
    ids: np.ndarray,
    text: str,
    quantity: Quantity = "tanh_c",
    progress: Progress = lambda done, whole: None,
    *,
    reading: StreamReading | None = None,
    seed: int = 0,
) -> Ranking:
    """Compare all units with all features of `text`, whose characters are `ids`, (T,); at most `SAMPLE` of them.

    A counter must count from the text's start everywhere, so the text is read twice: first to find the states.
    A `reading` of the same `ids` that was read to its end, as a `Surprise` has it, saves that. `seed` is
    that of the shifts. `progress` is called with the characters read and in all. It takes
    seconds, and memory that does not grow with T but for the features. Raises `InputError` for a text
    without any.
    """
    ids, text = ids[:SAMPLE], text[:SAMPLE]
    values = features(text)
    if not values:
        raise InputError("No feature changes within this text; give a longer one.")
    table = np.stack([*values.values()], axis=1)
    shifts = np.random.default_rng(seed).integers(len(ids) // 10, len(ids) - len(ids) // 10 + 1, SHIFTS)
    compared = _Comparison(table, np.append(0, shifts), [*values])
    whole, read = len(ids) * (2 if reading is None else 1), 0
    if reading is None:
        reading = StreamReading(model, ids)
        reading.join(lambda done, _: progress(done, whole))
        read = len(ids)
    for stretch in reading.read_again(
        lambda reader: _all_layers(reader, model.layers, quantity), watched=quantity in GATES
    ):
        positions, units = _inside(stretch, len(ids))
        compared.add(positions, np.tanh(units) if quantity == "tanh_c" else units)
        read += int((stretch.positions < len(ids)).sum())
        progress(read, whole)
    correlation, information = compared.results()
    shape = (model.layers, model.hidden, len(values))
    strongest = np.abs(correlation[:, 1:]).max(axis=(0, 1), initial=0)
    most = information[:, 1:].max(axis=(0, 1), initial=0)
    return Ranking(
        quantity,
        tuple(values),
        compared.count,
        correlation[:, 0].reshape(shape),
        information[:, 0].reshape(shape),
        strongest,
        most,
    )


def _all_layers(reader: Reader, layers: int, quantity: Quantity) -> tuple[np.ndarray, ...]:
    return tuple(looked_at(reader, layer, quantity) for layer in range(layers))


def _inside(stretch: Stretch, length: int) -> tuple[np.ndarray, np.ndarray]:
    """The positions of a stretch within the text, (n,), and the values of all units there, (n, L * H)."""
    inside = stretch.positions < length
    values = [np.moveaxis(layer, -1, 1)[inside] for layer in stretch.seen]
    return stretch.positions[inside], np.concatenate(values, axis=1)


class _Comparison:
    """Sums over the positions of a text, from which correlations and information follow.

    U units, F features, K + 1 shifts of which the first is 0, Q bins of all features together.
    """

    def __init__(self, table: np.ndarray, shifts: np.ndarray, names: list[str]) -> None:
        """`table` holds the features, (T, F)."""
        self.count = 0
        spread = table.std(axis=0)
        self._table = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1)
        self._shifts = shifts
        self._bins = _feature_bins(table, names)
        self._sums: list[np.ndarray] = []  # of units, their squares, features, their squares, products
        self._joint: np.ndarray | None = (
            None  # (_BINS, U, K', Q): how often a unit is above an edge, and the bin
        )
        self._informed = 0
        self._edges: np.ndarray | None = None  # (_BINS - 1, U)
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []  # until there are enough for the edges

    def add(self, positions: np.ndarray, units: np.ndarray) -> None:
        """Count `units`, (n, U), at `positions`, (n,)."""
        if not len(positions):
            return
        self.count += len(positions)
        shifted = self._shifted(self._table, positions, self._shifts)
        flat = shifted.reshape(len(positions), -1)
        sums = [
            units.sum(0, np.float64),
            np.square(units).sum(0, np.float64),
            flat.sum(0, np.float64),
            np.square(flat).sum(0, np.float64),
            (units.T @ flat).astype(np.float64),
        ]
        self._sums = [a + b for a, b in zip(self._sums, sums, strict=True)] if self._sums else sums
        self._waiting.append((positions[::_EVERY], units[::_EVERY]))
        if self._edges is None and _EVERY * sum(len(p) for p, _ in self._waiting) < _FOR_EDGES:
            return
        self._inform()

    def results(self) -> tuple[np.ndarray, np.ndarray]:
        """Correlation, (U, K + 1, F), and information in bits, (U, K' + 1, F), of at least one position."""
        if self._waiting:
            self._inform()
        n = self.count
        u, uu, f, ff, uf = self._sums
        spread_u = np.sqrt(np.maximum(uu / n - (u / n) ** 2, 0))
        spread_f = np.sqrt(np.maximum(ff / n - (f / n) ** 2, 0))
        covariance = uf / n - np.outer(u / n, f / n)
        spread = np.outer(spread_u, spread_f)
        correlation = np.divide(covariance, spread, out=np.zeros_like(covariance), where=spread > 1e-9)
        correlation = np.clip(correlation, -1, 1)  # rounding is beyond in a text of few characters
        return correlation.reshape(len(u), len(self._shifts), -1), self._information()

    def _inform(self) -> None:
        """Count what waits in the bins."""
        positions = np.concatenate([p for p, _ in self._waiting])
        units = np.concatenate([u for _, u in self._waiting])
        self._waiting.clear()
        if self._edges is None:
            self._edges = np.quantile(units, np.arange(1, _BINS) / _BINS, axis=0).astype(np.float32)
        shifts = self._shifts[: 1 + _SHIFTS_OF_INFORMATION]
        bins = self._shifted(self._bins, positions, shifts)  # (n, K', F)
        hot = (bins[..., None] == np.arange(_FEATURE_BINS)).astype(np.float32).reshape(len(positions), -1)
        above = [np.ones_like(units), *((units > edge).astype(np.float32) for edge in self._edges)]
        joint = np.stack([part.T @ hot for part in above]).astype(np.float64)
        self._joint = joint if self._joint is None else self._joint + joint
        self._informed += len(positions)

    def _information(self) -> np.ndarray:
        assert self._joint is not None
        above = np.append(self._joint, np.zeros_like(self._joint[:1]), axis=0)
        counts = (above[:-1] - above[1:]).reshape(
            _BINS, self._joint.shape[1], -1, self._table.shape[1], _FEATURE_BINS
        )
        p = counts / self._informed
        of_unit, of_feature = p.sum(axis=4, keepdims=True), p.sum(axis=0, keepdims=True)
        independent = of_unit * of_feature
        ratio = np.divide(p, independent, out=np.ones_like(p), where=p > 0)
        return (p * np.log2(ratio)).sum(axis=(0, 4))

    def _shifted(self, table: np.ndarray, positions: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        """The rows of `table`, (T, F), before each position by each shift: (n, shifts, F)."""
        return table[(positions[:, None] - shifts) % len(table)]


def _feature_bins(table: np.ndarray, names: list[str]) -> np.ndarray:
    """The bin of each value of `table`, (T, F): 0 and 1 for a binary feature, else by equally many values."""
    bins = np.zeros(table.shape, np.uint8)
    for f, name in enumerate(names):
        if name in BINARY:
            bins[:, f] = table[:, f] > 0
        else:
            edges = np.unique(np.quantile(table[:, f], np.arange(1, _FEATURE_BINS) / _FEATURE_BINS))
            bins[:, f] = np.searchsorted(edges, table[:, f])
    return bins
