"""Numbers of any type and range → uint8 pixels: what they were is detected, reported and checked.

A range that is in use everywhere (bytes, 10 to 16 bits, 0…1, −1…1) is recognised by its type and its
largest value. Any other is taken from the smallest and the largest value of the whole set, which is said;
`--range LOW,HIGH` decides otherwise. Nothing is clipped without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecli.data.blocks import blocks
from vaecli.errors import DataError

_TOLERANCE = 1e-3  # that interpolation may leave above 1
_DEPTHS = (10, 12, 14, 16)  # bits that cameras, scanners and detectors have
_UNLIKE = 4  # times larger: numbers of one type that are not on one scale


@dataclass(frozen=True)
class Range:
    """The type and the extremes of numbers that are to become pixels."""

    dtype: np.dtype[np.generic]
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as users read it, for example `float32 from 0 to 1`."""
        return f"{self.dtype} from {self.low:.6g} to {self.high:.6g}"

    def joined(self, other: Range) -> Range:
        """Return the range of both together."""
        dtype = np.result_type(self.dtype, other.dtype)
        return Range(dtype, min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True)
class Scale:
    """The number that is black and the number that is white."""

    low: float
    high: float

    def pixels(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Return numbers as bytes, rounded; what is outside becomes black or white.

        What are bytes already, from 0 to 255, stays as it is.

        >>> Scale(-1, 1).pixels(np.array([-1.0, 0.0, 1.0, 2.0])).tolist()
        [0, 128, 255, 255]
        """
        if values.dtype == np.uint8 and (self.low, self.high) == (0, 255):
            return np.asarray(values, np.uint8)
        scaled = (np.asarray(values, np.float64) - self.low) * (255 / (self.high - self.low))
        pixels: NDArray[np.uint8] = np.clip(np.floor(scaled + 0.5), 0, 255).astype(np.uint8)
        return pixels


def scales_of_arrays(
    arrays: Sequence[NDArray[np.generic]], where: str, wanted: tuple[float, float] | None = None
) -> tuple[list[Scale], list[str]]:
    """Return by which scale each array of images becomes bytes, and words on it.

    Args:
        arrays: The images of each split, of any shape.
        where: What to call them in an error.
        wanted: The numbers that are black and white, if the user has chosen them.

    Raises:
        DataError: If they are not numbers, or not finite, or all equal, or the splits do not go together.

    >>> scales_of_arrays([np.array([[0.0, 0.5, 1.0]])], "a.npy")[0]
    [Scale(low=0, high=1)]
    """
    found = [_range_of(array, where) for array in arrays]
    whole = _whole(found)
    if whole.low == whole.high:
        raise DataError(
            f"{where}: all its values are {whole.low:.6g}.", "Expected: images that show something."
        )
    return scales_of(found, where, wanted)


def scales_of(
    found: Sequence[Range], where: str, wanted: tuple[float, float] | None = None
) -> tuple[list[Scale], list[str]]:
    """Return by which scale each split is read, and words on it.

    Splits are read by one scale, unless each is recognised by itself and they have different ones: a set
    whose training images were divided by 255 and the others not.

    Args:
        found: The range of each split.
        where: What to call them in an error.
        wanted: The numbers that are black and white, if the user has chosen them.

    Raises:
        DataError: If the splits are on different scales, and not all of these are recognised.

    >>> scales_of([Range(np.dtype(np.uint16), 0, 4000)], "a.npy")[0]
    [Scale(low=0, high=4095)]
    """
    if wanted is not None:
        return [Scale(*wanted)] * len(found), _chosen(_whole(found), Scale(*wanted))
    if all(_is_alike(found[0], other) for other in found[1:]):
        return _one_scale(found)
    known = [_known(each) for each in found]
    scales = [scale for scale, _ in filter(None, known)]
    if len(scales) == len(found) and len(set(scales)) == 1:
        return _one_scale(found)
    each = [f"{name} images are {own}" for name, own in zip(("training", "held-out"), found, strict=True)]
    if len(scales) < len(found):
        raise DataError(
            f"{where}: {', '.join(each)}: not one range.",
            "Expected: both splits with the same range.",
            "Save both alike, or choose it: --range LOW,HIGH",
        )
    read = [f"{words}, read as {name}" for words, (_, name) in zip(each, filter(None, known), strict=True)]
    return scales, [f"The splits differ: {'; '.join(read)}."]


def range_of_values(values: NDArray[np.generic], where: str) -> Range:
    """Return the type and the extremes of numbers.

    Raises:
        DataError: If some are not finite.
    """
    extremes = [_extremes(chunk, where) for chunk in blocks(values)]
    return Range(values.dtype, min(low for low, _ in extremes), max(high for _, high in extremes))


def _range_of(array: NDArray[np.generic], where: str) -> Range:
    """Return the range of an array, or raise `DataError` for what can be no image."""
    if array.dtype.kind not in "buif":
        raise DataError(
            f"{where}: its images are {array.dtype}.",
            "Expected: numbers, preferably uint8.",
            _mend_objects(array.dtype),
        )
    return range_of_values(array, where)


def _whole(found: Sequence[Range]) -> Range:
    whole = found[0]
    for other in found[1:]:
        whole = whole.joined(other)
    return whole


def _is_alike(one: Range, other: Range) -> bool:
    """Tell whether two splits can be on one scale: of one type, and not of very different sizes."""
    sizes = [max(abs(each.low), abs(each.high)) for each in (one, other)]
    return one.dtype == other.dtype and max(sizes) < _UNLIKE * min(sizes)


def _one_scale(found: Sequence[Range]) -> tuple[list[Scale], list[str]]:
    """Return one scale for all splits, and how that was concluded."""
    whole = _whole(found)
    if known := _known(whole):
        scale, name = known
        is_plain = whole.dtype == np.uint8 and scale.high == 255
        is_guess = scale.high in {(1 << depth) - 1 for depth in _DEPTHS[:-1]}
        more = "; --range LOW,HIGH chooses another" if is_guess else ""
        return [scale] * len(found), [] if is_plain else [f"Values are {whole}: read as {name}{more}."]
    scale = Scale(min(whole.low, 0), whole.high if whole.high > min(whole.low, 0) else 1)
    words = f"Values are {whole}, of no known range: read as {scale.low:.6g}…{scale.high:.6g}"
    return [scale] * len(found), [f"{words}; --range LOW,HIGH chooses another."]


def _known(found: Range) -> tuple[Scale, str] | None:
    """Return the scale that a type and a largest value indicate, and what it is called."""
    is_whole, low, high = found.dtype.kind in "bui", found.low, found.high
    found_scale: tuple[Scale, str] | None = None
    if low < 0:
        if not is_whole and low >= -1 - _TOLERANCE and high <= 1 + _TOLERANCE:
            found_scale = Scale(-1, 1), "−1…1"
    elif found.dtype.kind == "b" or (is_whole and high == 1):
        found_scale = Scale(0, 1), "black and white"
    elif (is_whole and high <= 255) or 4 <= high <= 255 * (1 + _TOLERANCE):
        found_scale = Scale(0, 255), "0…255"
    elif is_whole and high <= 65_535:
        depth = next(depth for depth in _DEPTHS if high < 1 << depth)
        found_scale = Scale(0, (1 << depth) - 1), f"{depth}-bit, 0…{(1 << depth) - 1:,}"
    elif high <= 1 + _TOLERANCE:
        found_scale = Scale(0, 1), "0…1"
    return found_scale


def _chosen(whole: Range, scale: Scale) -> list[str]:
    """Say how the user's scale suits the values."""
    outside = "; values outside become black or white" * (whole.low < scale.low or whole.high > scale.high)
    return [f"Values are {whole}: read as {scale.low:.6g}…{scale.high:.6g}, as asked{outside}."]


def _extremes(chunk: NDArray[np.generic], where: str) -> tuple[float, float]:
    low, high = float(np.min(chunk)), float(np.max(chunk))
    if not np.isfinite([low, high]).all():
        values = np.asarray(chunk, np.float64)
        count, kind = int((~np.isfinite(values)).sum()), "NaN" if np.isnan(values).any() else "infinite"
        raise DataError(
            f"{where}: its images hold values that are {kind} ({count:,} in one chunk).",
            "Expected: finite numbers, 0…1 or 0…255.",
        )
    return low, high


def _mend_objects(dtype: np.dtype[np.generic]) -> str:
    return "Save plain numbers: np.stack(images).astype('uint8')." if dtype.kind == "O" else ""
