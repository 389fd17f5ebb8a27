"""Which axis of an array counts its channels, and which of these are shown.

One channel is grey, three are colours. A last one beside them is read as transparency, which is said: in
pictures of satellites and microscopes it is another band. `--bands` chooses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecli.data.blocks import blocks, forget
from vaecli.data.scratch import room_for
from vaecli.errors import DataError

_FEW = frozenset({1, 2, 3, 4})  # grey or colour, perhaps with transparency
_ORDINALS = {2: "2nd", 4: "4th"}


def with_channels_last(
    images: NDArray[np.generic], bands: tuple[int, ...], where: str
) -> tuple[NDArray[np.generic], list[str]]:
    """Return images with axes `(n, height, width, channels)`, and words on what was done.

    Args:
        images: As they are in a file.
        bands: The channels to keep, counted from 1; none keeps up to four.
        where: What to call the images in an error.

    Raises:
        DataError: If they are no images, or have too many channels and none are chosen.

    >>> with_channels_last(np.zeros((9, 4, 8, 8)), (3, 2, 1), "a.npy")[0].shape
    (9, 8, 8, 3)
    """
    if images.ndim == 3 and images.size and images.shape[2] in {3, 4}:
        raise DataError(
            f"{where}: an array of the shape {images.shape} is one image.",
            "Expected: several, (n, height, width) or (n, height, width, channels).",
        )
    given = images.shape
    if images.ndim == 3 and images.size:
        images = images[..., np.newaxis]
    if images.ndim != 4 or not images.size:
        raise _no_images(given, where)
    notes = []
    if _is_channels_first(images):
        images, notes = np.moveaxis(images, 1, 3), ["Axes are read as (n, channels, height, width)."]
    count = images.shape[3]
    if bands:
        if max(bands) > count:
            raise DataError(
                f"{where}: its images have {count} channels.", f"Expected: --bands from 1 to {count}."
            )
        return _picked(images, [band - 1 for band in bands]), [*notes, _kept(bands, count)]
    if count not in _FEW:
        raise _no_images(given, where)
    if count in _ORDINALS:
        others = "1" if count == 2 else "1,2,3"
        notes = [
            *notes,
            f"The {_ORDINALS[count]} channel is read as transparency; if it is not: --bands {others}.",
        ]
    return images, notes


def unflattened(images: NDArray[np.generic], sides: tuple[int, int] | None) -> NDArray[np.generic]:
    """Return images whose pixels are in one row as `(n, height, width)`, if a size says how.

    >>> unflattened(np.zeros((5, 784)), (28, 28)).shape, unflattened(np.zeros((5, 784)), None).shape
    ((5, 28, 28), (5, 784))
    """
    is_flat = sides is not None and images.ndim == 2 and images.shape[1] == sides[0] * sides[1]
    return images.reshape(len(images), *sides) if is_flat and sides else images


def opaque(pixels: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return images without their alpha channel, over a background.

    Args:
        pixels: `(n, height, width, channels)`; of 2 or 4 channels the last one is alpha.
        background: Red, green, blue.
    """
    channels = pixels.shape[-1]
    if channels in {1, 3}:
        return pixels
    red, green, blue = background
    behind = np.array([round(0.299 * red + 0.587 * green + 0.114 * blue)] if channels == 2 else background)
    alpha = pixels[..., -1:].astype(np.float32) / 255
    mixed = pixels[..., :-1] * alpha + behind.astype(np.float32) * (1 - alpha)
    flat: NDArray[np.uint8] = np.floor(mixed + 0.5).astype(np.uint8)
    return flat


def _is_channels_first(images: NDArray[np.generic]) -> bool:
    """Tell whether the second axis counts channels: the last one does where it is as short."""
    first, height, last = map(int, images.shape[1:])
    if last in _FEW or first in _FEW:
        return last not in _FEW
    return first < last if first != height != last else height == last


def _picked(images: NDArray[np.generic], channels: list[int]) -> NDArray[np.generic]:
    """Return some channels of images, in an order; on the disk where they are large."""
    picked = room_for((*images.shape[:3], len(channels)), images.dtype)
    start = 0
    for block in blocks(images):
        picked[start : start + len(block)] = block[..., channels]
        start += len(block)
        forget(picked)
    return picked


def _kept(bands: tuple[int, ...], count: int) -> str:
    chosen = ", ".join(map(str, bands))
    return f"Of {count} channels {'this one is' if len(bands) == 1 else 'these are'} kept: {chosen}."


def _no_images(shape: tuple[int, ...], where: str) -> DataError:
    """Return the error that an array of a shape holds no images, with what may help."""
    mend = {
        2: f"Reshape them first: images.reshape(-1, height, width). Or say their size{_square(shape)}.",
        4: "Choose of many channels: --bands 3,2,1. Of films make images: images.reshape(-1, height, width).",
        5: "Of films make images: images.reshape(-1, *images.shape[2:]).",
    }
    return DataError(
        f"{where}: its images have the shape {shape}.",
        "Expected: (n, height, width) or (n, height, width, channels), channels 1 or 3, n at least 1.",
        mend.get(len(shape), "") if 0 not in shape else "",
    )


def _square(shape: tuple[int, ...]) -> str:
    side = round(shape[-1] ** 0.5) if shape else 0
    return f": --size {side}" if side * side == shape[-1] else ", with --size"
