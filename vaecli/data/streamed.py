"""Images that stay in their files, and are decoded each time they are taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.images import quietly

THREADS = max(2, min(8, os.cpu_count() or 1))  # they wait for the disk, too
_TOGETHER = 16  # images that a thread decodes at a time


class Streamed:
    """Image files as an array that is never whole: what is taken of it is decoded, by several threads.

    It is indexed as a uint8 array `(n, height, width, channels)` is, by its first axis alone.

    Args:
        decode: Position → image, uint8 `(height, width, channels)`; called by several threads.
        shape: `(n, height, width, channels)`.
        extremes: What `extremes_of` would find, if that is known already.
    """

    def __init__(
        self,
        decode: Callable[[int], NDArray[np.uint8]],
        shape: tuple[int, int, int, int],
        extremes: tuple[int, int, int] | None = None,
    ) -> None:
        self.shape, self.extremes = shape, extremes
        self._decode = decode

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """uint8, as of every image."""
        return np.dtype(np.uint8)

    @property
    def nbytes(self) -> int:
        """Bytes of all images together, were they decoded."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any, /) -> NDArray[np.uint8]:
        """Decode the images at some positions.

        Raises:
            DataError: If a file is no longer what it was.
        """
        positions = np.arange(len(self))[rows]
        images = np.empty((positions.size, *self.shape[1:]), np.uint8)
        wanted = positions.reshape(-1).tolist()

        def fill(start: int) -> None:
            for place in range(start, min(start + _TOGETHER, len(wanted))):
                images[place] = self._decode(wanted[place])

        with quietly():
            for _ in self._threads.map(fill, range(0, len(wanted), _TOGETHER)):
                pass
        return images.reshape(*positions.shape, *self.shape[1:])

    def only(self, rows: Any, extremes: tuple[int, int, int] | None = None) -> Streamed:
        """Return the images at some positions as they are: in their files."""
        positions = np.arange(len(self))[rows].tolist()
        return Streamed(
            lambda place: self._decode(positions[place]), (len(positions), *self.shape[1:]), extremes
        )

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS, thread_name_prefix="decode")
