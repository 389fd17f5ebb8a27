"""A sequence of frames that are drawn when asked for.

An encoder needs the length, and a look at the first and the last frame, before it writes;
a memory should not need to hold them all. A lazy sequence gives both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from vaecli.words import nats

if TYPE_CHECKING:
    from vaecli.render.page import Page

Frame = NDArray[np.uint8]


class Frames(Sequence[Frame]):
    """`count` frames `(height, width, 3)` uint8, all of one size, each drawn by `draw(index)`.

    Args:
        count: How many.
        draw: Draws one.
        page: What they are drawn on, if it is a page.

    >>> black = Frames(3, lambda index: np.zeros((4, 6, 3), np.uint8))
    >>> len(black), black[-1].shape
    (3, (4, 6, 3))
    """

    def __init__(self, count: int, draw: Callable[[int], Frame], page: Page | None = None) -> None:
        self._count = count
        self._draw = draw
        self.page = page

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(index, slice):
            chosen = range(self._count)[index]
            return Frames(len(chosen), lambda i: self._draw(chosen[i]), self.page)
        return self._draw(range(self._count)[index])


def caption(epoch: int, negative_elbo: float | None = None) -> str:
    """Return the words in the corner of a frame; those of epoch 0 are about as wide as the others.

    >>> caption(12, 262.41), caption(0)
    ('epoch 12  ·  −ELBO 262.4', 'untrained')
    """
    words = f"epoch {epoch}" if epoch else "untrained"
    return words if negative_elbo is None else f"{words}  ·  {elbo_words(negative_elbo)}"


def elbo_words(negative_elbo: float) -> str:
    """Return a negative ELBO as captions name it; densities make it negative.

    >>> elbo_words(262.41), elbo_words(-3021.4)
    ('−ELBO 262.4', '−ELBO −3021.4')
    """
    return f"−ELBO {nats(negative_elbo)}"
