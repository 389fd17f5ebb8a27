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
}


def made(change):
    """Return the bytes of an HDF5 file with our stamp and one change."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["format"] = tensors.FORMAT
        file.attrs["version"] = tensors.VERSION
        change(file)
    return buffer.getvalue()


def test_arrays_come_back_with_their_types_and_shapes():
    found = tensors.decode(tensors.encode(ARRAYS), "t.h5")
    assert set(found) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_the_same_arrays_give_the_same_bytes():
    backwards = dict(reversed(ARRAYS.items()))
    assert tensors.encode(ARRAYS) == tensors.encode(backwards)


def test_no_time_stands_in_the_bytes():
    data = tensors.encode(ARRAYS)
    for second in range(int(time.time()) - 5, int(time.time()) + 1):
        assert struct.pack("<I", second) not in data


def virtual(file):
    layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(3,))
    file.create_virtual_dataset("a", layout)


def external(file):
    file.create_dataset("a", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (virtual, "not an array of plain numbers"),
        (external, "not an array of plain numbers"),
        (
            lambda file: file.__setitem__("a", h5py.ExternalLink("/etc/passwd", "/x")),
            "a is a link to elsewhere",
        ),
        (lambda file: file.__setitem__("a", h5py.SoftLink("/b")), "a is a link to elsewhere"),
        (lambda file: file.create_dataset("a", data=["text"]), "not an array of plain numbers"),
        (
            lambda file: file.create_dataset("a", data=np.zeros(9), compression="gzip"),
            "not an array of plain",
        ),
        (lambda file: file.create_dataset("a", shape=(10**9,), dtype="f4"), "claims more numbers than"),
        (lambda file: file.create_dataset("a", data=[1.0, np.nan]), "a holds numbers that are not finite"),
        (lambda file: file.create_dataset("g/a", data=[np.inf]), "g/a holds numbers that are not finite"),
        (
            lambda file: file.attrs.__setitem__("version", 2),
            "has format version 2.\\nThis vaecli reads version 1",
        ),
        (lambda file: file.attrs.__setitem__("version", [1, 1]), "it is not a vaecli-tensors file"),
        (lambda file: file.__setitem__("b", file.create_dataset("a", data=[1])), "b stands twice"),
        (lambda file: file.__setitem__("g/up", file.create_group("g")), "g/up stands twice"),
    ],
)
def test_whatever_else_hdf5_can_hold_is_refused(change, message):
    with pytest.raises(DamagedArtifact, match=message):
        tensors.decode(made(change), "t.h5")


def test_what_is_no_hdf5_is_refused():
    data = tensors.encode(ARRAYS)
    for bad in (b"", b"<html>", data[:100], data[: len(data) // 2]):
        with pytest.raises(DamagedArtifact, match="t.h5"):
            tensors.decode(bad, "t.h5")
