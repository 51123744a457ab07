"""The id of a run, which names its folder: date and time in UTC, and the name of its model.

Ids in alphabetical order are in the order in which the runs began: an id is later than all that there
are, whatever the clock and its zone say.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from lstmterm import paths

_FORM = "%Y%m%d-%H%M%S"
_SECOND = timedelta(seconds=1)


def new_id(name: str, known: Iterable[str], now: float) -> str:
    """A fresh id for a run of `name` at the time `now`, later than the `known` ids.

    Raises `NameRejected` for a name that cannot be a file's.
    """
    paths.plain_name(name)
    moment = datetime.fromtimestamp(now, UTC)
    latest = max((began for run_id in known if (began := _began(run_id))), default=moment - _SECOND)
    return f"{max(moment, latest + _SECOND).strftime(_FORM)}-{name}"


def _began(run_id: str) -> datetime | None:
    """When a run began, by its id; None for other folders."""
    try:
        return datetime.strptime("-".join(run_id.split("-", 2)[:2]), _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def name_in(run_id: str) -> str:
    """The name of the model that a run with this id trains."""
    return run_id.split("-", 2)[-1]
