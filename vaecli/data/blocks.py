"""Large arrays, a few rows at a time: of one that is mapped, no more than these is in memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VALUES = 1 << 18  # values taken at a time


def blocks(array: NDArray[Any], values: int = _VALUES) -> Iterator[NDArray[Any]]:
    """Yield an array `(n, …)` in blocks of rows, in their order.

    Args:
        array: In memory, or mapped.
        values: How many values a block has at most, unless one row has more.

    >>> [block.tolist() for block in blocks(np.arange(5), values=2)]
    [[0, 1], [2, 3], [4]]
    """
    rows = max(1, values // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]
        forget(array)


def forget(array: NDArray[Any]) -> None:
    """Let the system drop what it holds in memory of a mapped array; it is read again when it is needed."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)
