"""A traversal: each latent moved by itself, the others held; a row per latent, or all of them in motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.lines import Line2D

from vaecli.render.cells import Cells
from vaecli.render.frames import Frame, Frames
from vaecli.render.images import Images
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, cut, text_width
from vaecli.render.style import ACCENT, FAINT, QUIET

_MARGIN = 20
_TITLE = 48
_LABELS = 14  # between the words before a row and its images
_CAPTION = 20  # height of the words below an image
_HEAD = 22  # height of the words above columns
_BELOW_BASE = 16
_NOTE = 30


@dataclass(frozen=True)
class Row:
    """One latent of a traversal.

    Attributes:
        name: What the latent is called.
        facts: Short lines about it, such as its KL and the range of its values.
        images: `(steps, height, width, channels)` uint8, decoded, its value ascending.
    """

    name: str
    facts: Sequence[str]
    images: Images


@dataclass(frozen=True)
class Base:
    """The latent at which the others are held.

    Attributes:
        name: What to call it.
        images: Pictures of it, `(height, width, channels)` uint8 each: decoded, and perhaps the original.
        captions: What stands below each of them.
    """

    name: str
    images: Sequence[Images]
    captions: Sequence[str]


def traversal(
    rows: Sequence[Row],
    base: Base,
    *,
    columns: Sequence[str] = (),
    title: str = "",
    note: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw a row of images per latent.

    Args:
        rows: The latents, in the order in which they are read; all with as many images.
        base: Where the other latents are held.
        columns: What stands above each column.
        title: What stands above.
        note: What stands below.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    cells = Cells(rows[0].images, 64, look.scale)
    left = _MARGIN + _LABELS + max(_widest(rows), text_width(base.name, bold=True), text_width("held at", 13))
    right = left + len(rows[0].images) * cells.across - cells.gap
    right = max([right, *(_MARGIN + text_width(words, 16, bold=True) for words in (title, note))])
    top_of_rows = _TITLE + cells.height + _CAPTION + _BELOW_BASE + (_HEAD if columns else 0)
    below = top_of_rows + len(rows) * cells.down - cells.gap
    page = Page(right + _MARGIN, below + (_NOTE if note else 0) + _MARGIN, look)
    page.text(_MARGIN, 30, title, size=16, bold=True)
    page.text(_MARGIN, below + _NOTE, note, size=13, colour=QUIET)
    x = left - _LABELS
    page.text(x, _TITLE + cells.height / 2 - 5, "held at", size=13, colour=QUIET, align="right")
    page.text(x, _TITLE + cells.height / 2 + 13, base.name, bold=True, align="right")
    for place, words in enumerate(base.captions):
        _write_centred(
            page, left + place * 1.5 * cells.across + cells.width / 2, _TITLE + cells.height, words
        )
    for place, words in enumerate(columns):
        middle = left + place * cells.across + cells.width / 2
        page.text(middle, top_of_rows - 8, words, size=12, colour=QUIET, align="center")
    for number, row in enumerate(rows):
        _write_facts(page, x, top_of_rows + number * cells.down + cells.height / 2, row)

    def draw(index: int) -> Frame:
        page.wipe()
        for place, image in enumerate(base.images):
            page.paste(cells.pictures(image[None])[0], left + place * 1.5 * cells.across, _TITLE)
        for number, row in enumerate(rows):
            for place, picture in enumerate(cells.pictures(row.images)):
                page.paste(picture, left + place * cells.across, top_of_rows + number * cells.down)
        return page.snap()

    return Frames(1, draw, page)


def _widest(rows: Sequence[Row]) -> float:
    """Return the width of the widest words before a row."""
    lines = [text_width(line, 13) for row in rows for line in row.facts]
    return max([*lines, *(text_width(row.name, bold=True) for row in rows)])


def _write_facts(page: Page, right: float, middle: float, row: Row) -> None:
    """Write the name of a row and its facts, one under the other, about a height."""
    top = middle + 5 - 8 * len(row.facts)
    page.text(right, top, row.name, bold=True, align="right")
    for number, line in enumerate(row.facts, start=1):
        page.text(right, top + 16 * number, line, size=13, colour=QUIET, align="right")


def _write_centred(page: Page, middle: float, bottom: float, words: str) -> None:
    """Write words below an image."""
    page.text(middle, bottom + 15, words, size=12, colour=QUIET, align="center")


def traversal_frames(
    rows: Sequence[Row], *, title: str = "", note: str = "", look: Look = PLAIN_LOOK
) -> Frames:
    """Draw every latent in motion, from its lowest value to its highest and back.

    Args:
        rows: The latents, in the order in which they are read; all with as many images.
        title: What stands above.
        note: What stands below.
        look: How the page is dressed.

    Returns:
        Frames: twice as many as there are steps, less the two at which it turns round.
    """
    stage = _Stage(rows, title, note, look)
    steps = len(rows[0].images)
    there_and_back = [*range(steps), *range(steps - 2, 0, -1)]
    return Frames(len(there_and_back), lambda index: stage.draw(there_and_back[index]), stage.page)


class _Stage:
    """A page on which every latent has an image, and a track below it that shows its value."""

    def __init__(self, rows: Sequence[Row], title: str, note: str, look: Look) -> None:
        self.rows, self.last = rows, max(len(rows[0].images) - 1, 1)
        columns = min(len(rows), int(np.ceil(np.sqrt(1.6 * len(rows)))))
        self.cells = Cells(rows[0].images, np.clip(560 / columns, 84, 280), look.scale, gap=18)
        width = columns * self.cells.across - self.cells.gap
        width = max(width, *(text_width(words, 16, bold=True) for words in (title, note)))
        down = _HEAD + self.cells.height + 24
        self._places = [
            (_MARGIN + column * self.cells.across, _TITLE + row * down + _HEAD)
            for row, column in (divmod(place, columns) for place in range(len(rows)))
        ]
        below = _TITLE + -(-len(rows) // columns) * down
        self.page = Page(width + 2 * _MARGIN, below + (_NOTE if note else 0) + 8, look)
        self.page.text(_MARGIN, 30, title, size=16, bold=True)
        self.page.text(_MARGIN, below + 20, note, size=13, colour=QUIET)
        track = {"color": look.tone(FAINT), "linewidth": 2.8 * self.page.point}
        for row, (left, top) in zip(rows, self._places, strict=True):
            self._write_name(row, left, top - 8)
            self.page.figure.add_artist(self._line(left, top, 0, self.last, **track))
        dot = {"linestyle": "", "marker": "o", "markersize": 8.3 * self.page.point, "animated": True}
        colour = look.tone(ACCENT)
        self._markers = [self._line(left, top, 0, 0, color=colour, **dot) for left, top in self._places]
        for marker in self._markers:
            self.page.figure.add_artist(marker)

    def _write_name(self, row: Row, left: float, y: float) -> None:
        """Write a latent's name, and as much about it as fits beside it."""
        self.page.text(left, y, row.name, bold=True)
        begun = text_width(row.name, bold=True) + 8
        words = cut(row.facts[0], self.cells.width - begun, 13) if row.facts else ""
        self.page.text(left + begun, y, words, size=13, colour=QUIET)

    def _line(self, left: float, top: float, first: int, last: int, **look: object) -> Line2D:
        """Return a line below an image, between two steps."""
        x = [self._x(left, step) for step in (first, last)]
        _, y = self.page.at(left, top + self.cells.height + 11)
        return Line2D(x, [y, y], **look)  # type: ignore[arg-type]

    def _x(self, left: float, step: int) -> float:
        """Return the share of the page's width at which a step stands."""
        return float((left + 4 + (self.cells.width - 8) * step / self.last) / self.page.width)

    def draw(self, step: int) -> Frame:
        """Draw all latents at a step."""
        self.page.wipe()
        for row, marker, (left, top) in zip(self.rows, self._markers, self._places, strict=True):
            self.page.paste(self.cells.pictures(row.images[step : step + 1])[0], left, top)
            marker.set_xdata([self._x(left, step)] * 2)
            self.page.draw(marker)
        return self.page.snap()
