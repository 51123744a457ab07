"""The saved state of a run: everything that the next step depends on.

One safetensors file with tensors named `model.*`, `average.*`, `optimizer.*`, `position.*`,
`random.*`, and in the header's metadata a JSON object `state` with the loop's counters, and `sha256`, the
checksum of the whole file with zeros in the checksum's place. It is written completely or not at all, so
the last one is intact whenever a run is killed; a file that was changed since is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from lstmterm import atomic
from lstmterm.errors import RunError
from lstmterm.nn.optimizers import Optimizer
from lstmterm.nn.task import Tensors

FORMAT = 2  # 1 had no checksum
_MOST_HEADER = 16 << 20  # bytes
_UNKNOWN = "0" * 64  # in the place of a checksum
_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


class Damaged(RunError):
    """A saved state that is not as it was written, or that is another model's."""


def damaged(path: Path, error: Exception) -> Damaged:
    """The error for the state at `path`, whose reading ended in `error`: one of ours begins with "has"."""
    if str(error).startswith("has "):
        why = f"it {error}"
    elif isinstance(error, KeyError):
        why = f"it lacks {error}"
    else:
        why = "it cannot be read"
    return Damaged(f"The saved state {path} is damaged: {why}; train again.")


def write(path: Path, tensors: Tensors, numbers: Mapping[str, Any]) -> None:
    """Save tensors (on any device) and plain numbers as the state at `path`.

    Tensors go to the file one after the other: beside the state itself, memory holds one of them at most.
    Raises `WriteError` when it cannot be written; the file at `path` is then as before.
    """
    state = json.dumps({"format": FORMAT, "torch": torch.__version__, **numbers})
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))  # aligned
    header = _header({name: tensors[name] for name in names}, state)
    size = len(header) + sum(t.numel() * t.element_size() for t in tensors.values())
    with atomic.writing(path, size) as file:
        checksum = hashlib.sha256(header)
        file.write(header)
        for name in names:
            content = tensors[name].detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data
            checksum.update(content)
            file.write(content)
        file.seek(header.index(_UNKNOWN.encode()))
        file.write(checksum.hexdigest().encode())


def _header(tensors: Tensors, state: str) -> bytes:
    """The header of a safetensors file with these tensors in this order, its checksum still unknown."""
    entries: dict[str, Any] = {"__metadata__": {"sha256": _UNKNOWN, "state": state}}
    end = 0
    for name, t in tensors.items():
        start, end = end, end + t.numel() * t.element_size()
        entries[name] = {"dtype": _DTYPES[t.dtype], "shape": list(t.shape), "data_offsets": [start, end]}
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """Read the tensors and numbers that `write` saved.

    Raises `RunError` for a file that is missing or of a newer format, and `Damaged`.
    """
    numbers = read_numbers(path)
    try:
        with safe_open(path, framework="pt") as file:
            # into memory that torch aligned: kernels may round differently on another alignment
            return {name: file.get_tensor(name).clone() for name in file.keys()}, numbers  # noqa: SIM118
    except SafetensorError as error:
        raise damaged(path, error) from None


def read_numbers(path: Path) -> dict[str, Any]:
    """Read only the numbers that `write` saved; checks the whole file, and raises as `read` does.

    The file may be replaced meanwhile: it is opened once.
    """
    try:
        with open(path, "rb") as file:
            size = file.read(8)
            header = file.read(min(int.from_bytes(size, "little"), _MOST_HEADER))
            metadata = json.loads(header)["__metadata__"]
            numbers = json.loads(metadata["state"])
            made_by = numbers["format"]
            if type(made_by) is not int or made_by < 1:
                raise ValueError("has no format number")
            if 1 < made_by <= FORMAT:
                written = metadata["sha256"]
                checksum = hashlib.sha256(size + header.replace(written.encode(), _UNKNOWN.encode(), 1))
                while content := file.read(1 << 20):
                    checksum.update(content)
                if written != checksum.hexdigest():
                    raise ValueError("has another checksum")
    except FileNotFoundError:
        raise RunError(f"The run has no saved state ({path}); train again.") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(path, error) from None
    if made_by > FORMAT:
        raise RunError(f"The saved state {path} was made by a newer lstmterm; update to resume it.")
    return numbers


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
        for what, value in optimizer.memory.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }


def restore_optimizer(optimizer: Optimizer, model: nn.Module, tensors: Tensors) -> None:
    """Restore the optimizer's state from `optimizer_tensors`.

    Raises `Damaged` for tensors that do not fit their parameters: the optimizer would not look.
    """
    parameters = dict(model.named_parameters())
    for key, value in tensors.items():
        parameter = parameters.get(key.rpartition(".")[0])
        if parameter is None or value.shape not in (parameter.shape, ()) or value.dtype != parameter.dtype:
            raise Damaged(f"The saved state is damaged: {key!r} does not fit the model; train again.")
    optimizer.memory.clear()
    for name, parameter in model.named_parameters():
        memory = part(tensors, name)
        if memory and memory.keys() != optimizer.memory_of(parameter):
            raise Damaged(
                f"The saved state is damaged: it lacks a part of the optimizer for {name!r}; train again."
            )
        for what, value in memory.items():
            # the step count may be on the CPU while the moments are on the parameter's device
            home = parameter.device if value.shape == parameter.shape or optimizer.fused else value.device
            optimizer.memory.setdefault(parameter, {})[what] = value.to(home)


def restore_model(model: nn.Module, tensors: Tensors) -> None:
    """Copy weights into the parameters in place. Raises `Damaged` for the weights of another model."""
    restore_into(dict(model.named_parameters()), tensors)


def restore_into(known: Mapping[str, Tensor], tensors: Tensors) -> None:
    """Copy tensors into the known ones in place. Raises `Damaged` for other names or shapes."""
    if {n: t.shape for n, t in known.items()} != {n: t.shape for n, t in tensors.items()}:
        raise Damaged("The saved weights do not match the model in the run's spec; train again.")
    with torch.no_grad():
        for name, tensor in known.items():
            tensor.copy_(tensors[name])


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
