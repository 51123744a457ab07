"""A loss beside the baselines of its text, in words and in the order in which they matter."""

from collections.abc import Iterable, Mapping
from math import isfinite

from lstmterm.amounts import NATS_PER_BIT

FLOOR = "floor"  # the exact entropy rate of a text, where it is known
COMPRESSORS = ("xz", "bzip2")
_ALL_NGRAMS = "6-gram"  # where there is one, there are all shorter ones (runs of 0.1.0 have three)
_CLOSE = 0.005  # bits that are no difference


def shown_name(name: str) -> str:
    """What a baseline is called on a chart."""
    return "exact entropy" if name == FLOOR else name


def listed(baselines: Mapping[str, float], unit: float = NATS_PER_BIT) -> str:
    """The names of baselines and their losses, in bits unless `unit` is another number of nats."""
    return ", ".join(f"{shown_name(name)} {nats / unit:.3f}" for name, nats in baselines.items())


def by_importance(baselines: Mapping[str, float]) -> list[tuple[str, float]]:
    """The finite baselines, those first that say most: the entropy, the best n-gram, compressors, the others."""
    finite = [(name, nats) for name, nats in baselines.items() if isfinite(nats)]
    best = min(_counted(finite), key=lambda each: each[1], default=None)

    def place(each: tuple[str, float]) -> tuple[int, float]:
        name, nats = each
        return (0 if name == FLOOR else 1 if each == best else 2 if name in COMPRESSORS else 3), nats

    return sorted(finite, key=place)


def compared(loss: float, baselines: Mapping[str, float], counted: int = 0) -> str:
    """What a loss says beside its baselines, as the end of "It ..."; empty if it beats none.

    `counted` is how many characters of a longer text the n-grams were counted on.
    """
    parts = []
    ngrams = _counted(baselines.items())
    beaten = [(nats, name) for name, nats in ngrams if loss < nats]
    if beaten and len(beaten) == len(ngrams) and _ALL_NGRAMS in baselines:
        where = f" of the last {counted:,} characters" if counted else ""
        gain = (min(beaten)[0] - loss) / NATS_PER_BIT
        parts.append(f"is better than any n-gram{where} by {gain:.2f} bits per character")
    elif beaten:
        better = [(nats, name) for name, nats in ngrams if loss >= nats]
        name, best = min(beaten)[1], max(better)[1] if better else ""
        but = f', but not "{best}"' if " " in best else f", but not the {best}" if best else ""
        parts.append(
            f'beats the baseline "{name}"{but}' if " " in name else f"beats the {name} baseline{but}"
        )
    if FLOOR in baselines:
        above = (loss - baselines[FLOOR]) / NATS_PER_BIT
        parts.append(
            f"is {above:.2f} bits above the exact entropy" if above >= _CLOSE else "reaches the exact entropy"
        )
    return " and ".join(parts)


def weakest(baselines: Mapping[str, float]) -> tuple[str, float] | None:
    """The baseline that the simplest method reaches."""
    return max(_counted(baselines.items()), key=lambda each: each[1], default=None)


def _counted(baselines: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """The baselines of counting: not those of compressors, and not the entropy."""
    return [each for each in baselines if each[0] not in (FLOOR, *COMPRESSORS)]
