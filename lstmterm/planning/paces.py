"""The pace of runs that were measured, kept between runs."""

import contextlib
import dataclasses
import json
from typing import Any

from lstmterm import atomic, paths, plain_data
from lstmterm.plain_data import Damaged
from lstmterm.planning.steps import Pace

_MOST = 100  # the newest are kept


def known(key: str) -> Pace | None:
    """The pace that was measured under this key; None if there is none."""
    try:
        return plain_data.restored(Pace, _table()[key])
    except (KeyError, Damaged):
        return None


def remember(key: str, pace: Pace) -> None:
    """Keep a pace, in the place of an earlier one under the same key."""
    others = [(k, values) for k, values in _table().items() if k != key]
    table = dict(others[1 - _MOST :]) | {key: dataclasses.asdict(pace)}
    with contextlib.suppress(OSError):  # it is measured again where it cannot be kept
        atomic.write_text(paths.paces(), json.dumps(table, indent=2))


def _table() -> dict[str, Any]:
    """What is kept, the newest last; nothing of a damaged file, whose measurements are made again."""
    try:
        return plain_data.read(paths.paces())
    except (FileNotFoundError, Damaged):
        return {}
