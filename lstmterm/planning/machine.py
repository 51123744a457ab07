"""What was measured of this machine, kept between runs."""

import json
from dataclasses import asdict, dataclass

from lstmterm import atomic, paths


@dataclass(frozen=True)
class Machine:
    """How fast a machine trains the reference model."""

    device: str
    threads: int
    precision: str  # the faster one
    chars_per_second: float


def known() -> dict[str, Machine]:
    """The measurements by processor, device, threads and torch version, the newest last."""
    try:
        table = json.loads(paths.calibration().read_text("utf-8"))
        return {key: Machine(**values) for key, values in table.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # absent, or of another version: it is measured again


def newest() -> Machine | None:
    """The newest measurement; None if nothing was measured."""
    return next(reversed(known().values()), None)


def remember(key: str, machine: Machine) -> None:
    """Keep a measurement, in the place of an earlier one under the same key."""
    table = {k: asdict(m) for k, m in known().items() if k != key} | {key: asdict(machine)}
    atomic.write_text(paths.calibration(), json.dumps(table, indent=2))
