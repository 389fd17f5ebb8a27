"""A user's own image files, made into images of a run's shape.

Foreign files are not trusted: only well-known formats are opened, the size that a header
states is judged before anything is decoded, and whatever a decoder raises is an error
that names the file.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from vaecli.errors import DataError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 64_000_000


def read_images(
    paths: Sequence[Path | str], shape: tuple[int, int, int]
) -> tuple[NDArray[np.uint8], list[str]]:
    """Read image files as images of one shape.

    A camera's orientation is applied. What is transparent becomes black, the background of
    the named datasets. 16-bit grey is scaled to 8 bits; of several frames the first counts.
    An image of another size is scaled, antialiased and keeping its proportions, to fit into
    the shape, and centred on black. One that fits already keeps its bytes.

    Args:
        paths: The files: PNG, JPEG, WebP, GIF, BMP or TIFF.
        shape: `(height, width, channels)` wanted; channels 1 (grey) or 3 (RGB).

    Returns:
        The images, `(n, height, width, channels)`, and a line on each file that had to be
        converted, saying how.

    Raises:
        DataError: If a file cannot be read as an image, or has too many pixels; names it.
    """
    images = np.empty((len(paths), *shape), np.uint8)
    notes = []
    for number, path in enumerate(map(Path, paths)):
        image = _open(path)
        images[number], note = _fit(image, shape)
        if note:
            notes.append(f"{path}: {note}")
    return images, notes


def _open(path: Path) -> Image.Image:
    """Return the first frame of an image file, upright, in mode L or RGB."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, and of sizes, which are judged here
            with path.open("rb") as stream, Image.open(stream, formats=FORMATS) as image:
                _check_pixels(image, path)
                return _flatten(ImageOps.exif_transpose(image))
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many(path, str(error)) from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{path}: not an image that can be read.", f"Expected one of: {', '.join(FORMATS)}."
        ) from error
    except Exception as error:  # a decoder may raise anything on damaged bytes
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: the image cannot be read: {_line(reason)}.") from error


def _check_pixels(image: Image.Image, path: Path) -> None:
    """Raise `DataError` if the header states more pixels than a picture has."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_many(path, f"{image.width} × {image.height} pixels")


def _flatten(image: Image.Image) -> Image.Image:
    """Return an image of any mode as L or RGB: transparency over black, 16 bits as 8."""
    if image.mode.startswith("I"):
        values = np.clip(np.asarray(image, np.int64), 0, 65_535)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "black"), image).convert("RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _fit(image: Image.Image, shape: tuple[int, int, int]) -> tuple[NDArray[np.uint8], str]:
    """Return an image of mode L or RGB as an array of a shape, and how it was changed."""
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    changes = []
    if image.size != (width, height):
        changes.append(f"{image.height} × {image.width} → {height} × {width}")
    if image.mode != mode:
        changes.append("colour → grey" if mode == "L" else "grey → colour")
    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    fitted = Image.new(mode, (width, height))
    corner = (width - inner[0]) // 2, (height - inner[1]) // 2
    fitted.paste(image.convert(mode).resize(inner, Image.Resampling.LANCZOS), corner)
    return np.asarray(fitted).reshape(shape), ", ".join(changes)


def _too_many(path: Path, found: str) -> DataError:
    """Say that an image is larger than what is opened."""
    return DataError(
        f"{path}: too large: {_line(found)}.",
        f"Expected: at most {MOST_PIXELS:,} pixels.",
        "Scale it down first.",
    )


def _line(reason: object) -> str:
    """Return a foreign reason in one line, without its full stop."""
    return " ".join(str(reason).split()).rstrip(".")
