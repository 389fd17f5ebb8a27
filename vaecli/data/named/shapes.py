"""A generated dataset: shapes whose every factor is known.

Kind, size, angle, position and colour vary independently, so that a latent space can be
compared with the truth. The same factors are drawn at every size of image, and the same
bytes on every machine: pixels come from additions, products, comparisons and square
roots alone, which are exact by IEEE 754.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vaecli.data.dataset import Dataset
from vaecli.data.named.catalogue import CATALOGUE
from vaecli.errors import UsageError
from vaecli.values import parse_size

SMALLEST, LARGEST = 8, 256
_CHUNK = 1 << 18  # pixels drawn at a time: their few arrays stay in the processor's cache

_Distance = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


def make_shapes(size: str | None = None, channels: int | None = None) -> Dataset:
    """Make the set of shapes.

    Args:
        size: Height × width of the images, for example `64` or `64x48`; 28 × 28 by default.
        channels: 1 (grey, the default) or 3 (colour).

    Returns:
        A dataset whose splits carry their `factors`, each `(n,)`: `size` (the radius, as a
        fraction of half the shorter side), `angle` (radians, counter-clockwise), `x` and `y`
        (the centre, −1…1 from left to right and from bottom to top of the image), and
        `colour` (the hue 0…1 with three channels, the brightness with one).

    Raises:
        UsageError: If the size or the number of channels makes no sense.
    """
    named = CATALOGUE["shapes"]
    height, width = named.shape[:2] if size is None else parse_size(size, SMALLEST, LARGEST)
    if channels not in {None, 1, 3}:
        raise UsageError(f"channels is {channels}.", "Expected: 1 or 3.")
    splits = []
    for number, count in enumerate(named.counts):
        labels, factors = _draw_factors(number, count, height, width, channels or 1)
        splits.append((_render(labels, factors, height, width, channels or 1), labels, factors))
    (images, labels, factors), (heldout_images, heldout_labels, heldout_factors) = splits
    return Dataset.from_arrays(
        named.name,
        images,
        labels,
        heldout_images=heldout_images,
        heldout_labels=heldout_labels,
        class_names=named.class_names,
        factors=(factors, heldout_factors),
        source="generated",
    )


def _draw_factors(
    seed: int, count: int, height: int, width: int, channels: int
) -> tuple[NDArray[np.int64], Mapping[str, NDArray[np.float64]]]:
    """Return labels `(count,)`, every class equally often, and the factors behind the images."""
    classes = len(CATALOGUE["shapes"].class_names)
    label, size, angle, x, y, colour = np.random.default_rng(seed).random((6, count))
    labels = np.argsort(label, kind="stable") % classes
    size = 0.35 + 0.45 * size
    radius = size * min(height, width) / 2
    factors = {
        "size": size,
        "angle": 2 * math.pi * angle,
        "x": (2 * x - 1) * (1 - 2 * radius / width),  # all of it stays inside the image
        "y": (2 * y - 1) * (1 - 2 * radius / height),
        "colour": colour if channels == 3 else 0.4 + 0.6 * colour,
    }
    return labels, MappingProxyType(factors)


def _render(
    labels: NDArray[np.int64],
    factors: Mapping[str, NDArray[np.float64]],
    height: int,
    width: int,
    channels: int,
) -> NDArray[np.uint8]:
    """Return the images `(n, height, width, channels)` that the factors describe."""
    images = np.empty((len(labels), height, width, channels), np.uint8)
    per_chunk = max(1, _CHUNK // (height * width))
    for label, distance in enumerate(_DISTANCES):
        members = np.flatnonzero(labels == label)
        for start in range(0, len(members), per_chunk):
            chosen = members[start : start + per_chunk]
            chunk = {name: values[chosen] for name, values in factors.items()}
            images[chosen] = _render_chunk(distance, chunk, height, width, channels)
    return images


def _render_chunk(
    distance: _Distance, factors: Mapping[str, NDArray[np.float64]], height: int, width: int, channels: int
) -> NDArray[np.uint8]:
    """Return antialiased images of one kind of shape, `(n, height, width, channels)`."""
    radius = _column(factors["size"] * min(height, width) / 2)
    cos, sin = _column(np.cos(factors["angle"])), _column(np.sin(factors["angle"]))
    x = (_centres(width) - _column((factors["x"] + 1) * width / 2)) / radius  # (n, 1, width)
    y = (_column((1 - factors["y"]) * height / 2) - _centres(height)[:, None]) / radius  # (n, height, 1)
    outside = distance(x * cos + y * sin, y * cos - x * sin) * radius  # (n, height, width), in pixels
    coverage = np.clip(np.float32(0.5) - outside, 0, 1)
    colour = 255 * _colour(factors["colour"], channels)[:, None, None, :]
    images: NDArray[np.uint8] = (coverage[..., None] * colour + np.float32(0.5)).astype(np.uint8)
    return images


def _centres(pixels: int) -> NDArray[np.float32]:
    """Return where the centres of a row of pixels are."""
    return np.arange(pixels, dtype=np.float32) + np.float32(0.5)


def _column(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return one value for each image, `(n, 1, 1)`."""
    return values.astype(np.float32)[:, None, None]


def _colour(colour: NDArray[np.float64], channels: int) -> NDArray[np.float32]:
    """Return the brightness `(n, 1)`, or the fully saturated colours `(n, 3)` of hues."""
    if channels == 1:
        return colour.astype(np.float32)[:, None]
    red = np.abs(6 * colour - 3) - 1
    green, blue = 2 - np.abs(6 * colour - 2), 2 - np.abs(6 * colour - 4)
    return np.stack([red, green, blue], axis=1).clip(0, 1).astype(np.float32)


def _sides(count: int, turn: float = 0.0) -> list[tuple[np.float32, np.float32]]:
    """Return the outward normals of a regular polygon, the first one pointing down."""
    angles = (2 * math.pi * side / count - math.pi / 2 + turn for side in range(count))
    return [(np.float32(math.cos(angle)), np.float32(math.sin(angle))) for angle in angles]


def _disc(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(u * u + v * v) - np.float32(1)


def _ring(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.abs(np.sqrt(u * u + v * v) - np.float32(0.75)) - np.float32(0.25)


def _square(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(np.abs(u), np.abs(v)) - np.float32(math.sqrt(0.5))


def _triangle(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    (a, b), *others = _sides(3)
    away = a * u + b * v
    for a, b in others:
        np.maximum(away, a * u + b * v, out=away)
    return away - np.float32(0.5)


def _cross(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    u, v = np.abs(u), np.abs(v)
    return np.maximum(np.minimum(u, v) - np.float32(0.28), np.maximum(u, v) - np.float32(0.96))


def _star(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Use that a point inside a pentagram is beyond at most one of its five lines."""
    distances = [a * u + b * v for a, b in _sides(5, turn=math.pi)]
    farthest = np.maximum(distances[0], distances[1])
    second = np.minimum(distances[0], distances[1])
    for other in distances[2:]:
        second = np.maximum(second, np.minimum(farthest, other))
        farthest = np.maximum(farthest, other)
    return second - np.float32(math.cos(2 * math.pi / 5))


#: How far a point is outside each shape of radius 1, in the order of the class names.
_DISTANCES: tuple[_Distance, ...] = (_disc, _ring, _square, _triangle, _cross, _star)
