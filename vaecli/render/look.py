"""How a page is dressed: for a bright or a dark screen, or for paper, with a title and a caption."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecli.render.style import DARK, class_colours, lightened, to_rgb

#: Pixels of a page per inch where nobody says how wide it is on paper.
DENSITY = 100.0


@dataclass(frozen=True)
class Look:
    """What a page looks like, whatever is drawn on it.

    Attributes:
        scale: Device pixels per pixel of the page.
        density: Pixels of the page per inch of paper.
        dark: Whether it is light on dark.
        title: What stands above everything.
        caption: What stands below everything, on as many lines as it takes.
    """

    scale: int = 1
    density: float = DENSITY
    dark: bool = False
    title: str = ""
    caption: str = ""

    def tone(self, colour: str) -> str:
        """Return one of the colours of `style` as it is on this page.

        >>> Look().tone("#222222"), Look(dark=True).tone("#222222")
        ('#222222', '#ececec')
        """
        return DARK.get(colour, colour) if self.dark else colour

    def rgb(self, colour: str) -> NDArray[np.uint8]:
        """Return `(3,)` of `tone`."""
        return to_rgb(self.tone(colour))

    def class_colours(self, classes: int) -> NDArray[np.uint8]:
        """Return `(classes, 3)` colours that can be told from the paper and from each other."""
        return lightened(class_colours(classes)) if self.dark else class_colours(classes)


#: How a page looks on a screen, pixel for pixel.
PLAIN_LOOK = Look()
