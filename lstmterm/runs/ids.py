"""The id of a run, which names its folder: date and time in UTC, and the name of its model.

Its time is later than when all earlier runs began, whatever the clock and its zone say.
"""

from datetime import UTC, datetime

from lstmterm import paths

_FORM = "%Y%m%d-%H%M%S"
_END = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def new_id(name: str, latest: float, now: float) -> str:
    """A fresh id for a run of `name` at the time `now`, later than `latest`; both in seconds since the epoch.

    Raises `NameRejected` for a name that cannot be a file's.
    """
    paths.plain_name(name)
    moment = datetime.fromtimestamp(max(int(now), int(latest) + 1), UTC)
    return f"{moment.strftime(_FORM)}-{name}"


def began(run_id: str) -> float:
    """When a run began, by its id, in seconds since the epoch; 0 for other folders."""
    try:
        moment = datetime.strptime("-".join(run_id.split("-", 2)[:2]), _FORM).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return possible(moment.timestamp())


def possible(time: float) -> float:
    """A time in seconds since the epoch; 0 for one at which no run can have begun."""
    return time if 0 < time < _END else 0.0


def name_in(run_id: str) -> str:
    """The name of the model that a run with this id trains."""
    return run_id.split("-", 2)[-1]
