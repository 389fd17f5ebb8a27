import numpy as np
import pytest

from vaecli.data.files.channels import with_channels_last
from vaecli.errors import DataError


@pytest.mark.parametrize(
    ("shape", "bands", "found", "said"),
    [
        ((5, 8, 6), (), (5, 8, 6, 1), []),
        ((5, 3, 8, 6), (), (5, 8, 6, 3), ["Axes are read as (n, channels, height, width)."]),
        (
            (5, 8, 6, 4),
            (),
            (5, 8, 6, 4),
            ["The 4th channel is read as transparency; if it is not: --bands 1,2,3."],
        ),
        (
            (5, 8, 6, 2),
            (),
            (5, 8, 6, 2),
            ["The 2nd channel is read as transparency; if it is not: --bands 1."],
        ),
        ((5, 8, 6, 4), (4, 1, 2), (5, 8, 6, 3), ["Of 4 channels these are kept: 4, 1, 2."]),
        ((5, 8, 8, 13), (2,), (5, 8, 8, 1), ["Of 13 channels this one is kept: 2."]),
        (
            (5, 13, 8, 8),
            (4, 3, 2),
            (5, 8, 8, 3),
            ["Axes are read as (n, channels, height, width).", "Of 13 channels these are kept: 4, 3, 2."],
        ),
    ],
)
def test_channels_are_found_and_chosen_and_it_is_said(shape, bands, found, said):
    images, notes = with_channels_last(np.zeros(shape, np.uint8), bands, "a.npy")
    assert (images.shape, notes) == (found, said)


def test_bands_are_counted_from_one_and_keep_their_order():
    images = np.arange(5 * 8 * 8 * 6).reshape(5, 8, 8, 6)
    found, _ = with_channels_last(images, (6, 1, 2), "a.npy")
    np.testing.assert_array_equal(found, images[..., [5, 0, 1]])


@pytest.mark.parametrize(
    ("shape", "bands", "message"),
    [
        ((48, 64, 3), (), r"a\.npy: an array of the shape \(48, 64, 3\) is one image\."),
        ((5, 8, 8, 13), (), r"shape \(5, 8, 8, 13\)\.\n.*\nChoose of many channels: --bands 3,2,1\."),
        ((5, 20, 8, 8), (), r"shape \(5, 20, 8, 8\)"),
        ((5, 8, 8, 4), (5,), r"4 channels\.\nExpected: --bands from 1 to 4\."),
        ((5, 9, 8, 8, 3), (), r"images\.reshape\(-1, \*images\.shape\[2:\]\)"),
        ((5, 0, 8, 8), (), r"shape \(5, 0, 8, 8\)"),
    ],
)
def test_what_has_no_channels_to_show_is_an_error_that_helps(shape, bands, message):
    with pytest.raises(DataError, match=message):
        with_channels_last(np.zeros(shape, np.uint8), bands, "a.npy")
