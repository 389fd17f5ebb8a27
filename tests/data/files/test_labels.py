import numpy as np
import pytest

from vaecli.data.files.labels import read_labels
from vaecli.errors import DataError


@pytest.mark.parametrize(
    ("labels", "numbers", "names"),
    [
        ([2, 0, 2], [1, 0, 1], ["0", "2"]),
        ([[1], [0], [1]], [1, 0, 1], ["0", "1"]),
        ([[0, 1], [1, 0], [0, 1]], [1, 0, 1], ["0", "1"]),
        ([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], [1, 0, 0], ["0", "1"]),
        ([3.0, 1.0, 3.0], [1, 0, 1], ["1", "3"]),
        ([True, False, True], [1, 0, 1], ["0", "1"]),
        (["dog", "cat", "dog"], [1, 0, 1], ["cat", "dog"]),
        (np.array(["dög".encode(), b"cat", b"cat"]), [1, 0, 0], ["cat", "dög"]),
        ([10, 9, -1], [2, 1, 0], ["-1", "9", "10"]),
    ],
)
def test_labels_of_many_kinds_are_numbered(labels, numbers, names):
    (found,), classes = read_labels([np.asarray(labels)], [3], "a.npz")
    assert (found.tolist(), classes, found.dtype) == (numbers, names, np.int64)


def test_both_splits_share_their_classes():
    (train, heldout), classes = read_labels([np.array([7, 5]), np.array([5, 6])], [2, 2], "a.npz")
    assert (train.tolist(), heldout.tolist(), classes) == ([2, 0], [0, 1], ["5", "6", "7"])


@pytest.mark.parametrize(
    "labels",
    [
        [1, 2],
        [0.5, 1, 2],
        [np.nan, 1, 2],
        [[1, 1], [0, 1], [1, 0]],
        [[2, 0]] * 3,
        np.zeros((3, 2, 2)),
        [1j] * 3,
    ],
)
def test_what_is_no_label_for_each_image_is_an_error(labels):
    with pytest.raises(DataError, match=r"a\.npz: its labels are .* of shape") as caught:
        read_labels([np.asarray(labels)], [3], "a.npz")
    assert "3 integers or words" in caught.value.expected
