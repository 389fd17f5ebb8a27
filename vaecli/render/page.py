"""A page measured in pixels from its top left corner, with a still part and a moving part.

Matplotlib draws what stands still once: axes, labels, circles. For every frame the page is
wiped back to that, NumPy writes images and points into `pixels`, and single texts are drawn
on top. So axes cannot move between frames, and a frame costs milliseconds.

Lengths are in pixels of a page shown at its natural size; `scale` multiplies all of them,
letters and lines included, for print and dense screens.
"""

from __future__ import annotations

import warnings
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
from vaecli.render.fonts import families_for
from vaecli.render.style import FAINT, INK, PAPER, QUIET, typeface

_DPI = 100
_LARGEST = 2**15  # pixels along a side; beyond twice that the canvas gives up
_POINT = 72 / _DPI  # points per pixel


def text_width(words: str, size: float = 14, *, bold: bool = False) -> float:
    """Return the width of one line of text in pixels."""
    font = FontProperties(family=families_for(words), size=size, weight=600 if bold else 400)
    with warnings.catch_warnings(action="ignore"):
        width, _, _ = text_to_path.get_text_width_height_descent(words, font, ismath=False)
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


class Page:
    """A white sheet of `width` × `height` pixels, times `scale`.

    Attributes:
        pixels: `(height · scale, width · scale, 4)` uint8, the canvas itself; write here after `wipe`.
    """

    def __init__(self, width: float, height: float, scale: int = 1) -> None:
        self.width, self.height = _even(width), _even(height)
        self.scale = scale
        if max(self.width, self.height) * scale > _LARGEST:
            raise UsageError(
                f"The picture would be {self.width * scale:,} × {self.height * scale:,} pixels.",
                f"Expected: at most {_LARGEST:,} along a side.",
                "Draw fewer images, rows or epochs.",
            )
        size = self.width / _DPI, self.height / _DPI
        self.figure = Figure(figsize=size, dpi=_DPI * scale, facecolor=PAPER)
        self.canvas = FigureCanvasAgg(self.figure)
        self._still: NDArray[np.uint8] | None = None

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The canvas as an array that can be written to."""
        return np.asarray(self.canvas.buffer_rgba())  # type: ignore[no-untyped-call]

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return quiet axes whose inside is exactly the given box."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.patch.set_visible(False)
        for spine in axes.spines.values():
            spine.set(color=FAINT, linewidth=_POINT)
        axes.tick_params(
            color=FAINT,
            length=4 * _POINT,
            width=_POINT,
            pad=4 * _POINT,
            labelsize=13 * _POINT,
            labelcolor=QUIET,
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
        text = self.figure.text(
            x / self.width,
            1 - y / self.height,
            words,
            size=size * _POINT,
            color=colour,
            weight=600 if bold else 400,
            family=families_for(words),
            parse_math=False,
            **{"ha": align, "va": "baseline", **more},
        )
        if halo:
            text.set_path_effects([withStroke(linewidth=4 * _POINT, foreground=PAPER)])
        return text

    def moving_text(self, x: float, y: float, **look: Any) -> Text:
        """Return text that only `write` draws, with new words for each frame."""
        return self.text(x, y, "", animated=True, **look)

    def box(self, left: float, top: float, width: float, height: float) -> tuple[slice, slice]:
        """Return the rows and columns of `pixels` that a box covers."""
        rows = slice(round(top * self.scale), round((top + height) * self.scale))
        columns = slice(round(left * self.scale), round((left + width) * self.scale))
        return rows, columns

    def paste(self, picture: NDArray[np.uint8], left: float, top: float) -> None:
        """Write a picture `(rows, columns, 3)` of device pixels with its top left corner at a place."""
        row, column = round(top * self.scale), round(left * self.scale)
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
        text.set_text(words)
        text.set_fontfamily(families_for(words))

    def draw(self, artist: Any) -> None:
        """Draw one artist that is not part of the still page on top of everything."""
        with warnings.catch_warnings(action="ignore"):
            artist.draw(self.canvas.get_renderer())  # type: ignore[no-untyped-call]

    def snap(self) -> NDArray[np.uint8]:
        """Return the page as a frame: `(height · scale, width · scale, 3)` uint8."""
        return self.pixels[:, :, :3].copy()


def _even(length: float) -> int:
    """Round up to an even number of pixels, which video needs.

    >>> _even(10.2), _even(12)
    (12, 12)
    """
    return 2 * int(np.ceil(length / 2))
