import numpy as np
import pytest

from vaecli.data.ranges import to_pixels
from vaecli.errors import DataError


def read(*values):
    pixels, words = to_pixels([np.asarray(part) for part in values], "a.npz")
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


def test_both_splits_are_read_alike():
    pixels, _ = read([[0.0, 100.0]], [[0.0, 1.0]])
    assert pixels == [[[0, 100]], [[0, 1]]]


def test_what_is_dark_is_said():
    _, words = read([[0.0, 16.0]])
    assert words[1] == "Dark: the largest value is 16 of 255; if that is meant to be white, scale them first."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.0, np.nan]], r"hold values that are NaN \(1 in one chunk\)"),
        ([[0.0, np.inf]], "hold values that are infinite"),
        ([[-1.0, 1.0]], r"float64 from -1 to 1: some are negative\.\n.*\nSave \(images \+ 1\) / 2\."),
        ([[-3, 200]], r"some are negative\.\n.*\nSave \(images - min\) / \(max - min\)\."),
        ([[0.0, 1.7]], "float64 from 0 to 1.7: no known range"),
        ([[0.0, 300.0]], "no known range"),
        ([[0, 70_000]], "no known range"),
        ([[5, 5]], "all its values are 5"),
        ([["a", "b"]], "its images are <U1"),
        ([[1j, 0]], "its images are complex128"),
        (np.array([[None]], object), r"its images are object\.\n.*\nSave plain numbers"),
    ],
)
def test_what_can_be_no_image_is_an_error(values, message):
    with pytest.raises(DataError, match=message):
        read(values)
