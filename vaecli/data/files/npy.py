"""NumPy's own files. The header is read before anything of the array is.

It says how many numbers of which type follow. NumPy believes it; here it is compared with the bytes that are
there, so that a small file never asks for more room than it fills.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.blocks import blocks, forget
from vaecli.data.decoded import IN_MEMORY
from vaecli.data.progress import Progress
from vaecli.data.scratch import room_for
from vaecli.errors import DataError

_CHUNK = 1 << 22  # bytes unfolded at a time
_TURNED = 1 << 23  # values turned at a time: the fewer, the more often each page is read


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
        _checked_header(file, path.stat().st_size, largest, str(path))
    return _by_rows(np.lib.format.open_memmap(path, mode="r"))


def read_npy(npy: IO[bytes], size: int, largest: int, where: str, progress: Progress) -> NDArray[Any]:
    """Return the array of a packed NPY file, on the disk where it is large.

    Args:
        npy: What unpacks it, at its beginning.
        size: The bytes that it has in all.
        largest: The most bytes that the array may have.
        where: What to call it in an error.
        progress: Called with what is unfolded, the bytes so far, and all.

    Raises:
        DataError: If its header claims something impossible, or Python objects.
        EnvironmentFailure: If the cache has no room for it.
        OSError, ValueError, EOFError: If it cannot be read.
    """
    shape, is_fortran, dtype = _checked_header(npy, size, largest, where)
    array = room_for(shape, dtype, "F" if is_fortran else "C")
    flat = (array.T if is_fortran else array).reshape(-1).view(np.uint8)
    for start in range(0, len(flat), _CHUNK):
        part = npy.read(min(_CHUNK, len(flat) - start))
        flat[start : start + len(part)] = np.frombuffer(part, np.uint8)
        if len(part) < min(_CHUNK, len(flat) - start):
            raise EOFError("it is truncated")
        forget(array)
        progress("unfolding the arrays", start + len(part), len(flat))
    return _by_rows(array)


def _by_rows(array: NDArray[Any]) -> NDArray[Any]:
    """Return a large array in the order of its rows, if it is in another: taking rows of it is slow."""
    if array.flags.c_contiguous or array.nbytes <= IN_MEMORY:
        return array
    ordered, start = room_for(array.shape, array.dtype), 0
    for block in blocks(array, _TURNED):
        ordered[start : start + len(block)] = block
        start += len(block)
        forget(ordered)
    return ordered


def _checked_header(
    npy: IO[bytes], size: int, largest: int, where: str
) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type of an array, read from its beginning.

    Raises:
        DataError: If it is an array of Python objects, which NumPy keeps as a pickle; or if its shape is
            none, or needs more bytes than there are or may be.
        ValueError, EOFError: If there is no header.
    """
    shape, is_fortran, dtype = _header(npy)
    if dtype.hasobject:
        raise DataError(
            f"{where}: contains pickled objects, which are never read.",
            "Expected: plain arrays of numbers.",
            "Save it again with np.savez(path, images=np.stack(images), labels=labels).",
        )
    if not all(type(side) is int and side >= 0 for side in shape):
        raise DataError(f"{where}: its shape is {str(shape)[:100]}.", "Expected: whole numbers from 0.")
    if max(shape, default=1) >= 1 << 62 or 0 in shape or not dtype.itemsize:
        raise DataError(f"{where}: an array of the shape {str(shape)[:100]} is empty or impossible.")
    needed = math.prod(shape) * dtype.itemsize
    if needed > largest:
        raise DataError(
            f"{where}: claims to hold {needed:,} bytes.",
            f"Expected: at most {largest:,} in a file of this size.",
            "If that is so, save the images alone: np.save('images.npy', images).",
        )
    if needed > size:
        raise DataError(
            f"{where}: truncated: an array of the shape {str(shape)[:100]} needs {needed:,} bytes.",
            f"Expected: at most {size:,}, all that there are.",
        )
    return shape, is_fortran, dtype


def shape_of(npy: IO[bytes]) -> tuple[int, ...]:
    """Return the shape that a header states, whatever it is.

    Raises:
        ValueError, EOFError: If there is no header.
    """
    return tuple(_header(npy)[0])


def _header(npy: IO[bytes]) -> tuple[tuple[Any, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(npy)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    found: tuple[tuple[Any, ...], bool, np.dtype[Any]] = read(npy)
    return found
