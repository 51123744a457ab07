"""Loss, gradient norm and speed of the steps since the last reading."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lstmterm.stopwatch import Stopwatch

READ_EVERY = 0.25  # seconds between readings


@dataclass(frozen=True)
class Reading:
    """Means over some steps."""

    loss: float  # nats per unit
    norm: float  # of the gradient
    steps: int
    units: int  # characters or tokens
    seconds: float


class Meter:
    """Sums the figures of steps on the device, so that the host rarely waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.checks_every_step = device.type == "cpu"  # where reading the sums costs nothing
        self._sums = torch.zeros(3, device=device)  # loss, norm, steps that were not finite
        self.steps = self._units = 0
        self._watch = Stopwatch()

    def add(self, loss: Tensor, norm: Tensor, finite: Tensor, units: int) -> None:
        """Add a step: scalar tensors, and the number of characters or tokens."""
        self._sums += torch.stack([loss.detach(), norm, (~finite).float()])
        self.steps += 1
        self._units += units

    def due(self) -> bool:
        """Return whether it is time for a reading."""
        return self._watch.read() >= READ_EVERY

    def all_finite(self) -> bool:
        """Return whether all steps since the last reading were finite."""
        return bool(self._sums[2].item() == 0)

    def read(self) -> Reading:
        """Return the means since the last reading, and restart."""
        loss, norm, _ = self._sums.tolist()
        steps, seconds = self.steps, self._watch.read()
        reading = Reading(loss / steps, norm / steps, steps, self._units, seconds)
        self.restart()
        return reading

    def restart(self) -> None:
        """Forget the steps; the time starts now."""
        self._sums.zero_()
        self.steps = self._units = 0
        self._watch.restart()
