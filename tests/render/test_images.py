"""Images made ready for a page."""

import numpy as np
import pytest

from vaecli.render.images import as_rgb, rescale, whole_factor


def test_grey_becomes_three_equal_channels_and_colour_stays():
    grey = np.arange(6, dtype=np.uint8).reshape(1, 2, 3, 1)
    assert as_rgb(grey).shape == (1, 2, 3, 3)
    assert (np.ptp(as_rgb(grey), axis=-1) == 0).all()
    colour = np.arange(18, dtype=np.uint8).reshape(1, 2, 3, 3)
    np.testing.assert_array_equal(as_rgb(colour), colour)


@pytest.mark.parametrize(
    "images", [np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 4, 2), np.uint8), np.zeros(3, np.uint8)]
)
def test_what_is_no_image_is_refused(images):
    with pytest.raises(TypeError, match="expected uint8"):
        as_rgb(images)


def test_an_enlarged_pixel_is_a_square_of_one_colour():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    large = rescale(image, 4)
    assert large.shape == (8, 12, 1)
    np.testing.assert_array_equal(large[::4, ::4], image)
    np.testing.assert_array_equal(large[3::4, 3::4], image)


def test_a_reduced_image_is_the_mean_of_blocks_also_where_they_do_not_divide():
    image = np.full((5, 7, 3), 100, np.uint8)
    assert rescale(image, -2).shape == (3, 4, 3)
    assert (rescale(image, -2) == 100).all()


def test_sizes_come_near_the_target():
    for size in (7, 28, 64, 100, 500, 1280):
        factor = whole_factor(size, 560)
        drawn = size * factor if factor > 0 else size / -factor
        assert 280 <= drawn <= 840
