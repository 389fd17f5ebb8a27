"""Convolutions as matrix products, padded as TensorFlow pads."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def convolved(images: Floats, kernel: Floats, stride: int) -> Floats:
    """Multiply every patch of images with a kernel.

    Args:
        images: `(n, height, width, channels)`.
        kernel: `(size, size, channels, filters)`.
        stride: Positions from one patch to the next.

    Returns:
        `(n, ⌈height / stride⌉, ⌈width / stride⌉, filters)`.

    >>> image = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)
    >>> convolved(image, np.ones((2, 2, 1, 1), np.float32), 2).ravel().tolist()
    [8.0, 7.0, 13.0, 8.0]
    """
    size, _, channels, filters = kernel.shape
    vertical, horizontal = (same_padding(side, size, stride) for side in images.shape[1:3])
    padded = np.pad(images, ((0, 0), vertical, horizontal, (0, 0))) if size > 1 else images
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    patches = windows.transpose(0, 1, 2, 4, 5, 3)  # (n, rows, columns, size, size, channels)
    product = patches.reshape(-1, size * size * channels) @ kernel.reshape(-1, filters)
    return product.reshape(*patches.shape[:3], filters)


def convolved_transposed(images: Floats, kernel: Floats, stride: int) -> Floats:
    """Add up a copy of a kernel for each value: the transpose of `convolved`.

    Args:
        images: `(n, height, width, channels)`.
        kernel: `(size, size, filters, channels)`.
        stride: Positions from one copy to the next.

    Returns:
        `(n, height·stride, width·stride, filters)`.

    >>> image = np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)
    >>> convolved_transposed(image, np.ones((3, 3, 1, 1), np.float32), 1).ravel().tolist()
    [6.0, 6.0, 6.0, 6.0]
    """
    size, _, filters, channels = kernel.shape
    n, height, width, _ = images.shape
    copies = images.reshape(-1, channels) @ kernel.reshape(-1, channels).T
    copies = copies.reshape(n, height, width, size, size, filters)
    if size == stride:  # they do not overlap
        return copies.transpose(0, 1, 3, 2, 4, 5).reshape(n, height * stride, width * stride, filters)
    (top, _), (left, _) = (same_padding(side * stride, size, stride) for side in (height, width))
    reach = max(size, stride)
    whole = np.zeros((n, (height - 1) * stride + reach, (width - 1) * stride + reach, filters), np.float32)
    for row in range(size):
        for column in range(size):
            rows, columns = (
                slice(first, first + side * stride, stride)
                for first, side in ((row, height), (column, width))
            )
            whole[:, rows, columns] += copies[:, :, :, row, column]
    return whole[:, top : top + height * stride, left : left + width * stride]


def same_padding(side: int, size: int, stride: int) -> tuple[int, int]:
    """Return how many zeros TensorFlow's `same` padding puts before a side and after it.

    >>> same_padding(5, 4, 2), same_padding(4, 2, 2)
    ((1, 2), (0, 0))
    """
    total = max((-(-side // stride) - 1) * stride + size - side, 0)
    return total // 2, total - total // 2
