"""Images spaced out on a page: how large each is drawn, and how far it is to the next."""

from __future__ import annotations

import numpy as np

from vaecli.render.images import Images, as_rgb, rescale, whole_factor
from vaecli.render.page import Page, cut, fold
from vaecli.render.style import QUIET


class Cells:
    """The size of one image on a page, by a whole factor, for all images of a shape.

    Args:
        images: `(k, height, width, channels)`; only their shape matters.
        target: About how many pixels of the page an image's longer side should fill.
        scale: Device pixels per pixel.
        gap: Pixels between images.
    """

    def __init__(self, images: Images, target: float, scale: int, gap: int = 4) -> None:
        self.factor = whole_factor(max(images.shape[1:3]), target * scale)
        height, width, _ = rescale(np.zeros(images.shape[1:], np.uint8), self.factor).shape
        self.width, self.height, self.gap = width / scale, height / scale, gap
        self.across, self.down = self.width + gap, self.height + gap

    def pictures(self, images: Images) -> Images:
        """Return images `(k, rows, columns, 3)` in device pixels."""
        return rescale(as_rgb(images), self.factor)

    def write_above(self, page: Page, x: float, top: float, words: str, *, size: float = 12) -> None:
        """Write words in at most two lines above an image, centred at `x`."""
        folded = fold(words, self.across - 2, size)
        page.text(x, top - 8, folded, size=size, colour=QUIET, align="center", linespacing=1.0)

    def write_below(self, page: Page, left: float, top: float, words: str) -> None:
        """Write words on one line below an image whose corner is at a place."""
        y = top + self.height + 14
        page.text(
            left + self.width / 2, y, cut(words, self.across - 2, 12), size=12, colour=QUIET, align="center"
        )
