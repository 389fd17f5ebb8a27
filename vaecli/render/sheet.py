"""Sheets of images: a row per class, or one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vaecli.render.cells import Cells
from vaecli.render.frames import Frame, Frames
from vaecli.render.images import Images
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, text_width

_MARGIN = 20
_TITLE = 44
_LONE = 448  # pixels of the longer side of an image that stands alone


def class_sheet(
    images: Images,
    labels: NDArray[np.integer],
    class_names: Sequence[str],
    *,
    columns: int = 12,
    title: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw a row per class: its name, and its first images.

    Args:
        images: `(n, height, width, channels)` uint8.
        labels: `(n,)`.
        class_names: Names of the classes; one without images has an empty row.
        columns: Images per class, at most.
        title: What stands above.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    cells = Cells(images, 64, look.scale)
    chosen = [np.flatnonzero(labels == label)[:columns] for label in range(len(class_names))]
    widest = max(len(row) for row in chosen)
    left = _MARGIN + max(text_width(name) for name in class_names) + 14
    right = max(left + widest * cells.across - cells.gap, _MARGIN + text_width(title, 16, bold=True))
    page = Page(right + _MARGIN, _TITLE + len(chosen) * cells.down - cells.gap + _MARGIN, look)
    page.text(_MARGIN, 30, title, size=16, bold=True)
    for row, name in enumerate(class_names):
        page.text(left - 14, _TITLE + row * cells.down + cells.height / 2 + 5, name, align="right")

    def draw(index: int) -> Frame:
        page.wipe()
        for row, numbers in enumerate(chosen):
            for column, picture in enumerate(cells.pictures(images[numbers])):
                page.paste(picture, left + column * cells.across, _TITLE + row * cells.down)
        return page.snap()

    return Frames(1, draw, page)


def contact_sheet(
    images: Images,
    captions: Sequence[str] = (),
    *,
    columns: int | None = None,
    title: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw images one after the other, row by row, with a caption below each; a single one is large.

    Args:
        images: `(n, height, width, channels)` uint8.
        captions: `(n,)` words, or none.
        columns: Images per row, by default about as many as there are rows.
        title: What stands above.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    count = len(images)
    columns = min(columns or int(np.ceil(np.sqrt(1.5 * count))), count)
    rows = -(-count // columns)
    cells = Cells(images, _LONE if count == 1 else np.clip(720 / columns, 56, 112), look.scale, gap=6)
    down = cells.down + (18 if captions else 0)
    top = _TITLE if title else _MARGIN
    right = max(_MARGIN + columns * cells.across - cells.gap, _MARGIN + text_width(title, 16, bold=True))
    page = Page(right + _MARGIN, top + rows * down - cells.gap + _MARGIN, look)
    page.text(_MARGIN, 30, title, size=16, bold=True)
    places = [
        (_MARGIN + (number % columns) * cells.across, top + (number // columns) * down)
        for number in range(count)
    ]
    for (left, above), words in zip(places, captions, strict=False):
        cells.write_below(page, left, above, words)

    def draw(index: int) -> Frame:
        page.wipe()
        for (left, above), picture in zip(places, cells.pictures(images), strict=True):
            page.paste(picture, left, above)
        return page.snap()

    return Frames(1, draw, page)
