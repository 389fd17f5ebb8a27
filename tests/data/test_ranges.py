import numpy as np
import pytest

from vaecli.data.ranges import scales_of_arrays
from vaecli.errors import DataError


def read(*values, wanted=None):
    arrays = [np.asarray(part) for part in values]
    scales, words = scales_of_arrays(arrays, "a.npz", wanted)
    pixels = [scale.pixels(array) for scale, array in zip(scales, arrays, strict=True)]
    assert all(part.dtype == np.uint8 for part in pixels)
    return [part.tolist() for part in pixels], words


@pytest.mark.parametrize(
    ("values", "pixels", "words"),
    [
        (np.array([[0, 255]], np.uint8), [[0, 255]], []),
        (np.array([[0.0, 1.0]], np.float32), [[0, 255]], ["Values are float32 from 0 to 1: read as 0…1."]),
        (np.array([[0.0, 1.0005]]), [[0, 255]], ["Values are float64 from 0 to 1.0005: read as 0…1."]),
        (
            np.array([[0.4, 254.5]], np.float16),
            [[0, 255]],
            ["Values are float16 from 0.399902 to 254.5: read as 0…255."],
        ),
        (np.array([[0, 200]], np.int64), [[0, 200]], ["Values are int64 from 0 to 200: read as 0…255."]),
        (
            np.array([[0, 65_535, 257]], np.uint16),
            [[0, 255, 1]],
            ["Values are uint16 from 0 to 65535: read as 16-bit, 0…65,535."],
        ),
        (np.array([[False, True]]), [[0, 255]], ["Values are bool from 0 to 1: read as black and white."]),
        (
            np.array([[0, 1]], np.uint8),
            [[0, 255]],
            ["Values are uint8 from 0 to 1: read as black and white."],
        ),
    ],
)
def test_a_range_is_told_by_type_and_largest_value(values, pixels, words):
    assert read(values) == ([pixels], words)


@pytest.mark.parametrize(
    ("values", "pixels", "name"),
    [
        (np.array([0, 1023], np.uint16), [0, 255], "10-bit, 0…1,023"),
        (np.array([0, 2048, 4000], np.int16), [0, 128, 249], "12-bit, 0…4,095"),
        (np.array([0, 16_383], np.int64), [0, 255], "14-bit, 0…16,383"),
    ],
)
def test_numbers_narrower_than_their_type_are_scaled_by_a_known_depth(values, pixels, name):
    words = f"Values are {values.dtype} from 0 to {values.max()}: read as {name}"
    assert read(values) == ([pixels], [f"{words}; --range LOW,HIGH chooses another."])


@pytest.mark.parametrize(
    ("values", "pixels", "scale"),
    [
        (np.array([-1000, 500, 2000], np.int16), [0, 128, 255], "-1000…2000"),
        (np.array([0, 50_000, 200_000], np.int32), [0, 64, 255], "0…200000"),
        (np.array([-0.5, 2.5], np.float32), [0, 255], "-0.5…2.5"),
        (np.array([0.0, 1.7]), [0, 255], "0…1.7"),
        (np.array([100.0, 300.0]), [85, 255], "0…300"),
    ],
)
def test_a_range_that_is_not_known_is_that_of_the_whole_set_and_is_said(values, pixels, scale):
    found, words = read(values)
    assert found == [pixels]
    assert words[0].endswith(f", of no known range: read as {scale}; --range LOW,HIGH chooses another.")


def test_floats_around_zero_are_read_from_minus_one():
    assert read(np.array([-1.0, 0.0, 1.0]))[0] == [[0, 128, 255]]


def test_the_user_may_choose_what_is_black_and_white():
    pixels, words = read(np.array([[-1000, 0, 500, 2000]], np.int16), wanted=(0, 1000))
    assert pixels == [[[0, 0, 128, 255]]]
    assert words == [
        "Values are int16 from -1000 to 2000: read as 0…1000, as asked; values outside become black or white."
    ]


def test_splits_of_one_type_are_read_alike():
    pixels, words = read([[0.0, 1.7]], [[0.0, 0.85]])
    assert pixels == [[[0, 255]], [[0, 128]]]
    assert len(words) == 1


@pytest.mark.parametrize(
    ("train", "heldout"),
    [
        (np.array([0, 255], np.uint8), np.array([0.0, 1.0], np.float32)),
        (np.array([0.0, 1.0]), np.array([0, 255], np.uint8)),
        (np.array([0.0, 1.0]), np.array([0.0, 255.0])),
        (np.array([0, 65_535], np.uint16), np.array([0, 255], np.uint8)),
        (np.array([0, 65_535], np.uint16), np.array([0, 4095], np.uint16)),
    ],
)
def test_splits_of_different_ranges_are_read_by_their_own_and_it_is_said(train, heldout):
    pixels, words = read(train, heldout)
    assert pixels == [[0, 255], [0, 255]]
    assert words[0].startswith(
        f"The splits differ: training images are {train.dtype} from 0 to {train.max():g}, read as "
    )


def test_splits_that_do_not_go_together_are_refused():
    message = (
        r"training images are float64 from -2 to 2, held-out images are uint8 from 0 to 255: "
        r"not one range\.\n.*\nSave both alike, or choose it: --range LOW,HIGH"
    )
    with pytest.raises(DataError, match=message):
        read(np.array([-2.0, 2.0]), np.array([0, 255], np.uint8))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.0, np.nan]], r"hold values that are NaN \(1 in one chunk\)"),
        ([[0.0, np.inf]], "hold values that are infinite"),
        ([[5, 5]], "all its values are 5"),
        ([["a", "b"]], "its images are <U1"),
        ([[1j, 0]], "its images are complex128"),
        (np.array([[None]], object), r"its images are object\.\n.*\nSave plain numbers"),
    ],
)
def test_what_can_be_no_image_is_an_error(values, message):
    with pytest.raises(DataError, match=message):
        read(values)
