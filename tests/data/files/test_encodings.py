"""Encodings travel through files and come back as they were."""

import io
import os

import h5py
import numpy as np
import pytest

from vaecli.data.files.encodings import ENDINGS, Encodings, read_latents, write_encodings
from vaecli.errors import DataError, UsageError

RANDOM = np.random.default_rng(0)
ENCODINGS = Encodings(
    RANDOM.normal(size=(5, 3)).astype(np.float32),
    RANDOM.normal(size=(5, 3)).astype(np.float32),
    ["#0", "a, b.png", 'c "d".png', "é.png", "#4"],
    ["ankle boot", "t-shirt/top", "", "0", "bag"],
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_latents_come_back_bit_for_bit(ending):
    found = read_latents(write_encodings(ENCODINGS, ending), "z", 3)
    np.testing.assert_array_equal(found, ENCODINGS.mean)


def test_each_format_keeps_all_four_parts():
    with np.load(io.BytesIO(write_encodings(ENCODINGS, ".npz"))) as arrays:
        np.testing.assert_array_equal(arrays["log_var"], ENCODINGS.log_var)
        assert arrays["label"].tolist() == ENCODINGS.label
    with h5py.File(io.BytesIO(write_encodings(ENCODINGS, ".h5"))) as file:
        assert file["image"].asstr()[()].tolist() == ENCODINGS.image
    head, *rows = write_encodings(ENCODINGS, ".csv").decode().splitlines()
    assert head == "image,label,z1,z2,z3,log_var1,log_var2,log_var3"
    assert rows[1].startswith('"a, b.png",t-shirt/top,')


@pytest.mark.parametrize(
    "text", ["0.5,-1\n2,3\n", "z1,z2\n0.5,-1\n2,3", "\ufeffz2,image,Z1\n-1,x,0.5\n3,y,2\n\n"]
)
def test_a_csv_written_by_hand_is_understood(text):
    assert read_latents(text.encode(), "z.csv", 2).tolist() == [[0.5, -1.0], [2.0, 3.0]]


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0×0"),
        (b"z1,z2\n", "holds no latents"),
        (b"a,b\n1,2\n", "has no column z1.\nFound: a, b."),
        (b"z1,z2\n1,2\n1,x\n", "z.csv, line 3: not 2 numbers: '1,x'"),
        (b"1,2,3\n", "shape 1×3.\nExpected: n×2"),
        (b"1,nan\n", "not finite"),
        (b"\xff\xfe\x00", "not a CSV, NPZ or HDF5 file"),
        (b"PK\x03\x04 and no more", "not a readable NPZ"),
        (b"\x89HDF\r\n\x1a\n and no more", "not a readable HDF5"),
        (npz(a=np.zeros(2), b=np.zeros(2)), "holds a, b.\nExpected an array mean, z, latents"),
        (npz(z=np.array(["x"])), "<U1 where numbers"),
        (npz(z=np.array([{}], dtype=object)), "not a readable NPZ"),
        (npz(z=np.zeros((2, 2, 2))), "shape 2×2×2"),
    ],
)
def test_what_holds_no_latents_is_refused(content, message):
    with pytest.raises(DataError) as caught:
        read_latents(content, "z.csv", 2)
    assert message in str(caught.value)


def test_hdf5_that_leads_elsewhere_is_refused():
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["z"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(DataError, match="z is not a plain array"):
        read_latents(buffer.getvalue(), "z.h5", 2)


def test_another_ending_is_refused():
    with pytest.raises(UsageError, match="cannot be written as '.xlsx'.\nExpected: .csv, .npz, .h5"):
        write_encodings(ENCODINGS, ".xlsx")


@pytest.mark.parametrize("ending", [".csv", ".h5", ".npz"])
def test_a_name_that_is_not_utf_8_is_written_as_it_is(tmp_path, ending):
    name = os.fsdecode(b"a\xff.png")
    zeros = np.zeros((1, 2), np.float32)
    data = write_encodings(Encodings(zeros, zeros, [name], [""]), ending)
    (tmp_path / f"z{ending}").write_bytes(data)
    if ending == ".csv":
        assert data.splitlines()[1].startswith(b"a\xff.png,")
    elif ending == ".h5":
        with h5py.File(tmp_path / "z.h5") as file:
            assert file["image"][0] == b"a\xff.png"
    else:
        assert np.load(tmp_path / "z.npz")["image"][0] == name
