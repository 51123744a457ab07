"""Training: the only package that imports torch.

Without torch, importing anything here raises `NoTorch`; all that works without training imports nothing from here.
"""

try:
    import torch as _torch  # noqa: F401 - a module below would import it, and fail with a traceback
except (ImportError, OSError) as error:
    from lstmterm.installed import without_torch

    raise without_torch(error) from error
