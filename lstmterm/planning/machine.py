"""What was measured of this machine, kept between runs."""

import contextlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

from lstmterm import atomic, paths, plain_data
from lstmterm.plain_data import Damaged

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Machine:
    """How fast a machine trains the reference model."""

    device: str
    threads: int
    precision: Precision  # the faster one
    chars_per_second: float
    share_of_products: float = 0.6  # of its time: what matrix products take
    disturbed: bool = False  # whether other programs used the processors while it was measured

    def __post_init__(self) -> None:
        if self.threads < 1 or self.chars_per_second <= 0:
            raise ValueError("has threads or a speed that are not positive")
        if not 0 <= self.share_of_products < 1:
            raise ValueError("has a share that is not between 0 and 1")


def known() -> dict[str, Machine]:
    """The measurements by processor, device, threads and torch version, the newest last."""
    return _read()[0]


def newest() -> Machine | None:
    """The newest measurement; None if nothing was measured."""
    return next(reversed(known().values()), None)


def remember(key: str, machine: Machine) -> None:
    """Keep a measurement, in the place of an earlier one under the same key."""
    with contextlib.suppress(OSError):  # it is measured again where it cannot be kept
        _write({k: m for k, m in known().items() if k != key} | {key: machine})


def mended() -> str:
    """Drop measurements that are damaged; a sentence that says so, empty if none are.

    They are made again when they are needed next.
    """
    right, damage = _read()
    if not damage:
        return ""
    path = paths.calibration()
    try:
        _write(right)
    except OSError:
        return f"The measurements of this machine are damaged and are not kept ({damage}); delete {path}."
    return f"The measurements of this machine in {path} were damaged ({damage}); they are taken again."


def _write(table: dict[str, Machine]) -> None:
    values = {key: asdict(machine) for key, machine in table.items()}
    atomic.write_text(paths.calibration(), json.dumps(values, indent=2))


def _read() -> tuple[dict[str, Machine], str]:
    """The measurements that are right, and what is wrong with the others."""
    right: dict[str, Machine] = {}
    try:
        table = plain_data.read(paths.calibration())
    except FileNotFoundError:
        return right, ""
    except Damaged as error:
        return right, str(error)
    damage = ""
    for key, values in table.items():
        try:
            right[key] = plain_data.restored(Machine, values)
        except Damaged as error:
            damage = f"an entry {error}"
    return right, damage
