"""Numbers of any type and range → uint8 pixels: what they were is detected, reported and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import DataError

_CHUNK = 1 << 24  # values taken at a time
_DARK = 128  # where the largest of 0…255 is less, that is worth a word
_TOLERANCE = 1e-3  # that interpolation may leave above 1


@dataclass(frozen=True)
class Range:
    """The type and the extremes of numbers that are to become pixels."""

    dtype: np.dtype[np.generic]
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as users read it, for example `float32 from 0 to 1`."""
        return f"{self.dtype} from {self.low:.6g} to {self.high:.6g}"


def to_pixels(arrays: Sequence[NDArray[np.generic]], where: str) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """Return arrays of images as uint8, all read alike, and words on how they were read.

    Bytes stay as they are. Floats are 0…1 or 0…255, 16-bit integers 0…65,535, whichever their
    largest value indicates; 0 and 1 alone are black and white.

    Args:
        arrays: The images of all splits, of any shape.
        where: What to call them in an error.

    Raises:
        DataError: If they are not numbers, or not finite, negative, all equal, or of no known range.

    >>> to_pixels([np.array([[0.0, 0.5, 1.0]])], "a.npy")[0][0].tolist()
    [[0, 128, 255]]
    """
    found = _range_of(arrays, where)
    largest, words = _white(found, where)
    if found.dtype == np.uint8 and largest == 255:
        return [np.asarray(array, np.uint8) for array in arrays], words
    return [_scaled(array, 255 / largest) for array in arrays], words


def _range_of(arrays: Sequence[NDArray[np.generic]], where: str) -> Range:
    """Return the range over all arrays, or raise `DataError` for what can be no image."""
    dtype = np.result_type(*arrays)
    if dtype.kind not in "buif":
        raise DataError(
            f"{where}: its images are {dtype}.", "Expected: numbers, preferably uint8.", _mend_objects(dtype)
        )
    extremes = [_extremes(chunk, where) for array in arrays for chunk in _chunks(array)]
    low, high = min(low for low, _ in extremes), max(high for _, high in extremes)
    found = Range(dtype, low, high)
    if low < 0:
        formula = "(images + 1) / 2" if low >= -1 and high <= 1 else "(images - min) / (max - min)"
        raise DataError(
            f"{where}: its images are {found}: some are negative.",
            "Expected: 0…1 or 0…255.",
            f"Save {formula}.",
        )
    if low == high:
        raise DataError(f"{where}: all its values are {low:.6g}.", "Expected: images that show something.")
    return found


def _white(found: Range, where: str) -> tuple[int, list[str]]:
    """Return the value that is white, and how that was concluded."""
    kind, high = found.dtype.kind, found.high
    if kind == "b" or (kind in "ui" and high == 1):
        return 1, [f"Values are {found}: read as black and white."]
    if kind in "ui" and high <= 255:
        dark = [_dark(found)] if high < _DARK else []
        return 255, [*([] if found.dtype == np.uint8 else [f"Values are {found}: read as 0…255."]), *dark]
    if kind in "ui" and high <= 65_535:
        return 65_535, [f"Values are {found}: read as 16-bit, 0…65,535."]
    if kind == "f" and high <= 1 + _TOLERANCE:
        return 1, [f"Values are {found}: read as 0…1."]
    if kind == "f" and 4 <= high <= 255 * (1 + _TOLERANCE):
        return 255, [f"Values are {found}: read as 0…255.", *([_dark(found)] if high < _DARK else [])]
    raise DataError(
        f"{where}: its images are {found}: no known range.",
        "Expected: uint8, or floats 0…1 or 0…255.",
        "Scale them before saving, for example to images / images.max().",
    )


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


def _scaled(array: NDArray[np.generic], factor: float) -> NDArray[np.uint8]:
    """Return numbers times a factor, rounded, as bytes."""
    pixels = np.empty(array.shape, np.uint8)
    rows = max(1, _CHUNK // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        values = np.asarray(array[start : start + rows], np.float64) * factor
        pixels[start : start + rows] = np.clip(np.floor(values + 0.5), 0, 255)
    return pixels


def _chunks(array: NDArray[np.generic]) -> Iterator[NDArray[np.generic]]:
    rows = max(1, _CHUNK // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]


def _dark(found: Range) -> str:
    return (
        f"Dark: the largest value is {found.high:.6g} of 255; if that is meant to be white, scale them first."
    )


def _mend_objects(dtype: np.dtype[np.generic]) -> str:
    return "Save plain numbers: np.stack(images).astype('uint8')." if dtype.kind == "O" else ""
