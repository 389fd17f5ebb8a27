"""Room for what is unfolded from a packed file: in memory, or on the disk where it is large.

On the disk it is a file of the cache without a name, mapped: it is gone when the array is, however the
process ends.
"""

from __future__ import annotations

import math
import mmap
from typing import Any, Literal

import numpy as np
import platformdirs
from numpy.typing import NDArray

from vaecli import files
from vaecli.data.decoded import IN_MEMORY, allocate, refused


def room_for(
    shape: tuple[int, ...], dtype: np.dtype[Any], order: Literal["C", "F"] = "C", in_memory: int = IN_MEMORY
) -> NDArray[Any]:
    """Return an array to be filled.

    Args:
        shape: Its shape.
        dtype: Its type; not one of Python objects.
        order: How its values lie.
        in_memory: It is on the disk if it has more bytes.

    Raises:
        EnvironmentFailure: If the cache has no room for it, or cannot be written.
    """
    size = math.prod(shape) * dtype.itemsize
    if size <= in_memory:
        return np.empty(shape, dtype, order)
    folder = platformdirs.user_cache_path("vaecli") / "decoded"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.clear_abandoned(folder)
        with files.Unfinished(folder) as file:
            allocate(file.descriptor, size)
            return np.ndarray(shape, dtype, mmap.mmap(file.descriptor, size), order=order)
    except OSError as error:
        raise refused(folder, error, size) from error
