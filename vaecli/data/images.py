"""Foreign image files, made into images of one shape.

Foreign files are not trusted: only well-known formats are opened, the size that a header
states is judged before anything is decoded, and whatever a decoder raises is an error
that names the file.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageOps, UnidentifiedImageError, features

from vaecli.config import TrainConfig
from vaecli.data.plain import open_plain
from vaecli.data.ranges import Range, Scale, range_of_values, scales_of
from vaecli.errors import DataError, UsageError

#: Pillow's name of a format → how its files end. What Pillow was built without is left out.
_ENDINGS_OF = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jfif"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    **({"JPEG2000": (".jp2", ".j2k", ".jpx")} if features.check("jpg_2000") else {}),
    **({"AVIF": (".avif",)} if features.check("avif") else {}),
}
FORMATS = tuple(_ENDINGS_OF)
ENDINGS = tuple(ending for endings in _ENDINGS_OF.values() for ending in endings)
#: Endings of images that are not read, and what helps.
UNREAD = {
    ".heic": "convert them to JPEG first, with heif-convert or ImageMagick",
    ".heif": "convert them to JPEG first, with heif-convert or ImageMagick",
    ".dcm": "convert them to 16-bit PNG first, with dcm2pnm or pydicom",
    ".ico": "convert them to PNG first",
    ".tga": "convert them to PNG first",
    ".psd": "convert them to PNG first",
    ".svg": "draw them as PNG first",
    ".cr2": "develop them to JPEG first",
    ".nef": "develop them to JPEG first",
    ".dng": "develop them to JPEG first",
}
MOST_PIXELS = 64_000_000
_GREY = frozenset({"1", "L", "LA", "La"})
_ORIENTATION = 0x0112  # the EXIF tag; 5 to 8 are turned on their side
_FINER = 3  # a JPEG is decoded at a fraction of its size, but this many times finer than needed


@dataclass(frozen=True)
class Header:
    """What the header of an image file states, before it is decoded.

    Attributes:
        size: `(height, width)`, upright.
        is_colour: Whether it is stored in colour; what it shows may be grey all the same.
        is_wide: Whether its numbers are no bytes, but 16 or 32 bits or floating-point numbers.
        frames: How many images are in it.
    """

    size: tuple[int, int]
    is_colour: bool
    is_wide: bool
    frames: int = 1


def read_images(
    paths: Sequence[Path | str],
    shape: tuple[int, int, int],
    *,
    fit: str = "contain",
    background: str = TrainConfig.background,
    range: str | None = None,  # noqa: A002 - as the option and the knob are called
) -> tuple[NDArray[np.uint8], list[str]]:
    """Read image files as images of one shape.

    A camera's orientation is applied. What is transparent shows the background. Numbers wider
    than bytes are scaled by the range of all files together; of several frames the first counts.
    An image of another size is scaled, antialiased: by default it keeps its proportions, fits into
    the shape and is centred on the background. One that fits already keeps its bytes.

    Args:
        paths: The files: PNG, JPEG, WebP, GIF, BMP, TIFF, PGM, JPEG 2000 and others of `FORMATS`.
        shape: `(height, width, channels)` wanted; channels 1 (grey) or 3 (RGB).
        fit: `contain` (padded), `cover` (cropped) or `stretch`.
        background: A colour's name, or its hexadecimal digits as `#336699`.
        range: The numbers that are black and white, as `0,4095`; by default they follow from the values.

    Returns:
        The images, `(n, height, width, channels)`, and a line on each file that had to be
        converted, saying how.

    Raises:
        DataError: If a file cannot be read as an image, or has too many pixels; names it.
        UsageError: If `fit` is unknown, or the background is not a colour.
    """
    config = TrainConfig(fit=fit, background=background, range=range)
    parse_colour(background)
    images = np.empty((len(paths), *shape), np.uint8)
    scale, notes = _scale_of([Path(path) for path in paths], config)
    for number, path in enumerate(map(Path, paths)):
        with _open(path) as stream:
            image = decode(stream, str(path), config, scale=scale)
        images[number] = fitted(image, shape, config)
        if changes := _changes(image, shape):
            notes.append(f"{path}: {', '.join(changes)}")
    return images, notes


def _scale_of(paths: Sequence[Path], config: TrainConfig) -> tuple[Scale | None, list[str]]:
    """Return the scale of those of some files that are wider than bytes, and words on it."""
    found = []
    for path in paths:
        with _open(path) as stream:
            if look(stream, str(path)).is_wide:
                stream.seek(0)
                found.append(range_of(stream, str(path)))
    if not found:
        return None, []
    scales, words = scales_of([reduce(Range.joined, found)], "the images", config.ends)
    return scales[0], words


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    """Open a file of the user's, whose metadata may be odd."""
    try:
        with open_plain(path) as stream, quietly():
            yield stream
    except OSError as error:
        raise _unreadable(str(path), error) from error


@contextmanager
def quietly() -> Iterator[None]:
    """Ignore warnings about metadata and sizes, which are checked here; for one thread at a time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse_colour(word: str) -> tuple[int, int, int]:
    """Return `(red, green, blue)` of a colour's name or its hexadecimal digits.

    Raises:
        UsageError: If it is not a colour.

    >>> parse_colour("#ff8000")
    (255, 128, 0)
    """
    try:
        red, green, blue = ImageColor.getrgb(word.strip())[:3]
    except ValueError as error:
        raise UsageError(
            f"background is {word!r}.", "Expected: a colour, for example white or '#336699'."
        ) from error
    return red, green, blue


def is_image(name: str) -> bool:
    """Tell whether a file's ending is that of an allowed format."""
    return name.lower().endswith(ENDINGS)


def look(stream: BinaryIO, where: str) -> Header:
    """Return what the header of an image file says; nothing is decoded.

    Args:
        stream: The file, seekable.
        where: What to call it in an error.

    Raises:
        DataError: If it is not an image of an allowed format, or has too many pixels.
    """
    with _opened(stream, where) as image:
        height, width = image.height, image.width
        if _orientation(image) > 4:
            height, width = width, height
        is_colour = image.mode not in _GREY and not _is_wide(image)
        return Header((height, width), is_colour, _is_wide(image), _frames(image))


def range_of(stream: BinaryIO, where: str, frame: int = 0) -> Range:
    """Return the range of an image's numbers, before they are made into pixels.

    Raises:
        DataError: If it cannot be decoded, or its numbers are not finite.
    """
    with _opened(stream, where) as image:
        _turn_to(image, frame)
        return range_of_values(np.asarray(image), where)


def decode(
    stream: BinaryIO,
    where: str,
    config: TrainConfig,
    wanted: tuple[int, int] | None = None,
    scale: Scale | None = None,
    frame: int = 0,
) -> Image.Image:
    """Return a frame of an image file, upright, in mode L or RGB.

    Args:
        stream: The file, seekable.
        where: What to call it in an error.
        config: Its background is what shows through.
        wanted: `(height, width)` that it will be scaled to, if that is known: a large JPEG
            is then decoded coarser, which is several times faster.
        scale: What of its numbers is black and white, where they are wider than bytes.
        frame: Which one, from 0.

    Raises:
        DataError: If it is not an image of an allowed format, damaged, or has too many pixels.
    """
    with _opened(stream, where) as image:
        _turn_to(image, frame)
        if wanted:
            image.draft(None, (_FINER * max(wanted), _FINER * max(wanted)))
        upright = image if _orientation(image) == 1 else ImageOps.exif_transpose(image)
        if config.band_numbers:
            upright = _bands(upright, config.band_numbers)
        flat = _flatten(upright, parse_colour(config.background), scale)
        return flat if config.ends is None or _is_wide(image) else _stretched(flat, Scale(*config.ends))


def fitted(image: Image.Image, shape: tuple[int, int, int], config: TrainConfig) -> NDArray[np.uint8]:
    """Return an image of mode L or RGB as an array of a shape, scaled as the config says."""
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    image = image.convert(mode)
    if image.size != (width, height):
        if config.fit == "cover":
            image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
        elif config.fit == "stretch":
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        else:
            image = _contained(image, width, height, parse_colour(config.background))
    return np.asarray(image).reshape(shape)


def _contained(image: Image.Image, width: int, height: int, background: tuple[int, int, int]) -> Image.Image:
    """Return the whole image, as large as fits, in the middle of the background."""
    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    whole = Image.new("RGB", (width, height), background).convert(image.mode)
    corner = (width - inner[0]) // 2, (height - inner[1]) // 2
    whole.paste(image.resize(inner, Image.Resampling.LANCZOS), corner)
    return whole


def _changes(image: Image.Image, shape: tuple[int, int, int]) -> list[str]:
    """Return how an image has to be changed to get a shape."""
    height, width, channels = shape
    changes = []
    if image.size != (width, height):
        changes.append(f"{image.height} × {image.width} → {height} × {width}")
    if (image.mode == "L") != (channels == 1):
        changes.append("colour → grey" if channels == 1 else "grey → colour")
    return changes


@contextmanager
def _opened(stream: BinaryIO, where: str) -> Iterator[Image.Image]:
    """Open an image file; any fault of it is raised as a `DataError`."""
    try:
        with Image.open(stream, formats=FORMATS) as image:
            _check_pixels(image, where)
            yield image
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        pixels = re.search(r"[0-9]+ pixels", str(error))
        raise _too_many(where, f"{int(pixels[0].split()[0]):,} pixels" if pixels else str(error)) from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{where}: not an image that can be read.", f"Expected one of: {', '.join(FORMATS)}."
        ) from error
    except Exception as error:  # a decoder may raise anything on damaged bytes
        raise _unreadable(where, error) from error


def _check_pixels(image: Image.Image, where: str) -> None:
    """Raise `DataError` if the header states more pixels than a picture has."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_many(where, f"{image.width} × {image.height} pixels")


def _frames(image: Image.Image) -> int:
    """Return how many images a file holds; the previews of a camera's are none."""
    if image.format in {"JPEG", "MPO"}:
        return 1
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # a decoder may raise anything on damaged bytes; the first frame may be whole
        return 1


def _turn_to(image: Image.Image, frame: int) -> None:
    """Let an image show one of its frames; of the first nothing is to be done."""
    if frame:
        if frame >= (count := _frames(image)):
            raise ValueError(f"it has {count} frame{'s' * (count > 1)}, not {frame + 1}")
        image.seek(frame)


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held, 1 if upright; a PNG is not decoded to find out."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    orientation = image.getexif().get(_ORIENTATION, 1)
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _is_wide(image: Image.Image) -> bool:
    return image.mode[0] in "IF"


def _flatten(image: Image.Image, background: tuple[int, int, int], scale: Scale | None) -> Image.Image:
    """Return an image of any mode as L or RGB: what is transparent over a colour, wide numbers as bytes."""
    if _is_wide(image):
        grey = _narrowed(image, scale or Scale(0, 65_535 if image.mode[0] == "I" else 1))
        hole = image.info.get("transparency")
        return grey if hole is None else _pierced(grey, np.asarray(image) == hole, background)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, background), image).convert("RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _narrowed(image: Image.Image, scale: Scale) -> Image.Image:
    """Return an image of wide numbers in mode L."""
    values = np.asarray(image)
    if not np.isfinite(values).all():
        raise ValueError("some of its values are not finite")
    return Image.fromarray(scale.pixels(values))


def _pierced(image: Image.Image, is_hole: NDArray[np.bool_], background: tuple[int, int, int]) -> Image.Image:
    """Return a grey image with a colour in its holes."""
    behind = Image.new("RGB", image.size, background)
    return Image.composite(behind, image.convert("RGB"), Image.fromarray(is_hole))


def _bands(image: Image.Image, numbers: tuple[int, ...]) -> Image.Image:
    """Return one band of an image as grey, or three as colours, whatever they were."""
    if image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    bands = image.split()
    if max(numbers) > len(bands):
        raise ValueError(f"it has {len(bands)} band{'s' * (len(bands) > 1)}, not {max(numbers)}")
    if len(numbers) == 1:
        return bands[numbers[0] - 1]
    if _is_wide(image):
        raise ValueError("of one band no colours can be made")
    return Image.merge("RGB", [bands[number - 1].convert("L") for number in numbers])


def _stretched(image: Image.Image, scale: Scale) -> Image.Image:
    """Return an image of bytes by another scale."""
    table = scale.pixels(np.arange(256)).tolist()
    return image.point(table * len(image.getbands()))


def _unreadable(where: str, error: Exception) -> DataError:
    """Say that an image cannot be read, in the words of what failed."""
    reason = getattr(error, "strerror", None) or error
    return DataError(f"{where}: the image cannot be read: {_line(reason)}.")


def _too_many(where: str, found: str) -> DataError:
    """Say that an image is larger than what is opened."""
    return DataError(
        f"{where}: too large: {_line(found)}.",
        f"Expected: at most {MOST_PIXELS:,} pixels.",
        "Scale it down first.",
    )


def _line(reason: object) -> str:
    """Return a foreign reason in one line, without its full stop."""
    return " ".join(str(reason).split()).rstrip(".")
