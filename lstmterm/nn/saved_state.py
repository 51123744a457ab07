"""The saved state of a run: everything that the next step depends on.

One safetensors file with tensors named `model.*`, `average.*`, `optimizer.*`, `position.*`,
`random.*`, and in the header's metadata a JSON object `state` with the loop's counters. It is written
completely or not at all, so the last one is intact whenever a run is killed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from lstmterm import atomic
from lstmterm.errors import RunError
from lstmterm.nn.task import Tensors

FORMAT = 1


def write(path: Path, tensors: Tensors, numbers: Mapping[str, Any]) -> None:
    """Save tensors (on any device) and plain numbers as the state at `path`."""
    metadata = {"state": json.dumps({"format": FORMAT, "torch": torch.__version__, **numbers})}
    whole = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    atomic.write_bytes(path, save(whole, metadata))


def read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """Read the tensors and numbers that `write` saved.

    Raises `RunError` for a file that is missing, damaged, or of a newer format.
    """
    try:
        with safe_open(path, framework="pt") as file:
            numbers = json.loads((file.metadata() or {})["state"])
            # into memory that torch aligned: kernels may round differently on another alignment
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        made_by = numbers["format"]
    except FileNotFoundError:
        raise RunError(f"The run has no saved state ({path}); train again.") from None
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise RunError(f"The saved state {path} is damaged ({error}); train again.") from None
    if made_by > FORMAT:
        raise RunError(f"The saved state {path} was made by a newer lstmterm; update to resume it.")
    return tensors, numbers


def part(tensors: Tensors, prefix: str) -> Tensors:
    """Return the tensors named `prefix.*`, without the prefix."""
    start = f"{prefix}."
    return {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}


def prefixed(tensors: Mapping[str, Tensor], prefix: str) -> Tensors:
    """Return the tensors with `prefix.` before their names."""
    return {f"{prefix}.{name}": t for name, t in tensors.items()}


def optimizer_tensors(optimizer: Optimizer, model: nn.Module) -> Tensors:
    """Return the optimizer's state of every parameter as `<parameter>.<name>`."""
    return {
        f"{name}.{what}": value
        for name, parameter in model.named_parameters()
        for what, value in optimizer.state.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }


def restore_optimizer(optimizer: Optimizer, model: nn.Module, tensors: Tensors) -> None:
    """Restore the optimizer's state from `optimizer_tensors`."""
    optimizer.state.clear()
    for name, parameter in model.named_parameters():
        memory = part(tensors, name)
        for what, value in memory.items():
            # the step count may be on the CPU while the moments are on the parameter's device
            home = (
                parameter.device
                if value.shape == parameter.shape or optimizer.defaults.get("fused")
                else value.device
            )
            optimizer.state[parameter][what] = value.to(home)


def restore_model(model: nn.Module, tensors: Tensors) -> None:
    """Copy weights into the parameters in place.

    Raises `RunError` for the weights of another model.
    """
    parameters = dict(model.named_parameters())
    if {n: p.shape for n, p in parameters.items()} != {n: t.shape for n, t in tensors.items()}:
        raise RunError("The saved weights do not match the model in the run's spec; train again.")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])


def random_tensors(device: torch.device) -> Tensors:
    """Return the states of the random generators that training uses."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def restore_random(tensors: Tensors, device: torch.device) -> None:
    """Restore the random generators from `random_tensors`."""
    torch.set_rng_state(tensors["cpu"])
    if device.type == "cuda" and "cuda" in tensors:
        torch.cuda.set_rng_state(tensors["cuda"], device)
    elif device.type == "mps" and "mps" in tensors:
        torch.mps.set_rng_state(tensors["mps"])
