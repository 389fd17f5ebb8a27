import gzip
import struct
import zipfile

import h5py
import numpy as np
import pytest

from vaecli.data.files.array_files import read_arrays
from vaecli.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)
LABELS = np.arange(6) % 2


def saved(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("x_train", "y_train", "x_test", "y_test"), "split"),
        (("train_images", "train_labels", "test_images", "test_labels"), "split"),
        (("X_train", "Y_train", "X_test", "Y_test"), "split"),
        (("images", "labels"), "pair"),
        (("X", "y"), "pair"),
        (("data", "target"), "pair"),
        (("pictures",), "one"),
        (("images", "class_names", "labels"), "pair"),
    ],
)
@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_arrays_are_found_by_their_names(tmp_path, names, found, kind):
    values = {
        name: np.array(["a", "b"])
        if name == "class_names"
        else LABELS
        if name[0].lower() in "yl" or "label" in name or name == "target"
        else IMAGES
        for name in names
    }
    path = tmp_path / f"set.{kind}"
    if kind == "npz":
        np.savez(path, **values)
    else:
        with h5py.File(path, "w") as file:
            for name, value in values.items():
                file[name] = value.astype(h5py.string_dtype()) if value.dtype.kind == "U" else value
    arrays = read_arrays(path)
    np.testing.assert_array_equal(arrays.images, IMAGES)
    assert (arrays.labels is None) == (found == "one")
    assert (arrays.heldout_images is None) == (found != "split")
    assert arrays.class_names == (("a", "b") if "class_names" in names else None)
    assert arrays.notes == ()


def test_arrays_that_are_left_alone_are_said(tmp_path):
    arrays = read_arrays(saved(tmp_path / "a.npz", images=IMAGES, labels=LABELS, val_images=IMAGES))
    assert arrays.notes == ("Not used: val_images.",)


def test_an_npy_file_is_mapped(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    arrays = read_arrays(tmp_path / "a.npy")
    assert isinstance(arrays.images, np.memmap)
    np.testing.assert_array_equal(arrays.images, IMAGES)


def test_an_array_in_hdf5_is_found_by_its_path(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["deep/down/images"], file["deep/down/labels"] = IMAGES, LABELS
        file["deep/down/extra"] = LABELS
    assert read_arrays(tmp_path / "a.h5", "/deep/down/images").labels is None
    np.testing.assert_array_equal(read_arrays(tmp_path / "a.h5", "/deep/down").labels, LABELS)
    with pytest.raises(DataError, match="has no /deep/up") as caught:
        read_arrays(tmp_path / "a.h5", "/deep/up")
    assert caught.value.expected == "Found at /deep: down."


def test_links_that_lead_out_of_an_hdf5_file_are_not_followed(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["images"] = IMAGES
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = h5py.ExternalLink("other.h5", "/images")
        file["soft"] = h5py.SoftLink("/images")
    for inner in ("images", "soft"):
        with pytest.raises(DataError, match=f"has no {inner}"):
            read_arrays(tmp_path / "a.h5", inner)
    with pytest.raises(DataError, match="holds no arrays"):
        read_arrays(tmp_path / "a.h5")


def test_data_stored_outside_an_hdf5_file_is_not_read(tmp_path):
    layout = h5py.VirtualLayout((6, 5, 4), "u1")
    layout[:] = h5py.VirtualSource("other.h5", "images", (6, 5, 4))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("external", (6, 5, 4), "u1", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
        file.create_dataset("huge", (1 << 40, 5, 4), "u1", chunks=(1, 5, 4))
    for name in ("virtual", "external"):
        with pytest.raises(DataError, match="stored in other files"):
            read_arrays(tmp_path / "a.h5", name)
    with pytest.raises(DataError, match="claims to hold more than"):
        read_arrays(tmp_path / "a.h5", "huge")


class Never:
    def __reduce__(self):
        return print, ("this must never be printed",)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_pickles_are_never_read(tmp_path, name, capsys):
    objects = np.array([Never()], object)
    if name == "a.npy":
        np.save(tmp_path / name, objects)
    else:
        np.savez(tmp_path / name, images=objects)
    with pytest.raises(DataError, match="contains pickled objects, which are never read") as caught:
        read_arrays(tmp_path / name)
    assert "np.stack" in caught.value.mend
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_numpys_format_is_read_and_its_pickles_are_not(tmp_path, version):
    for array, name in ((IMAGES, "images.npy"), (np.array([Never()], object), "objects.npy")):
        with (tmp_path / name).open("wb") as file:
            np.lib.format.write_array(file, array, version)
    np.testing.assert_array_equal(read_arrays(tmp_path / "images.npy").images, IMAGES)
    with pytest.raises(DataError, match="contains pickled objects"):
        read_arrays(tmp_path / "objects.npy")


def test_a_file_whose_name_says_pickle_is_read_like_any_other(tmp_path):
    np.testing.assert_array_equal(read_arrays(saved(tmp_path / "pickle.npz", images=IMAGES)).images, IMAGES)
    (tmp_path / "pickle.npy").write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="cannot be read"):
        read_arrays(tmp_path / "pickle.npy")


def test_it_must_be_clear_which_array_is_meant(tmp_path):
    with pytest.raises(DataError, match=r"a\.npz holds left \(6 × 5 × 4\), right \(6 × 5 × 4\)") as caught:
        read_arrays(saved(tmp_path / "a.npz", left=IMAGES, right=IMAGES))
    assert "x_train, y_train, x_test, y_test" in caught.value.expected
    assert caught.value.mend.endswith("a.npz:IMAGES,LABELS")


@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_the_user_may_name_the_arrays(tmp_path, kind):
    path, values = tmp_path / f"a.{kind}", {"left": IMAGES, "right": IMAGES[::-1], "why": LABELS}
    if kind == "npz":
        np.savez(path, **values)
    else:
        with h5py.File(path, "w") as file:
            file.update(values)
    found = read_arrays(path, "right,why")
    np.testing.assert_array_equal(found.images, IMAGES[::-1])
    np.testing.assert_array_equal(found.labels, LABELS)
    found = read_arrays(path, "left,why,right,why")
    np.testing.assert_array_equal(found.heldout_images, IMAGES[::-1])
    with pytest.raises(DataError, match="has no wrong" if kind == "npz" else "has no") as caught:
        read_arrays(path, "left,wrong")
    assert "left (6 × 5 × 4)" in caught.value.expected


def test_groups_and_links_within_an_hdf5_file_are_looked_into(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["train/images"], file["train/labels"] = IMAGES, LABELS
        file["val/images"], file["val/labels"] = IMAGES[:2], LABELS[:2]
    found = read_arrays(tmp_path / "a.h5")
    assert (len(found.images), len(found.heldout_images), len(found.heldout_labels)) == (6, 2, 2)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["data/cube"] = IMAGES
        file["images"] = h5py.SoftLink("/data/cube")
    np.testing.assert_array_equal(read_arrays(tmp_path / "b.h5").images, IMAGES)


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        (h5py.ref_dtype, "holds references to other arrays"),
        (h5py.vlen_dtype(np.int32), "holds lists of different lengths"),
    ],
)
def test_an_array_of_hdf5_that_holds_other_things_is_an_error_and_as_labels_left_alone(
    tmp_path, dtype, message
):
    for name in ("images", "labels"):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["images"] = IMAGES
            file.pop(name, None)
            file.create_dataset(name, (6,), dtype)
    with pytest.raises(DataError, match=message):
        read_arrays(tmp_path / "images.h5")
    found = read_arrays(tmp_path / "labels.h5")
    assert found.labels is None
    assert message in found.notes[0]


@pytest.mark.parametrize(
    "shape", ["(True, 5, 4)", "(-1, 5)", f"({10**30}, 5)", f"(0, {2**63 - 1}, 9)", "(9, 9, 9)"]
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_a_shape_that_cannot_be_is_an_error(tmp_path, shape, kind):
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    content = b"\x93NUMPY\x01\0" + len(head).to_bytes(2, "little") + head + bytes(100)
    path = tmp_path / f"a.{kind}"
    if kind == "npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", content)
    with pytest.raises(DataError, match=r"a\.np[yz]: "):
        read_arrays(path)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5", "a-images-idx3-ubyte", "a-images-idx3-ubyte.gz"])
@pytest.mark.parametrize(
    "content", [b"", b"?" * 100, b"\x93NUMPY\x01\x00", b"PK\x03\x04" + bytes(80), b"\x1f\x8b" + bytes(40)]
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="a[.-]"):
        read_arrays(tmp_path / name)


def test_an_npy_header_that_claims_too_much_is_an_error(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    content = (tmp_path / "a.npy").read_bytes().replace(b"(6, 5, 4)", b"(9**9,)  ")
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        read_arrays(tmp_path / "a.npy")


def test_an_npz_member_that_claims_too_much_is_an_error(tmp_path):
    path = saved(tmp_path / "a.npz", images=IMAGES)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.infolist()[0].file_size
    path.write_bytes(content.replace(struct.pack("<II", size, size), struct.pack("<II", size, size - 1)))
    with pytest.raises(DataError, match="cannot be read"):
        read_arrays(path)


def idx_bytes(array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(side.to_bytes(4, "big") for side in array.shape)
    return head + array.astype(np.uint8).tobytes()


def test_a_folder_of_idx_files_has_its_splits(tmp_path):
    for prefix, count in (("emnist-train", 6), ("emnist-test", 3)):
        (tmp_path / f"{prefix}-images-idx3-ubyte").write_bytes(idx_bytes(IMAGES[:count]))
        (tmp_path / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(LABELS[:count])))
    arrays = read_arrays(tmp_path)
    assert (len(arrays.images), len(arrays.heldout_images)) == (6, 3)
    np.testing.assert_array_equal(arrays.labels, LABELS)
    alone = read_arrays(tmp_path / "emnist-test-images-idx3-ubyte")
    assert (len(alone.images), alone.heldout_images) == (3, None)
    np.testing.assert_array_equal(alone.labels, LABELS[:3])


def test_labels_alone_are_no_images(tmp_path):
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS))
    with pytest.raises(DataError, match="an IDX file of labels"):
        read_arrays(tmp_path / "t10k-labels-idx1-ubyte")


def idx(array, kind=8, type_="u1"):
    return (
        bytes([0, 0, kind, array.ndim])
        + b"".join(side.to_bytes(4, "big") for side in array.shape)
        + array.astype(type_).tobytes()
    )


def test_integer_labels_of_idx_are_read(tmp_path):
    (tmp_path / "q-train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    rows = np.stack([LABELS, LABELS * 0], axis=1)
    (tmp_path / "q-train-labels-idx2-int").write_bytes(idx(rows, 12, ">i4"))
    np.testing.assert_array_equal(read_arrays(tmp_path).labels, LABELS)
    (tmp_path / "q-train-labels-idx2-int").write_bytes(idx(rows, 12, ">i4")[:-1])
    with pytest.raises(DataError, match="q-train-labels-idx2-int: truncated"):
        read_arrays(tmp_path)


def test_a_file_of_training_images_finds_its_own_test_files_among_several_sets(tmp_path):
    for name, images in (
        ("a-train", IMAGES),
        ("a-test", IMAGES[:2]),
        ("b-train", IMAGES[::-1]),
        ("b-test", IMAGES),
    ):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(idx(images))
    found = read_arrays(tmp_path / "a-train-images-idx3-ubyte")
    assert (len(found.images), len(found.heldout_images)) == (6, 2)
    with pytest.raises(DataError, match="2 IDX files of training images") as caught:
        read_arrays(tmp_path)
    assert caught.value.mend == f"Choose one of them: --dataset {tmp_path}/a-train-images-idx3-ubyte"


def test_idx_files_in_folders_of_their_own_names_are_found(tmp_path):
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    (tmp_path / "train-images-idx3-ubyte" / "train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    np.testing.assert_array_equal(read_arrays(tmp_path).images, IMAGES)
