"""Files without a name, for what need not be kept; they vanish with the process, however it ends.

They are in the cache folder, which has room for texts, or in the system's folder for temporary files where the
cache cannot be written: what only reads works without a home folder too.
"""

import errno
import os
import tempfile
from pathlib import Path
from typing import IO

from lstmterm import atomic, paths

_ERRORS = (*atomic.FULL, errno.EIO)  # of a cache that could be written


def can_cache() -> bool:
    """Whether the cache can be written; creates its folder. Raises `WriteError` if its disk is full."""
    cache = paths.encoded()
    try:
        atomic.make_folder(cache)
    except atomic.WriteError as error:
        if error.errno in _ERRORS:
            raise
        return False
    return os.access(cache, os.W_OK | os.X_OK)


def folder() -> Path:
    """Where files without a name are."""
    return paths.encoded() if can_cache() else Path(tempfile.gettempdir())


def file() -> IO[bytes]:
    """An empty file without a name. Raises `WriteError` if there cannot be one."""
    place = folder()
    with atomic.explaining(place):
        return tempfile.TemporaryFile(dir=place)
