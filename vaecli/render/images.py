"""Images as they are stored, made ready for a page: three channels, whole pixels, side by side.

Images are enlarged by whole factors, so that a pixel stays a square with sharp edges, and
reduced by averaging whole blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]


def as_rgb(images: Images) -> Images:
    """Return images `(..., height, width, 3)` of images with 1 or 3 channels.

    Raises:
        TypeError: If they are not uint8 with 1 or 3 channels.

    >>> as_rgb(np.full((2, 1, 1, 1), 7, np.uint8))[1].tolist()
    [[[7, 7, 7]]]
    """
    if images.dtype != np.uint8 or images.ndim < 3 or images.shape[-1] not in {1, 3}:
        raise TypeError(
            f"Images are {images.dtype} {images.shape}, expected uint8 (..., height, width, 1 or 3)."
        )
    return np.broadcast_to(images, (*images.shape[:-1], 3))


def whole_factor(size: float, target: float) -> int:
    """Return how to bring a size near a target: n enlarges n times, −n reduces n times.

    >>> whole_factor(28, 60), whole_factor(256, 60), whole_factor(60, 50)
    (2, -4, 1)
    """
    if size > 1.5 * target:
        return -round(size / target)
    return max(1, round(target / size))


def rescale(images: Images, factor: int) -> Images:
    """Return images `(..., height, width, channels)` enlarged or reduced by a whole factor.

    >>> rescale(np.array([[[0], [200]]], np.uint8), 2)[:, :, 0].tolist()
    [[0, 0, 200, 200], [0, 0, 200, 200]]
    >>> rescale(np.array([[[0], [200]]], np.uint8), -2).tolist()
    [[[100]]]
    """
    if factor > 0:
        return images.repeat(factor, axis=-3).repeat(factor, axis=-2)
    *outer, height, width, channels = images.shape
    block = -factor
    edges = [(0, 0)] * len(outer) + [(0, -height % block), (0, -width % block), (0, 0)]
    whole = np.pad(images, edges, mode="edge")
    down, across = whole.shape[-3] // block, whole.shape[-2] // block
    blocks = whole.reshape(*outer, down, block, across, block, channels)
    return np.asarray(np.rint(blocks.mean(axis=(-4, -2))).astype(np.uint8))
