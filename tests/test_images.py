"""Images as arrays: rounded to bytes and laid side by side."""

import numpy as np

from vaecli.images import tiled, to_uint8


def test_neighbours_touch_without_a_seam():
    images = np.arange(6, dtype=np.uint8).reshape(2, 3, 1, 1, 1).repeat(4, axis=2).repeat(5, axis=3)
    whole = tiled(images)
    assert whole.shape == (8, 15, 1)
    np.testing.assert_array_equal(whole[3:5, 4:6, 0], [[0, 1], [3, 4]])


def test_pixels_are_rounded_to_the_nearest_grey_level_and_not_truncated():
    assert to_uint8(np.array([0.0, 0.499 / 255, 0.501 / 255, 254.6 / 255, 1.0], np.float32)).tolist() == [
        0,
        0,
        1,
        255,
        255,
    ]
