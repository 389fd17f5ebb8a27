"""Names written straight onto a cloud, where they fit without touching each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.text import Text
from numpy.typing import NDArray

from vaecli.render.look import Look
from vaecli.render.page import text_width
from vaecli.render.panel import Cloud, LatentPanel
from vaecli.render.style import INK

_SIZE = 15
_LINE = 19  # height of a name, in pixels
_NEAREST, _FURTHEST = 16, 44  # how far a name may go from a class without, and with, a wide spread


def direct_labels(panel: LatentPanel, cloud: Cloud, class_names: Sequence[str]) -> list[Text] | None:
    """Return a moving text per class at the middle of its points, or None if they do not fit."""
    if cloud.labels is None or np.shape(cloud.points[0])[1] < 2:
        return None
    pixels = panel.to_pixels(panel.place(cloud.points[-1])) / panel.page.scale
    groups = {label: pixels[cloud.labels == label] for label in np.unique(cloud.labels).tolist()}
    middles = {label: np.median(group, axis=0) for label, group in groups.items()}
    widths = {label: text_width(class_names[label], _SIZE, bold=True) for label in groups}
    reaches = {label: reach(group, middles[label]) for label, group in groups.items()}
    places = spread_apart(middles, widths, reaches, panel.box[2:])
    if places is None:
        return None
    texts, look = [], panel.page.look
    for label, (x, y) in places.items():
        style = {
            "size": _SIZE,
            "bold": True,
            "halo": True,
            "colour": _shade(look.class_colours(len(class_names))[label], look),
        }
        text = panel.page.moving_text(
            panel.box[0] + x, panel.box[1] + y, align="center", va="center_baseline", **style
        )
        panel.page.set_words(text, class_names[label])
        texts.append(text)
    return texts


def reach(group: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    """Return how far from the middle of a class, in pixels, a name still stands on its points.

    >>> reach(np.array([[0.0, 0.0], [1.0, 0.0]]), np.zeros(2)), reach(np.full((3, 2), 90.0), np.zeros(2))
    (16.0, 44.0)
    """
    spread = np.quantile(np.hypot(*(group - middle).T), 0.75)
    return float(np.clip(spread, _NEAREST, _FURTHEST))


def spread_apart(
    middles: dict[int, NDArray[np.float64]],
    widths: dict[int, float],
    reaches: dict[int, float],
    size: tuple[float, float],
) -> dict[int, tuple[float, float]] | None:
    """Move names as little as it takes to keep them apart and inside.

    Args:
        middles: Where each name would like its centre, in pixels.
        widths: How wide each is.
        reaches: How far each may go.
        size: Width and height of the window.

    Returns:
        The centre of each, or None if one would have to go too far.

    >>> two = {0: np.array([50.0, 50.0]), 1: np.array([50.0, 50.0])}
    >>> spread_apart(two, {0: 30, 1: 30}, {0: 40, 1: 40}, (100, 100))
    {0: (50.0, 50.0), 1: (50.0, 30.0)}
    """
    taken: list[tuple[float, float, float]] = []
    places: dict[int, tuple[float, float]] = {}
    for label, middle in middles.items():
        half = widths[label] / 2 + 3
        for x, y in middle + _spiral(reaches[label]):
            inside = half <= x <= size[0] - half and _LINE / 2 <= y <= size[1] - _LINE / 2
            if inside and all(abs(x - x0) >= half + half0 or abs(y - y0) >= _LINE for x0, y0, half0 in taken):
                taken.append((x, y, half))
                places[label] = (float(x), float(y))
                break
        else:
            return None
    return places


def _spiral(furthest: float) -> NDArray[np.float64]:
    """Return `(n, 2)` steps away from a place, the shortest first."""
    angles = np.linspace(-np.pi / 2, 1.5 * np.pi, 16, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([[[0.0, 0.0]], *(ring * radius for radius in range(4, int(furthest) + 1, 4))])


def _shade(colour: NDArray[np.uint8], look: Look) -> str:
    """Return a class's colour far enough from the paper's to be read."""
    shade = np.rint(0.5 * colour + 0.5 * look.rgb(INK)).astype(int)
    return "#{:02x}{:02x}{:02x}".format(*shade)
