"""What is installed beside lstmterm, and how to add what is missing."""

import importlib.metadata
import importlib.util
import platform
import re
import sys
from pathlib import Path

from lstmterm.errors import InputError

PIP, PIPX, UV = "pip", "pipx", "uv"
CPU_TORCH = "https://download.pytorch.org/whl/cpu"  # torch without the CUDA libraries


class NoTorch(InputError):
    """Training was asked for, and torch is missing or broken; exit code 2."""


def installer() -> str:
    """The program that made the environment in which this runs: `PIP`, `PIPX` or `UV`."""
    folder = Path(sys.prefix)
    if (folder / "pipx_metadata.json").exists():
        return PIPX
    return UV if (folder / "uv-receipt.toml").exists() else PIP


def adding(package: str, *, cpu: bool = False, again: bool = False) -> str:
    """The shell command that installs `package` here, `again` if it is there; `cpu` takes torch without CUDA."""
    if installer() == UV:
        options = [f"--reinstall-package {package}"] * again + ["--torch-backend cpu"] * cpu
        return " ".join([f"uv pip install --python {sys.executable} {package}", *options])
    options = ["--force-reinstall"] * again + [f"--index-url {CPU_TORCH}"] * cpu
    if installer() == PIPX:
        given = [f"--pip-args='{' '.join(options)}'"] * bool(options)
        return " ".join([f"pipx inject --force lstmterm {package}", *given])
    return " ".join([f"{sys.executable} -m pip install {package}", *options])


def intel_mac() -> bool:
    """Whether this is a Mac with an Intel processor, for which torch is not made since 2.3."""
    return sys.platform == "darwin" and platform.machine() == "x86_64"


def without_torch(error: BaseException) -> NoTorch:
    """The sentence for training where `import torch` raised `error`."""
    if intel_mac():
        return NoTorch(
            "Training needs torch, which is no longer made for Macs with an Intel processor. Everything else "
            "works; train on another machine, and add the model's file here with `lstmterm import`."
        )
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return NoTorch(
            f"Training needs torch, which is not installed. `{adding('torch', cpu=no_gpu())}` adds it; "
            "everything else works without it."
        )
    return NoTorch(
        f"Training needs torch, which cannot be loaded here ({str(error).splitlines()[0] if str(error) else error!r}). "
        f"`{adding('torch', cpu=no_gpu(), again=True)}` installs it again."
    )


def refuse_without_torch() -> None:
    """Raise `NoTorch` where torch is not installed, without importing it."""
    if importlib.util.find_spec("torch") is None:
        raise without_torch(ModuleNotFoundError(name="torch"))


def no_gpu() -> bool:
    """Whether this is Linux without an NVIDIA GPU, where torch's CUDA libraries are gigabytes of no use."""
    return sys.platform == "linux" and not Path("/proc/driver/nvidia/version").exists()


def required() -> dict[str, str]:
    """The packages that lstmterm requires, and the range of versions of each, as in "torch" and ">=2.13,<3"."""
    try:
        lines = importlib.metadata.requires("lstmterm") or []
    except importlib.metadata.PackageNotFoundError:  # the sources, without an installation
        return {}
    plain = [line for line in lines if ";" not in line]
    found = [re.fullmatch(r"([\w.-]+)\s*(.*)", line) for line in plain]
    return {match[1]: match[2] for match in found if match}


def has(package: str) -> bool:
    """Whether a package is installed, in any version."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def missing() -> list[str]:
    """The required packages that are not installed, or older than required."""
    return [name for name, versions in required().items() if not _fits(name, versions)]


def _fits(name: str, versions: str) -> bool:
    lowest = re.search(r">=([\d.]+)", versions)
    return has(name) and (not lowest or _numbers(importlib.metadata.version(name)) >= _numbers(lowest[1]))


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version: (2, 13, 0) of "2.13.0+cpu"."""
    release = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
