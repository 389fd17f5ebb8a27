"""Thumbnails of many images as a few sheets, each a picture in a `data:` address."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecli.explorer.packing import in_base64
from vaecli.images import tiled

COLUMNS = 20
PER_SHEET = COLUMNS**2
LARGEST = 64  # pixels along a thumbnail's longer side
_QUALITY = 80


def sheets_of(images: NDArray[np.uint8]) -> dict[str, Any]:
    """Return thumbnails as plain values.

    Args:
        images: `(images, height, width, channels)`.

    Returns:
        The size of a thumbnail, how many lie side by side, how many on a sheet, and the sheets' addresses.

    >>> sheets = sheets_of(np.zeros((401, 8, 6, 1), np.uint8))
    >>> sheets["width"], sheets["height"], len(sheets["sheets"]), sheets["sheets"][0][:23]
    (6, 8, 2, 'data:image/webp;base64,')
    """
    height, width = thumbnail_size(*images.shape[1:3])
    starts = range(0, len(images), PER_SHEET)
    return {
        "width": width,
        "height": height,
        "columns": COLUMNS,
        "per_sheet": PER_SHEET,
        "sheets": [_sheet(images[start : start + PER_SHEET], height, width) for start in starts],
    }


def thumbnail_size(height: int, width: int) -> tuple[int, int]:
    """Return the sides of a thumbnail: the image's, or smaller ones in proportion.

    >>> thumbnail_size(28, 28), thumbnail_size(512, 256)
    ((28, 28), (64, 32))
    """
    scale = min(1.0, LARGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _sheet(images: NDArray[np.uint8], height: int, width: int) -> str:
    rows = -(-len(images) // COLUMNS)
    sheet = np.zeros((rows * COLUMNS, height, width, images.shape[3]), np.uint8)
    sheet[: len(images)] = _resized(images, height, width)
    picture = Image.fromarray(np.squeeze(tiled(sheet.reshape(rows, COLUMNS, *sheet.shape[1:]))))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return f"data:image/webp;base64,{in_base64(buffer.getvalue())}"


def _resized(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if images.shape[1:3] == (height, width):
        return images
    small = [
        np.asarray(Image.fromarray(image.squeeze()).resize((width, height), Image.Resampling.BOX))
        for image in images
    ]
    return np.stack(small).reshape(len(images), height, width, images.shape[3])
