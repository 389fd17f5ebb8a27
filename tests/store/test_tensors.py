"""Arrays go in and come out; nothing else gets in."""

import io
import struct
import time

import h5py
import numpy as np
import pytest

from vaecli.errors import DamagedArtifact
from vaecli.store import tensors

ARRAYS = {
    "weights/layer/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "weights/layer/bias": np.zeros(3, np.float32),
    "optimizer/step": np.array(7),
    "halves": np.array([0.5, 65504], np.float16),
    "images": np.arange(8, dtype=np.uint8).reshape(2, 2, 2, 1),
    "nothing": np.zeros((0, 3), np.float32),
}


def test_arrays_come_back_with_their_types_and_shapes():
    found = tensors.decode(*tensors.encode(ARRAYS), "t.h5")
    assert set(found) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)


def test_hdf5_reads_the_same_arrays():
    data, _ = tensors.encode(ARRAYS)
    with h5py.File(io.BytesIO(data)) as file:
        assert (file.attrs["format"], file.attrs["version"]) == ("vaecli-tensors", 1)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(file[name][()], array)


def test_the_same_arrays_give_the_same_bytes():
    backwards = dict(reversed(ARRAYS.items()))
    assert tensors.encode(ARRAYS) == tensors.encode(backwards)


def test_no_time_stands_in_the_bytes():
    data, _ = tensors.encode(ARRAYS)
    for second in range(int(time.time()) - 5, int(time.time()) + 1):
        assert struct.pack("<I", second) not in data


@pytest.mark.parametrize(
    "array", [np.array([1.0, np.nan]), np.array(["x"]), np.zeros(2, complex), np.array([None])]
)
def test_what_could_not_be_read_back_is_not_written(array):
    with pytest.raises((ValueError, TypeError)):
        tensors.encode({"a": array})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "<c8"}, "a is not an array of plain numbers"),
        ({"type": "O"}, "a is not an array of plain numbers"),
        ({"shape": [-1, 3]}, "a is not an array of plain numbers"),
        ({"shape": [1] * 9}, "a is not an array of plain numbers"),
        ({"shape": [10**12]}, "a is not an array of plain numbers"),
        ({"shape": [10**9]}, "its arrays claim more numbers than it holds"),
        ({"shape": [0, *[2**31 - 1] * 3]}, "a is not an array of plain numbers"),
        ({"offset": -1}, "a lies outside of it"),
        ({"offset": 10**9}, "a lies outside of it"),
    ],
)
def test_a_table_is_not_believed(changes, message):
    data, table = tensors.encode({"a": np.arange(3, dtype=np.float32)})
    with pytest.raises(DamagedArtifact, match=f"t.h5 is damaged: {message}"):
        tensors.decode(data, {"a": {**table["a"], **changes}}, "t.h5")


def test_one_array_under_many_names_takes_no_more_memory_than_the_file():
    data, table = tensors.encode({"a": np.zeros(10_000, np.float32)})
    with pytest.raises(DamagedArtifact, match="claim more numbers than it holds"):
        tensors.decode(data, {str(number): table["a"] for number in range(3)}, "t.h5")


def test_numbers_that_are_not_finite_are_refused():
    data, table = tensors.encode({"a": np.arange(3, dtype=np.float32)})
    data = data.replace(struct.pack("<3f", 0, 1, 2), struct.pack("<3f", 0, float("nan"), 2))
    with pytest.raises(DamagedArtifact, match="a holds numbers that are not finite"):
        tensors.decode(data, table, "t.h5")
