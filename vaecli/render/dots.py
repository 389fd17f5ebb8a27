"""Paint many points at once, as soft-edged discs, without a loop over points.

Matplotlib draws one colour after the other, so the last class hides the first, and takes
longer. Here every disc is the same small stamp set on whole pixels, and all stamps are
written level by level: a disc's full middle lies over any disc's soft edge, and edges fade
to paper. So ten colours stay ten colours, which also keeps a GIF small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

WHITE = (255, 255, 255)


def stamp(radius: float) -> NDArray[np.float64]:
    """Return `(side, side)` shares of each pixel that a disc covers, its centre on a pixel's centre.

    >>> stamp(1.5).round(1).tolist()
    [[0.6, 1.0, 0.6], [1.0, 1.0, 1.0], [0.6, 1.0, 0.6]]
    """
    reach = int(np.ceil(radius + 0.5)) - 1
    across = np.arange(-reach, reach + 1)
    return np.clip(radius + 0.5 - np.hypot(across[:, None], across[None, :]), 0.0, 1.0)


def paint_dots(
    canvas: NDArray[np.uint8],
    points: NDArray[np.floating],
    colours: NDArray[np.uint8],
    radius: float,
    paper: ArrayLike = WHITE,
) -> None:
    """Paint discs onto paper, later points over earlier ones.

    Args:
        canvas: `(height, width, ≥3)`, painted in place.
        points: `(n, 2)` x and y in pixels from the canvas's top left corner; what falls
            outside, or is not finite, is left out.
        colours: `(n, 3)`.
        radius: Of every disc, in pixels.
        paper: `(3,)`, the colour into which the edges fade.

    >>> canvas = np.full((3, 4, 3), 255, np.uint8)
    >>> paint_dots(canvas, np.array([[1.5, 1.5]]), np.zeros((1, 3), np.uint8), 1.0)
    >>> canvas[:, :, 0].tolist()
    [[233, 128, 233, 255], [128, 0, 128, 255], [233, 128, 233, 255]]
    """
    height, width = canvas.shape[:2]
    paper = np.asarray(paper, np.float64)
    near = ((points > -radius) & (points < [width + radius, height + radius])).all(axis=1)
    corner = np.floor(points[near]).astype(np.int64)
    cover = stamp(radius)
    for level in np.unique(cover[cover > 0]):
        down, across = (place - len(cover) // 2 for place in np.nonzero(cover == level))
        rows, columns = corner[:, 1, None] + down, corner[:, 0, None] + across  # (points, pixels)
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        tones = np.rint(paper + level * (colours[near] - paper)).astype(np.uint8)
        # Where an index repeats, the last assignment stays: the later point.
        canvas[rows[inside], columns[inside], :3] = np.repeat(tones, inside.sum(axis=1), axis=0)


def fade(colours: NDArray[np.uint8], opacity: float, paper: ArrayLike = WHITE) -> NDArray[np.uint8]:
    """Return colours as they look on paper at an opacity from 0 to 1.

    >>> fade(np.zeros((1, 3), np.uint8), 0.2).tolist()
    [[204, 204, 204]]
    """
    paper = np.asarray(paper, np.float64)
    return np.asarray(np.rint(paper + opacity * (colours - paper)).astype(np.uint8))
