"""A step that threads make apart: each takes pieces of it, and they wait for each other only at its end.

torch shares each product of a step among its threads, which wait for the slowest after every one of them. Beside
another program, that makes a step as slow as the thread whose processor it takes. Threads that work apart make as many
pieces as they get to, so the program takes its share of the processors and no more.

The pieces do not depend on the threads, and their results are added in their order: so a step does not depend on
which thread made which piece.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor

from lstmterm.planning import processors

T = TypeVar("T")
R = TypeVar("R")
Gradient = Tensor | None

FEWEST_STREAMS = 8  # in a piece: with fewer, its products are small and slow


class Pieces:
    """Threads that work apart, until they are closed.

    Where there is a thread for each CPU, each stays on one of its own. Linux would leave another program a whole CPU and
    let two of the threads share one: three busy threads on two CPUs cannot be balanced.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        cpus = processors.allowed()
        self._own_cpus = iter(cpus if len(cpus) == threads else ())
        self._pool = ThreadPoolExecutor(threads, "piece", self._begin)

    def each(self, work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
        """Yield what `work` returns for each of the parts, in their order."""
        return self._pool.map(work, parts)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _begin(self) -> None:
        """Prepare a thread of the pool, which calls this."""
        torch.set_num_threads(1)
        cpu = next(self._own_cpus, None)
        if cpu is not None:
            with contextlib.suppress(OSError):  # the CPUs that are allowed may have changed since
                os.sched_setaffinity(0, {cpu})


def cut(streams: int, threads: int) -> list[slice]:
    """Return the streams of each piece of a step; none where they are too few to be made apart by `threads`.

    A thread that shares its CPU with another program makes one piece while each of the others makes two.
    """
    count = 2 * threads - 1
    if threads < 2 or streams < count * FEWEST_STREAMS:
        return []
    return [slice(k * streams // count, (k + 1) * streams // count) for k in range(count)]


def summed(sums: Sequence[Gradient], gradients: Sequence[Gradient]) -> list[Gradient]:
    """Return the sums with the gradients of another loss, for each parameter; None where no loss depends on it."""
    return [a if b is None else b if a is None else a + b for a, b in zip(sums, gradients, strict=True)]


def known(loss: Tensor, gradients: Sequence[Gradient], parameters: Sequence[Tensor]) -> Tensor:
    """Return a loss whose backward pass gives the `parameters` these gradients, which were computed before."""
    return _Known.apply(loss, gradients, *parameters)


class _Known(torch.autograd.Function):
    """A loss whose gradients are known."""

    @staticmethod
    def forward(ctx: Any, loss: Tensor, gradients: Sequence[Gradient], *parameters: Tensor) -> Tensor:
        ctx.gradients = gradients
        return loss.clone()

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Any, ...]:
        (slope,) = slopes
        return None, None, *(None if gradient is None else gradient * slope for gradient in ctx.gradients)
