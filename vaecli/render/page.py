"""A page measured in pixels from its top left corner, with a still part and a moving part.

Matplotlib draws what stands still once: axes, labels, circles. For every frame the page is
wiped back to that, NumPy writes images and points into `pixels`, and single texts are drawn
on top. So axes cannot move between frames, and a frame costs milliseconds.

Lengths are in pixels of a page shown at its natural size; the `scale` of its look multiplies all of
them, letters and lines included, for print and dense screens.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from vaecli.errors import UsageError
from vaecli.render.fonts import drawable, families_for
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.style import FAINT, INK, PAPER, QUIET, typeface

_LARGEST = 2**15  # pixels along a side; beyond twice that the canvas gives up
_TITLE = 44  # height of a page's own title
_MARGIN = 20
_LINE = 18  # height of a line of its caption


def text_width(words: str, size: float = 14, *, bold: bool = False) -> float:
    """Return the width of one line of text in pixels."""
    font = FontProperties(family=families_for(words), size=size, weight=600 if bold else 400)
    with warnings.catch_warnings(action="ignore"):
        width, _, _ = text_to_path.get_text_width_height_descent(drawable(words), font, ismath=False)
    return float(width)


def fold(words: str, width: float, size: float = 14, *, bold: bool = False) -> str:
    r"""Return words on at most two lines of a width in pixels, cut with … where they do not fit.

    >>> fold("ankle boot", 50, 12), fold("t-shirt/top", 200, 12)
    ('ankle\nboot', 't-shirt/top')
    """
    if text_width(words, size, bold=bold) <= width:
        return words
    breaks = [
        place + 1 for place, letter in enumerate(words) if letter in " /-_" and 0 < place < len(words) - 1
    ]
    lines = [words]
    if breaks:
        place = min(breaks, key=lambda at: abs(2 * at - len(words)))
        lines = [words[:place].rstrip(), words[place:]]
    return "\n".join(cut(line, width, size, bold=bold) for line in lines)


def cut(line: str, width: float, size: float = 14, *, bold: bool = False) -> str:
    """Return as much of a line as fits, with … for the rest."""
    kept = line
    while len(kept) > 1 and text_width(kept, size, bold=bold) > width:
        kept = kept.removesuffix("…")[:-1] + "…"
    return kept


def wrap(words: str, width: float, size: float = 14) -> list[str]:
    """Return words on as many lines of a width in pixels as it takes.

    >>> wrap("one two three", 52)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class Page:
    """A sheet of `width` × `height` pixels, and more for the title and the caption of its look.

    Lengths count from the top left corner below the title.

    Attributes:
        look: How it is dressed.
        scale: Device pixels per pixel, as the look says.
        pixels: `(height · scale, width · scale, 4)` uint8, the canvas itself; write here after `wipe`.
        point: Points of print per pixel.
    """

    def __init__(self, width: float, height: float, look: Look = PLAIN_LOOK) -> None:
        self.look, self.scale = look, look.scale
        self.point = 72 / look.density
        lines = wrap(look.caption, width - 2 * _MARGIN, 13)
        self._top = _TITLE if look.title else 0
        below = _LINE * len(lines) + 12 if lines else 0
        self.width, self.height = _even(width), _even(height + self._top + below)
        if max(self.width, self.height) * self.scale > _LARGEST:
            raise UsageError(
                f"The picture would be {self.width * self.scale:,} × {self.height * self.scale:,} pixels.",
                f"Expected: at most {_LARGEST:,} along a side.",
                "Draw fewer images, rows or epochs.",
            )
        size = self.width / look.density, self.height / look.density
        self.figure = Figure(figsize=size, dpi=look.density * self.scale, facecolor=look.tone(PAPER))
        self.canvas = FigureCanvasAgg(self.figure)
        self._still: NDArray[np.uint8] | None = None
        self._held_back: list[tuple[NDArray[np.uint8], Any]] | None = None
        if look.title:
            title = cut(look.title, self.width - 2 * _MARGIN, 19, bold=True)
            self.text(_MARGIN, 32 - self._top, title, size=19, bold=True)
        for number, line in enumerate(lines):
            self.text(_MARGIN, height + 8 + _LINE * number, line, size=13, colour=QUIET)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place as shares of the figure's width and height, from its bottom left corner."""
        return x / self.width, 1 - (y + self._top) / self.height

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The canvas as an array that can be written to."""
        return np.asarray(self.canvas.buffer_rgba())  # type: ignore[no-untyped-call]

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return quiet axes whose inside is exactly the given box."""
        corner = self.at(left, top + height)
        axes = self.figure.add_axes((*corner, width / self.width, height / self.height))
        axes.patch.set_visible(False)
        for spine in axes.spines.values():
            spine.set(color=self.look.tone(FAINT), linewidth=self.point)
        axes.tick_params(
            color=self.look.tone(FAINT),
            length=4 * self.point,
            width=self.point,
            pad=4 * self.point,
            labelsize=13 * self.point,
            labelcolor=self.look.tone(QUIET),
            labelfontfamily=typeface(),
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        return axes

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 14,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
        halo: bool = False,
        **more: Any,
    ) -> Text:
        """Write still text whose baseline is at `y`; `more` goes to matplotlib's Text."""
        words = drawable(words)
        text = self.figure.text(
            *self.at(x, y),
            words,
            size=size * self.point,
            color=self.look.tone(colour),
            weight=600 if bold else 400,
            family=families_for(words),
            parse_math=False,
            **{"ha": align, "va": "baseline", **more},
        )
        if halo:
            text.set_path_effects([self.halo()])
        return text

    def halo(self) -> withStroke:
        """Return the rim of paper that sets letters and lines apart from what they lie on."""
        return withStroke(linewidth=4 * self.point, foreground=self.look.tone(PAPER))

    def moving_text(self, x: float, y: float, **look: Any) -> Text:
        """Return text that only `write` draws, with new words for each frame."""
        return self.text(x, y, "", animated=True, **look)

    def box(self, left: float, top: float, width: float, height: float) -> tuple[slice, slice]:
        """Return the rows and columns of `pixels` that a box covers."""
        top += self._top
        rows = slice(round(top * self.scale), round((top + height) * self.scale))
        columns = slice(round(left * self.scale), round((left + width) * self.scale))
        return rows, columns

    def paste(self, picture: NDArray[np.uint8], left: float, top: float) -> None:
        """Write a picture `(rows, columns, 3)` of device pixels with its top left corner at a place."""
        row, column = round((top + self._top) * self.scale), round(left * self.scale)
        self.pixels[row : row + picture.shape[0], column : column + picture.shape[1], :3] = picture

    def wipe(self) -> NDArray[np.uint8]:
        """Put the still part back, drawing it the first time, and return `pixels`."""
        if self._still is None:
            with warnings.catch_warnings(action="ignore"):  # a letter that no font has
                self.canvas.draw()  # type: ignore[no-untyped-call]
            self._still = self.pixels.copy()
        pixels = self.pixels
        pixels[:] = self._still
        return pixels

    def write(self, text: Text, words: str) -> None:
        """Draw one moving text on top of everything."""
        self.set_words(text, words)
        self.draw(text)

    def set_words(self, text: Text, words: str) -> None:
        """Give a moving text its words, and fonts that have their letters."""
        words = drawable(words)
        text.set_text(words)
        text.set_fontfamily(families_for(words))

    def draw(self, artist: Any) -> None:
        """Draw one artist that is not part of the still page on top of everything."""
        if self._held_back is not None:
            self._held_back.append((self.pixels.copy(), artist))
            return
        with warnings.catch_warnings(action="ignore"):
            artist.draw(self.canvas.get_renderer())  # type: ignore[no-untyped-call]

    @contextmanager
    def holding_back(self) -> Iterator[list[tuple[NDArray[np.uint8], Any]]]:
        """Hold back what `draw` and `write` would draw.

        Yields:
            The artists in their order, each after a copy of the pixels as they were then; last of all the
            pixels at the end, with None.
        """
        self._held_back = []
        try:
            yield self._held_back
            self._held_back.append((self.pixels.copy(), None))
        finally:
            self._held_back = None

    @property
    def still(self) -> NDArray[np.uint8]:
        """The part that stands still, in the shape of `pixels`."""
        self.wipe()
        assert self._still is not None
        return self._still

    def snap(self) -> NDArray[np.uint8]:
        """Return the page as a frame: `(height · scale, width · scale, 3)` uint8."""
        return self.pixels[:, :, :3].copy()


def _even(length: float) -> int:
    """Round up to an even number of pixels, which video needs.

    >>> _even(10.2), _even(12)
    (12, 12)
    """
    return 2 * int(np.ceil(length / 2))
