"""Training: the only package that imports torch.

Without torch, or with a broken one, importing anything here raises `NoTorch`; all that works without training
imports nothing from here.
"""

try:
    import torch as _torch  # a module below would import it, and fail with a traceback

    _torch.Tensor  # noqa: B018 - a folder that an uninstallation left is a package, too, with nothing in it
except Exception as error:
    from lstmterm.errors import too_large
    from lstmterm.installed import without_torch

    raise too_large(error) or without_torch(error) from error
