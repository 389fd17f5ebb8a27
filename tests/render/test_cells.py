"""Images set apart on a page."""

import numpy as np
import pytest

from vaecli.render.cells import Cells


@pytest.mark.parametrize(
    ("shape", "size"),
    [((28, 28, 1), (56, 56)), ((40, 30, 3), (80, 60)), ((64, 64, 3), (64, 64)), ((256, 128, 1), (64, 32))],
)
def test_any_shape_is_drawn_at_about_the_same_size(shape, size):
    images = np.zeros((2, *shape), np.uint8)
    for scale in (1, 2):
        cells = Cells(images, 64, scale)
        pictures = cells.pictures(images)
        assert pictures.shape[1:] == (cells.height * scale, cells.width * scale, 3)
        assert max(cells.height, cells.width) in range(max(size) // 2, 2 * max(size))
    assert (Cells(images, 64, 1).height, Cells(images, 64, 1).width) == size
