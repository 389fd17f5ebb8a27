"""Emoji: a set of colour images that any machine with the font of its system can make.

Every fully-qualified emoji of Unicode's list is drawn at the size of the font's bitmaps,
then scaled down. Its class is its Unicode group.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from vaecli.config import TrainConfig
from vaecli.data.dataset import Dataset
from vaecli.data.images import fitted, parse_colour
from vaecli.data.named.catalogue import CATALOGUE
from vaecli.data.named.finding import find_resources
from vaecli.data.progress import Progress, silent
from vaecli.data.splitting import hold_out
from vaecli.errors import DataError

_STRIKE = 109  # the one size at which the font has bitmaps
_GLYPH = (136, 128)  # width and height of a bitmap at that size
_LARGEST = 1 << 26  # bytes of either file


def load_emoji(
    config: TrainConfig,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Draw the set of emoji, by default 32 × 32 in colour.

    Args:
        config: Its size, channels, background and split; its classes are for the caller.
        data_dir: A folder that may hold the font and the list.
        offline: Whether to look on this machine only.
        progress: Told about what arrives, and what is drawn.

    Raises:
        DataError: If the font or the list is not as expected.
        DownloadFailed: If they are in none of the places searched.
    """
    named, told = CATALOGUE["emoji"], progress or silent
    place = find_resources(named, data_dir=data_dir, offline=offline, progress=progress)
    font_path, list_path = (place.files[name] for name in named.names)
    emoji = list(_listed(list_path, named.class_names))
    shape = (*(config.sides or named.shape[:2]), config.channels or 3)
    images, drawn = _draw(emoji, _font(font_path), shape, config, told)
    labels = np.array([named.class_names.index(group) for _, group in emoji])[drawn]
    whole = np.array([text for text, _ in emoji])[drawn]
    held = hold_out(
        [text.encode() for text in whole], labels, config.test_fraction, config.seed, rounding=config.rounding
    )
    missing = len(emoji) - len(drawn)
    return Dataset.from_arrays(
        named.name,
        images[~held],
        labels[~held],
        heldout_images=images[held],
        heldout_labels=labels[held],
        class_names=named.class_names,
        source=str(place),
        notes=[f"{missing:,} emoji that the font does not have are left out."] if missing else (),
    )


def _listed(path: Path, groups: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each fully-qualified emoji of Unicode's list, and its group."""
    group, text = "", _bounded(path).decode("utf-8", "replace")
    if "# group: " not in text:
        raise DataError(f"{path}: not Unicode's list of emoji.")
    for line in text.splitlines():
        if line.startswith("# group: "):
            group = line.removeprefix("# group: ").strip()
        codes, _, status = line.partition(";")
        if status.strip().startswith("fully-qualified") and group in groups:
            yield "".join(chr(int(code, 16)) for code in codes.split()), group


def _font(path: Path) -> Any:
    """Return the font at the size of its bitmaps."""
    layout = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    try:
        _bounded(path)
        return ImageFont.truetype(str(path), _STRIKE, layout_engine=layout)
    except OSError as error:
        raise DataError(f"{path}: not a font with bitmaps of {_STRIKE} pixels: {error}.") from error


def _bounded(path: Path) -> bytes:
    """Return a file's bytes, if it is not absurdly large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}.") from error
    if len(content) > _LARGEST:
        raise DataError(f"{path}: larger than {_LARGEST:,} bytes.")
    return content


def _draw(
    emoji: list[tuple[str, str]],
    font: Any,
    shape: tuple[int, int, int],
    config: TrainConfig,
    progress: Progress,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images of the emoji that the font has as one glyph, and their positions in the list."""
    images = np.empty((len(emoji), *shape), np.uint8)
    drawn: list[int] = []
    side, background = max(_GLYPH), parse_colour(config.background)
    corner = (side - _GLYPH[0]) // 2, (side - _GLYPH[1]) // 2
    for number, (text, _) in enumerate(emoji):
        left, top, right, bottom = font.getbbox(text)
        if (right - left, bottom - top) != _GLYPH:
            continue
        canvas = Image.new("RGB", (side, side), background)
        position = (corner[0] - left, corner[1] - top)
        ImageDraw.Draw(canvas).text(position, text, font=font, embedded_color=True)
        images[len(drawn)] = fitted(canvas, shape, config)
        drawn.append(number)
        if number % 256 == 0:
            progress("drawing emoji", number, len(emoji))
    if not drawn:
        raise DataError("The font has none of the emoji.", "Expected: Noto Color Emoji with bitmaps.")
    return images[: len(drawn)], np.array(drawn, np.int64)
