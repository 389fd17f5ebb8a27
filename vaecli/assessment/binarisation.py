"""Black-and-white images drawn from grey ones, as log p(x) is often reported for.

A grey pixel is taken for the probability of white. Salakhutdinov and Murray (2008) drew each image once;
figures of other draws differ by less than their standard error over images, but are paired only when the
seed is the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecli.images import ImageSource


def binarised(images: ImageSource, index: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
    """Return images whose pixels are 0 or 255, white with the probability x / 255.

    What is drawn of an image follows from the seed and its position in the split alone, whichever others
    are drawn.

    Args:
        images: uint8 `(n, height, width, channels)`.
        index: `(n,)`, the position of each image in its split.
        seed: What is drawn follows from it.

    Returns:
        uint8, of the same shape.

    >>> binarised(np.array([[[[0], [255]]]], np.uint8), np.array([7]), seed=1).tolist()
    [[[[0], [255]]]]
    """
    drawn = np.empty(images.shape, np.uint8)
    for row, position in enumerate(index.tolist()):
        uniform = np.random.default_rng([seed, position]).random(images.shape[1:])
        drawn[row] = 255 * (255 * uniform < images[row])
    return drawn
