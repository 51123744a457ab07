"""Training, validation and test parts of a text."""

import math
from dataclasses import dataclass

from lstmterm.errors import InputError


@dataclass(frozen=True)
class Split:
    """The parts of a text as (start, stop) positions in encoded characters."""

    train: tuple[int, int]
    val: tuple[int, int]
    test: tuple[int, int]


def cut(n: int, val: float, test: float, cap: int | None = 200_000) -> Split:
    """Cut a text of `n` characters into training, validation and test parts, in this order.

    `val` and `test` are shares of the text, rounded down, each at most `cap` characters (0 or None: no
    cap); a share of 0 gives an empty part. Raises `InputError` if a part is too short to predict a
    character.
    """
    for name, share in (("--val", val), ("--test", test)):
        if not 0 <= share < 1:
            raise InputError(f"{name} must be at least 0 and less than 1 (got {share:g}).")
    if val + test >= 1:
        raise InputError(f"--val {val:g} and --test {test:g} leave nothing to train on; use smaller shares.")
    most = cap or n
    val_count, test_count = (min(math.floor(n * share), most) for share in (val, test))
    train_count = n - val_count - test_count
    for option, share, count in (("val", val, val_count), ("test", test, test_count)):
        if share > 0 and count < 2:
            raise InputError(
                f"The text has {n:,} characters, too few for --{option} {share:.3g}, which takes at least "
                f"{math.ceil(2 / share):,}; use a longer text, a larger share, or no such part (--{option} 0)."
            )
    if train_count < 2:
        raise InputError(f"The text has {n:,} characters, too few to train on; use a longer one.")
    return Split((0, train_count), (train_count, train_count + val_count), (train_count + val_count, n))
