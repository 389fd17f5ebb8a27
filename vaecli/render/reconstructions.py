"""Images over what the network makes of them: one pair of rows, or a row per epoch."""

from __future__ import annotations

from collections.abc import Sequence

from vaecli.render.cells import Cells
from vaecli.render.frames import Frame, Frames
from vaecli.render.images import Images
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, text_width
from vaecli.render.style import INK, QUIET

_MARGIN = 20
_TITLE = 44  # height of the line that holds title and caption
_NAMES = 34  # height of two lines of class names
_NUMBERS = 18  # height of a line of numbers
_BAND_GAP = 14
_PER_BAND = 10


def reconstructions(
    originals: Images,
    rows: Sequence[Images],
    row_labels: Sequence[tuple[str, str]],
    names: Sequence[str] = (),
    *,
    numbers: Sequence[str] = (),
    title: str = "",
    columns: int = _PER_BAND,
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw originals, and below them one row of reconstructions per epoch.

    Args:
        originals: `(k, height, width, channels)` uint8; more than `columns` go on in a band below.
        rows: As many arrays like `originals` as there are epochs.
        row_labels: What stands before each row: two short lines, for example `("epoch 3", "271.4")`.
        names: `(k,)` words above the originals, for example their classes.
        numbers: `(k,)` words below the last row, by which the images are found again.
        title: What stands above.
        columns: Images side by side.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    table = _Table(originals, row_labels, (names, numbers), columns, title, look)

    def draw(index: int) -> Frame:
        table.page.wipe()
        table.paste(0, originals)
        for number, row in enumerate(rows, start=1):
            table.paste(number, row)
        return table.page.snap()

    return Frames(1, draw, table.page)


def reconstruction_frames(
    originals: Images,
    rows: Sequence[Sequence[Images]],
    captions: Sequence[str],
    row_labels: Sequence[tuple[str, str]] = (("reconstruction", ""),),
    names: Sequence[str] = (),
    *,
    numbers: Sequence[str] = (),
    title: str = "",
    columns: int = _PER_BAND,
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw originals over their reconstructions, which change from frame to frame.

    Args:
        originals: `(k, height, width, channels)` uint8.
        rows: For each row an array like `originals` per frame; one that has fewer rests on its last.
        captions: What stands in the corner of each frame.
        row_labels: What stands before each row, as in `reconstructions`.
        names: `(k,)` words above the originals.
        numbers: `(k,)` words below the last row.
        title: What stands above.
        columns: Images side by side.
        look: How the page is dressed.

    Returns:
        Frames: as many as there are captions.
    """
    table = _Table(originals, row_labels, (names, numbers), columns, title, look, captions)

    def draw(index: int) -> Frame:
        table.page.wipe()
        table.paste(0, originals)
        for number, frames in enumerate(rows, start=1):
            table.paste(number, frames[min(index, len(frames) - 1)])
        table.page.write(table.corner, captions[index] if captions else "")
        return table.page.snap()

    return Frames(len(captions), draw, table.page)


class _Table:
    """A page with a row of originals and rows below it, in bands of so many columns."""

    def __init__(
        self,
        originals: Images,
        row_labels: Sequence[tuple[str, str]],
        words: tuple[Sequence[str], Sequence[str]],
        columns: int,
        title: str,
        look: Look,
        captions: Sequence[str] = (),
    ) -> None:
        self.labels = [("original", ""), *row_labels]
        self.columns = min(columns, len(originals))
        self.cells = Cells(originals, 64, look.scale)
        self.left = _MARGIN + max(text_width(line, bold=True) for lines in self.labels for line in lines) + 14
        names, numbers = words
        self.names = _NAMES if names else 0
        bands = -(-len(originals) // self.columns)
        self.band = self.names + len(self.labels) * self.cells.down - self.cells.gap
        self.band += _NUMBERS if numbers else 0
        right = max(self.left + self.columns * self.cells.across, self._room_above(title, captions))
        self.page = Page(
            right + _MARGIN, _TITLE + bands * (self.band + _BAND_GAP) + _MARGIN - _BAND_GAP, look
        )
        self.page.text(_MARGIN, 30, title, size=16, bold=True)
        widest = max((text_width(words) for words in captions), default=0.0)
        self.corner = self.page.moving_text(right - self.cells.gap - widest, 30, colour=QUIET)
        for band in range(bands):
            self._write_row_labels(band)
        for place, name in enumerate(names):
            self._write_name(place, name)
        for place, number in enumerate(numbers):
            self._write_number(place, number)

    @staticmethod
    def _room_above(title: str, captions: Sequence[str]) -> float:
        """Return where title and caption end if they stand side by side."""
        caption = max((text_width(words) for words in captions), default=0.0)
        return _MARGIN + text_width(title, 16, bold=True) + caption + 32

    def _top(self, band: int, row: int) -> float:
        return float(_TITLE + band * (self.band + _BAND_GAP) + self.names + row * self.cells.down)

    def _write_row_labels(self, band: int) -> None:
        for row, (first, second) in enumerate(self.labels):
            middle = self._top(band, row) + self.cells.height / 2
            x = self.left - 14
            self.page.text(x, middle + (-3 if second else 5), first, align="right", colour=INK)
            self.page.text(x, middle + 14, second, size=13, align="right", colour=QUIET)

    def _write_name(self, number: int, name: str) -> None:
        band, column = divmod(number, self.columns)
        x = self.left + column * self.cells.across + self.cells.width / 2
        self.cells.write_above(self.page, x, self._top(band, 0), name)

    def _write_number(self, place: int, number: str) -> None:
        band, column = divmod(place, self.columns)
        left = self.left + column * self.cells.across
        self.cells.write_below(self.page, left, self._top(band, len(self.labels) - 1), number)

    def paste(self, row: int, images: Images) -> None:
        """Put one row of images, band by band, onto the page."""
        for number, picture in enumerate(self.cells.pictures(images)):
            band, column = divmod(number, self.columns)
            self.page.paste(picture, self.left + column * self.cells.across, self._top(band, row))
