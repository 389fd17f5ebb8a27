import numpy as np
import pytest

from vaecli.data import load_dataset
from vaecli.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 8, 6), dtype=np.uint8)
LABELS = np.arange(60) % 3


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "set").mkdir()
    return tmp_path / "set"


def test_a_file_is_a_class_named_without_what_all_begin_with(folder):
    for number, name in enumerate(("cat", "The Eiffel Tower", "train")):
        rows = IMAGES[number::3]
        np.save(folder / f"full_numpy_bitmap_{name}.npy", rows.reshape(len(rows), -1))
    with pytest.raises(DataError, match=r"shape \(60, 48\)\..*\n.*\n.*with --size"):
        load_dataset(folder)
    dataset = load_dataset(folder, size="8x6")
    assert dataset.class_names == ("The Eiffel Tower", "cat", "train")
    assert dataset.notes == ("Each of the 3 files is read as a class.",)
    images = {image.tobytes(): label for image, label in zip(IMAGES, LABELS, strict=True)}
    for split in (dataset.train, dataset.heldout):
        for image, label in zip(split.images, split.labels, strict=True):
            assert ("cat", "The Eiffel Tower", "train")[images[image.tobytes()]] == dataset.class_names[label]


@pytest.mark.parametrize("packed", [False, True])
def test_files_that_are_named_after_parts_are_parts(folder, packed):
    parts = {"train-imgs": IMAGES[:50], "train-labels": LABELS[:50]}
    parts |= {"test-imgs": IMAGES[50:], "test-labels": LABELS[50:]}
    for name, array in parts.items():
        if packed:
            np.savez_compressed(folder / f"kmnist-{name}.npz", array)
        else:
            np.save(folder / f"kmnist-{name}.npy", array)
    dataset = load_dataset(folder)
    np.testing.assert_array_equal(dataset.train.images[..., 0], IMAGES[:50])
    np.testing.assert_array_equal(dataset.heldout.labels, LABELS[50:])
    assert dataset.class_names == ("0", "1", "2")


def test_what_is_not_clear_lists_what_is_there(folder):
    np.save(folder / "left.npy", IMAGES)
    np.save(folder / "right.npy", IMAGES[:, :4])
    with pytest.raises(DataError, match=r"holds left \(60 × 8 × 6\), right \(60 × 4 × 6\)\."):
        load_dataset(folder)
