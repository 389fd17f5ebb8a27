"""The header of a NumPy array, read before anything of the array is.

It says how many numbers of which type follow. NumPy believes it; here it is compared with the bytes that are
there, so that a small file never asks for more memory than it fills.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import DataError


def map_npy(path: Path, largest: int) -> NDArray[Any]:
    """Return the array of an NPY file, mapped.

    Args:
        path: The file.
        largest: The most bytes that the array may have.

    Raises:
        DataError: If its header claims something impossible, or Python objects.
        OSError, ValueError, EOFError: If it cannot be read.
    """
    with path.open("rb") as file:
        check_header(file, path.stat().st_size, largest, str(path))
    return np.lib.format.open_memmap(path, mode="r")


def check_header(npy: IO[bytes], size: int, largest: int, where: str) -> None:
    """Read the header of an array, and raise `DataError` for one that cannot be.

    Args:
        npy: The file, at its beginning.
        size: The bytes that it has in all.
        largest: The most bytes that the array may have.
        where: What to call it in an error.

    Raises:
        DataError: If it is an array of Python objects, which NumPy keeps as a pickle; or if its shape is
            none, or needs more bytes than there are.
        ValueError, EOFError: If there is no header.
    """
    shape, dtype = _header(npy)
    if dtype.hasobject:
        raise DataError(
            f"{where}: contains pickled objects, which are never read.",
            "Expected: plain arrays of numbers.",
            "Save it again with np.savez(path, images=np.stack(images), labels=labels).",
        )
    if not all(type(side) is int and side >= 0 for side in shape):
        raise DataError(f"{where}: its shape is {str(shape)[:100]}.", "Expected: whole numbers from 0.")
    if max(shape, default=1) >= 1 << 62 or 0 in shape:
        raise DataError(f"{where}: an array of the shape {str(shape)[:100]} is empty or impossible.")
    needed = math.prod(shape) * dtype.itemsize
    if needed > largest:
        raise DataError(f"{where}: claims to hold {needed:,} bytes.", f"Expected: at most {largest:,}.")
    if needed > size:
        raise DataError(
            f"{where}: truncated: an array of the shape {str(shape)[:100]} needs {needed:,} bytes.",
            f"Expected: at most {size:,}, all that there are.",
        )


def shape_of(npy: IO[bytes]) -> tuple[int, ...]:
    """Return the shape that a header states, whatever it is.

    Raises:
        ValueError, EOFError: If there is no header.
    """
    return tuple(_header(npy)[0])


def _header(npy: IO[bytes]) -> tuple[tuple[Any, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(npy)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(npy)
    return shape, dtype
