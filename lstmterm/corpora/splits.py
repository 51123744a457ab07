"""Training, validation and test parts of a text."""

import math
from dataclasses import dataclass

from lstmterm.errors import InputError


@dataclass(frozen=True)
class Split:
    """Where a text is cut: (start, stop) positions in encoded characters."""

    train: tuple[int, int]
    val: tuple[int, int]
    test: tuple[int, int]


def cut(n: int, val: float, test: float, cap: int | None = 200_000) -> Split:
    """Train, validation and test in the order of a text of `n` characters.

    `val` and `test` are shares of it, floored, each at most `cap` characters (0 or None: no cap); a
    share of 0 gives an empty range. Raises `InputError` where a part would be too short to predict
    one character.
    """
    for name, share in (("--val", val), ("--test", test)):
        if not 0 <= share < 1:
            raise InputError(f"{name} is {share:g}; it is a share from 0 to below 1.")
    if val + test >= 1:
        raise InputError(f"--val {val:g} and --test {test:g} leave nothing to train on; make them smaller.")
    most = cap or n
    val_count, test_count = (min(math.floor(n * share), most) for share in (val, test))
    train_count = n - val_count - test_count
    for option, share, count in (("val", val, val_count), ("test", test, test_count)):
        if share > 0 and count < 2:
            raise InputError(
                f"The text has {n:,} characters, too few for --{option} {share:.3g} of it; "
                f"take a longer text, a larger share, or none at all (--{option} 0)."
            )
    if train_count < 2:
        raise InputError(f"The text has {n:,} characters, too few to learn from; take a longer one.")
    return Split((0, train_count), (train_count, train_count + val_count), (train_count + val_count, n))
