"""Images as arrays, wherever they are: taken by position, rounded to bytes, laid side by side.

An image is uint8 `(height, width, channels)` with 1 or 3 channels.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class ImageSource(Protocol):
    """uint8 images `(n, height, width, channels)` taken by position: an array, or what reads as one.

    A mapped file and files that are decoded when they are taken are such sources, too.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """`(n, height, width, channels)`."""

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """uint8."""

    @property
    def nbytes(self) -> int:
        """Bytes of all images."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.uint8]: ...


def to_uint8(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Round pixels in [0, 1] to the nearest of 0…255.

    >>> to_uint8(np.array([0.0, 0.5, 1.0], np.float32)).tolist()
    [0, 128, 255]
    """
    return np.asarray(np.rint(images * 255.0).astype(np.uint8))


def tiled(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return one image of images `(rows, columns, height, width, channels)`, edge to edge.

    >>> tiled(np.arange(4, dtype=np.uint8).reshape(2, 2, 1, 1, 1))[:, :, 0].tolist()
    [[0, 1], [2, 3]]
    """
    rows, columns, height, width, channels = images.shape
    return images.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)
