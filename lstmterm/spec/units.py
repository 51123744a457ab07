"""What can be looked at of a hidden unit; `lstmterm.infer.trace` says what each is."""

from typing import Literal, get_args

Quantity = Literal["c", "tanh_c", "h", "input", "forget", "output"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
