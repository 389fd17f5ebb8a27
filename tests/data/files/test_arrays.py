import io

import numpy as np
import pytest
from PIL import Image

from vaecli.data import load_dataset
from vaecli.errors import DataError, UsageError

RANDOM = np.random.default_rng(0)
COLOUR = RANDOM.integers(0, 256, (40, 9, 7, 3), dtype=np.uint8)
LABELS = np.arange(40) % 2


@pytest.fixture
def save(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "My Set.npz", **arrays)
        return tmp_path / "My Set.npz"

    return write


def test_keras_names_give_both_splits(save):
    path = save(x_train=COLOUR[:30], y_train=LABELS[:30, None], x_test=COLOUR[30:], y_test=LABELS[30:, None])
    dataset = load_dataset(path)
    assert (dataset.name, dataset.word, dataset.source) == ("my-set", str(path), str(path))
    assert (len(dataset.train), len(dataset.heldout), dataset.shape) == (30, 10, (9, 7, 3))
    np.testing.assert_array_equal(dataset.heldout.images, COLOUR[30:])
    assert dataset.class_names == ("0", "1")
    with pytest.raises(UsageError, match="split of its own: 10 held-out images"):
        load_dataset(path, test_fraction=0.2)


def test_without_a_split_some_are_held_out(save):
    path = save(images=COLOUR / 255, labels=LABELS, class_names=np.array(["cat", "dog"]))
    dataset = load_dataset(path, test_fraction=0.25)
    assert dataset.class_names == ("cat", "dog")
    assert np.bincount(dataset.heldout.labels).tolist() == [5, 5]
    assert dataset.notes == ("Values are float64 from 0 to 1: read as 0…1.",)
    truth = {image.tobytes(): label for image, label in zip(COLOUR, LABELS, strict=True)}
    for split in (dataset.train, dataset.heldout):
        for image, label in zip(split.images, split.labels, strict=True):
            assert truth.pop(image.tobytes()) == label
    assert truth == {}


@pytest.mark.parametrize("size", [None, "12x8"])
def test_the_split_is_the_same_whatever_the_order_and_the_size(save, size):
    order = np.random.default_rng(1).permutation(40)
    first = load_dataset(save(images=COLOUR, labels=LABELS), size=size)
    again = load_dataset(save(images=COLOUR[order], labels=LABELS[order]), size=size)
    assert {image.tobytes() for image in first.heldout.images} == {
        image.tobytes() for image in again.heldout.images
    }


def test_all_knobs_apply(save):
    dataset = load_dataset(save(images=COLOUR, labels=LABELS), size="16", channels=1, classes="1", limit=5)
    assert dataset.shape == (16, 16, 1)
    assert (len(dataset.train), dataset.class_names) == (5, ("1",))


def test_channels_first_is_turned_and_said(save):
    dataset = load_dataset(save(images=COLOUR.transpose(0, 3, 1, 2)))
    assert dataset.shape == (9, 7, 3)
    assert dataset.notes == ("Axes are read as (n, channels, height, width).",)
    assert dataset.class_names == ("unlabelled",)


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_over_the_background(save, channels):
    images = np.full((20, 4, 4, channels), 100, np.uint8)
    images[..., -1] = 128
    images[:, 0, 0, 0] = np.arange(20)
    dataset = load_dataset(save(images=images), background="white")
    assert dataset.shape == (4, 4, channels - 1)
    assert (dataset.train.images[:, 1:] == 177).all()


def test_an_array_in_hdf5_is_found_again(tmp_path, monkeypatch):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["faces/64"] = COLOUR
    monkeypatch.chdir(tmp_path)
    dataset = load_dataset("a.h5:/faces/64")
    assert dataset.word == f"{tmp_path}/a.h5:/faces/64"
    assert dataset.name == "64"
    assert load_dataset(dataset.word).fingerprint == dataset.fingerprint


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (COLOUR.reshape(40, -1), r"shape \(40, 189\)\.\n.*\nReshape them first.*, with --size\."),
        (COLOUR[:0], r"shape \(0, 9, 7, 3\)"),
        (np.zeros((5, 8, 8, 7), np.uint8), r"shape \(5, 8, 8, 7\)"),
        (COLOUR[0, 0, 0], r"shape \(3,\)"),
        (COLOUR[:1], "only 1 usable image"),
    ],
)
def test_what_is_no_set_of_images_is_an_error(save, images, message):
    with pytest.raises(DataError, match=message):
        load_dataset(save(images=images))


def test_labels_of_one_split_alone_are_left_alone(save):
    dataset = load_dataset(save(x_train=COLOUR, y_train=LABELS, x_test=COLOUR))
    assert dataset.class_names == ("unlabelled",)
    assert dataset.notes == ("Labels are left alone: only one of the two splits has them.",)


@pytest.mark.parametrize(
    "labels",
    [
        np.random.default_rng(0).random(40),
        np.random.default_rng(0).integers(0, 2, (40, 12)),
        np.where(np.arange(40) % 3, np.nan, 1.0),
        np.arange(39),
    ],
)
def test_labels_that_are_no_classes_are_left_alone_and_said(save, labels):
    dataset = load_dataset(save(images=COLOUR, labels=labels))
    assert dataset.class_names == ("unlabelled",)
    assert dataset.notes[0].startswith("Labels are left alone: its labels are ")


def test_labels_with_axes_of_one_are_classes(save):
    assert load_dataset(save(x=COLOUR, y=LABELS.reshape(-1, 1, 1, 1))).class_names != ("unlabelled",)


@pytest.mark.parametrize("stream", [False, True])
def test_image_files_in_an_array_of_hdf5_are_decoded(tmp_path, stream):
    import h5py

    files = []
    for image in COLOUR:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        files.append(np.frombuffer(buffer.getvalue(), np.uint8))
    files[7] = np.frombuffer(b"no image", np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, part in (("x_train", files[:30]), ("x_test", files[30:])):
            array = file.create_dataset(name, (len(part),), h5py.vlen_dtype(np.uint8))
            for number, content in enumerate(part):
                array[number] = content
        file["y_train"], file["y_test"] = LABELS[:30], LABELS[30:]
    dataset = load_dataset(tmp_path / "a.h5", stream=stream)
    np.testing.assert_array_equal(dataset.train.images, np.delete(COLOUR[:30], 7, axis=0))
    np.testing.assert_array_equal(dataset.heldout.images, COLOUR[30:])
    assert [dataset.class_names[label] for label in dataset.heldout.labels] == [
        str(label) for label in LABELS[30:]
    ]
    assert dataset.notes[-1].startswith("1 skipped that cannot be used: x_train[7]: not an image")
    assert load_dataset(dataset.word).fingerprint == dataset.fingerprint


def test_pixels_in_one_row_are_images_of_the_size_that_is_asked_for(save):
    flat = COLOUR[..., 0].reshape(40, -1)
    dataset = load_dataset(save(images=flat), size="9x7")
    assert dataset.shape == (9, 7, 1)
    assert {image.tobytes() for image in dataset.train.images} <= {
        image.tobytes() for image in COLOUR[..., 0]
    }


def test_splits_of_other_shapes_are_an_error(save):
    with pytest.raises(DataError, match="held-out images are 5 × 7 × 3"):
        load_dataset(save(x_train=COLOUR, x_test=COLOUR[:, :5]))


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("a.png", "For the folder that it is in: --dataset "),
        ("a.pkl", "Pickles are never read"),
        ("a.tar.gz", "Unpack it"),
        ("a.csv", ""),
    ],
)
def test_other_kinds_of_files_are_an_error_that_helps(tmp_path, name, mend):
    (tmp_path / name).write_bytes(b"?")
    with pytest.raises(DataError, match="not a kind of file that images are read from") as caught:
        load_dataset(tmp_path / name)
    assert caught.value.mend.startswith(mend)
