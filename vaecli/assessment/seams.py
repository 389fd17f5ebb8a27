"""Seams: edges in decoded images where the patches meet that the decoder puts them together from.

A layer that enlarges its input writes the same pattern at every stride. Where its patches do not fit
together, neighbouring pixels differ more than elsewhere. Real images have edges of their own, and objects
are often centred, so a ratio of 1 is not what to expect: the same ratio of real images is the yardstick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.estimates import Estimate, ratio_of
from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import (
    Activation,
    Add,
    Convolution,
    Crop,
    GroupNormalization,
    Layer,
    TransposedConvolution,
    Upsampling,
)
from vaecli.images import ImageSource

Doubles = NDArray[np.float64]

_CHUNK = 1024  # images taken as floats at a time
_KEEPS_PLACES = (
    Activation,
    Add,
    Convolution,
    Crop,
    GroupNormalization,
    TransposedConvolution,
    Upsampling,
)


class Place(NamedTuple):
    """Where seams may be: between the pixels k·stride + offset − 1 and k·stride + offset, on either axis.

    Attributes:
        stride: Pixels from one to the next.
        offset: Pixels before the first.
    """

    stride: int
    offset: int


class Steps(NamedTuple):
    """How much neighbouring pixels of images differ.

    Attributes:
        rows: `(n, height − 1)`, the mean absolute difference of each row and the next one.
        columns: `(n, width − 1)`, the same of columns.
    """

    rows: Doubles
    columns: Doubles


def places(decoder: Half) -> list[Place]:
    """Return where a decoder may leave seams, read from its blueprint.

    A layer with a stride leaves them where its positions meet; a kernel that is larger than its stride also
    where its copies end. What later layers enlarge is further apart. Before a dense layer no place is kept.

    Args:
        decoder: A half whose only output is an image.

    Returns:
        The places with at least two patches on the shorter side, in ascending order.

    >>> from vaecli.blueprint.network import draw
    >>> places(draw("conv", (28, 28, 1), 2).decoder)
    [Place(stride=4, offset=0), Place(stride=4, offset=2)]
    >>> places(draw("dense", (28, 28, 1), 2).decoder)
    []
    """
    layers = {layer.name: layer for layer in decoder.layers}
    (output,) = decoder.outputs
    shorter = min(decoder.shapes[output][:2])
    found, waiting, seen = set(), [(output, 1)], set()
    while waiting:
        name, scale = waiting.pop()
        if (name, scale) in seen:
            continue
        seen.add((name, scale))
        layer = layers[name]
        growth, offsets = _growth(layer)
        found |= {Place(growth * scale, offset * scale) for offset in offsets}
        if isinstance(layer, _KEEPS_PLACES):
            waiting += [(given, growth * scale) for given in layer.inputs]
    return sorted(place for place in found if 2 * place.stride <= shorter)


def _growth(layer: Layer) -> tuple[int, set[int]]:
    """Return the factor by which a layer enlarges sides, and where the borders of its patches lie in it."""
    if isinstance(layer, Upsampling):
        return layer.factor, {0}
    if isinstance(layer, TransposedConvolution) and layer.stride > 1:
        after = layer.size - max(layer.size - layer.stride, 0) // 2  # where the first copy of the kernel ends
        return layer.stride, {0, after % layer.stride}
    return 1, set()


def steps_of(images: ImageSource | NDArray[np.float32]) -> Steps:
    """Return how much neighbouring pixels of images differ.

    Args:
        images: `(n, height, width, channels)`, in any unit.
    """
    parts = [
        [np.abs(np.diff(chunk, axis=axis)).mean(axis=(3 - axis, 3)) for axis in (1, 2)]
        for chunk in _chunks(images)
    ]
    rows, columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Steps(rows, columns)


def _chunks(images: ImageSource | NDArray[np.float32]) -> Iterator[Doubles]:
    for start in range(0, len(images), _CHUNK):
        yield np.asarray(images[start : start + _CHUNK], np.float64)


def seam_ratio(steps: Steps, place: Place) -> Estimate:
    """Return the mean step across the borders of patches over the mean step elsewhere.

    The means over rows and over columns are added, so that both axes count the same.

    Args:
        steps: Of some images, which have steps elsewhere.
        place: Where the borders are.

    Returns:
        The ratio with its standard error over images.

    >>> edges = np.array([[1.0, 3.0, 1.0]])
    >>> seam_ratio(Steps(edges, edges), Place(2, 0)).value
    3.0
    """
    across, elsewhere = (sum(part) for part in zip(*(_apart(each, place) for each in steps), strict=True))
    return ratio_of(across, elsewhere)


def worst_place(possible: Sequence[Place], decoded: Sequence[Steps], real: Steps) -> Place | None:
    """Return the place where decoded images have the largest ratio beside that of real images.

    Args:
        possible: The places to look at.
        decoded: The steps of decoded images, some sets of them.
        real: The steps of real images.

    Returns:
        The place; None where there is none, or where neighbouring pixels never differ.
    """
    if not all(any(each.any() for each in steps) for steps in (*decoded, real)):
        return None

    def badness(place: Place) -> float:
        return max(seam_ratio(steps, place).value for steps in decoded) / seam_ratio(real, place).value

    return max(possible, key=badness, default=None)


def _apart(profile: Doubles, place: Place) -> tuple[Doubles, Doubles]:
    """Return the mean step of each image across borders, and elsewhere, along one axis."""
    is_border = (np.arange(profile.shape[1]) + 1 - place.offset) % place.stride == 0
    return profile[:, is_border].mean(axis=1), profile[:, ~is_border].mean(axis=1)
