import os

import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.files.folders import load_folder
from vaecli.data.libraries.kept import Writer, check_kept, pixels_of, read_kept
from vaecli.data.sealed import sealed
from vaecli.errors import DataError, EnvironmentFailure, UsageError

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)
NAMES = ["dog", "cat"]  # not in the order of the alphabet


def keep(folder, *splits, names=NAMES, notes=()):
    """Keep splits of images and the names of their classes, called train and test."""
    writer = Writer(folder)
    for split, (images, labels) in zip(("train", "test"), splits, strict=False):
        for image, label in zip(images, labels, strict=True):
            writer.add(split, image, label, len(images) + 3)
    writer.finish(names, "Toys 1.2", notes)
    return folder


def read(folder, **settings):
    return read_kept(folder, "hf:toys", "toys", TrainConfig(**settings), load_folder)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "hf-toys"


def test_images_of_one_size_are_arrays_that_are_mapped(folder):
    labels = [NAMES[number % 2] for number in range(12)]
    keep(folder, (PIXELS, labels), (PIXELS[:4], labels[:4]), notes=["One is left out."])
    dataset = read(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "set.json",
        "test-images.npy",
        "test-labels.npy",
        "train-images.npy",
        "train-labels.npy",
    ]
    np.testing.assert_array_equal(dataset.train.images, PIXELS)
    assert isinstance(np.load(folder / "train-images.npy", mmap_mode="r"), np.memmap)
    assert not dataset.train.images.flags.owndata
    assert dataset.train.labels.tolist() == [0, 1] * 6
    assert dataset.class_names == ("dog", "cat")
    assert (dataset.name, dataset.word, len(dataset.heldout)) == ("toys", "hf:toys", 4)
    assert dataset.source == f"hf:toys, loaded by Toys 1.2 and kept in {folder}"
    assert dataset.notes == ("One is left out.",)


def test_a_set_without_a_split_gets_one_of_the_size_asked_for(folder):
    keep(folder, (PIXELS, ["cat", "dog"] * 6))
    assert len(read(folder, test_fraction=0.5).heldout) == 6
    first, second = read(folder), read(folder)
    assert first.fingerprint == second.fingerprint
    assert len(first.train) + len(first.heldout) == 12


def test_a_set_with_a_split_takes_no_other(folder):
    keep(folder, (PIXELS, ["cat"] * 12), (PIXELS[:2], ["cat"] * 2))
    with pytest.raises(UsageError, match="hf:toys has a split of its own: 2 held-out images"):
        read(folder, test_fraction=0.5)


def test_images_of_several_sizes_are_files_that_want_a_size(folder):
    sizes = [(5, 4), (5, 4), (9, 6)]
    images = [RANDOM.integers(0, 256, (*sizes[number % 3], 3), dtype=np.uint8) for number in range(12)]
    keep(folder, (images, ["cat", "dog"] * 6), (images[:3], ["dog", "cat", "dog"]))
    assert not list(folder.glob("*.npy"))
    with pytest.raises(DataError, match="^hf:toys: images of 2 sizes") as caught:
        read(folder)
    assert str(folder) not in str(caught.value)
    dataset = read(folder, size="5x4", classes="dog")
    assert dataset.shape == (5, 4, 3)
    assert dataset.class_names == ("dog",)
    assert (len(dataset.train), len(dataset.heldout)) == (6, 2)
    np.testing.assert_array_equal(dataset.train.images[0], images[1])
    np.testing.assert_array_equal(dataset.heldout.images[0], images[0])


def test_grey_among_coloured_ones_makes_files_of_one_size(folder):
    images = [PIXELS[0], PIXELS[1], PIXELS[2, ..., 0], PIXELS[3]]
    keep(folder, (images, ["cat"] * 4), (images[:1], ["cat"]))
    dataset = read(folder)
    np.testing.assert_array_equal(dataset.train.images[2], PIXELS[2, ..., :1].repeat(3, axis=2))


def test_what_is_transparent_shows_the_background(folder):
    clear = np.zeros((6, 5, 4, 4), np.uint8)
    keep(folder, (clear, [None] * 6), (clear[:1], [None]), names=None)
    assert read(folder, background="#fffefd").train.images[0, 0, 0].tolist() == [255, 254, 253]


def test_names_of_classes_become_names_of_folders_that_differ(folder):
    names = ["a/b", "a-b", "..", "A-B", ""]
    images = [np.zeros((number % 4 + 4, 4), np.uint8) for number in range(10)]
    keep(folder, (images, names * 2), (images[:5], names), names=names)
    dataset = read(folder, size="4")
    assert len(dataset.class_names) == 5
    assert "a-b" in dataset.class_names
    assert np.bincount(dataset.train.labels).tolist() == [2] * 5


def test_fewer_images_than_were_stated_make_a_shorter_array(folder):
    keep(folder, (PIXELS[:5], ["cat"] * 5), (PIXELS[:2], ["dog"] * 2))
    assert np.load(folder / "train-images.npy").shape == (5, 5, 4, 3)
    assert not list(folder.glob("*.part"))


def test_more_images_than_were_stated_are_an_error(folder):
    writer = Writer(folder)
    writer.add("train", PIXELS[0], "cat", 1)
    with pytest.raises(DataError, match="more than the 1 images that it states"):
        writer.add("train", PIXELS[0], "cat", 1)


def test_classes_without_names_are_in_natural_order(folder):
    keep(folder, (PIXELS, ["10", "9"] * 6), (PIXELS[:2], ["9", "10"]), names=None)
    assert read(folder).class_names == ("9", "10")


def test_images_without_labels_are_of_one_class(folder):
    keep(folder, (PIXELS, [None] * 12), (PIXELS[:2], [None] * 2), names=None)
    assert read(folder).class_names == ("unlabelled",)


@pytest.mark.parametrize(
    ("mode", "shape", "kind"),
    [
        ("L", (5, 4, 1), "uint8"),
        ("1", (5, 4, 1), "uint8"),
        ("P", (5, 4, 3), "uint8"),
        ("LA", (5, 4, 4), "uint8"),
        ("CMYK", (5, 4, 3), "uint8"),
        ("I;16", (5, 4, 1), "uint16"),
    ],
)
def test_images_of_pillow_become_arrays(mode, shape, kind):
    pixels = pixels_of(Image.new(mode, (4, 5)))
    assert (pixels.shape, str(pixels.dtype)) == (shape, kind)


@pytest.mark.parametrize("image", [np.zeros((5, 4)), np.zeros((5, 4, 2), np.uint8), Image.new("F", (4, 5))])
def test_what_is_no_image_is_refused(image):
    with pytest.raises(DataError, match="an image is (float|uint8)"):
        pixels_of(image)


DAMAGES = {
    "no facts": lambda folder: (folder / "set.json").unlink(),
    "other facts": lambda folder: (folder / "set.json").write_text("[]"),
    "facts with one letter changed": lambda folder: replace(folder / "set.json", b'"dog"', b'"dug"'),
    "facts of another version": lambda folder: (folder / "set.json").write_text(sealed({"version": 99})),
    "no images": lambda folder: (folder / "train-images.npy").unlink(),
    "images cut short": lambda folder: os.truncate(folder / "test-images.npy", 200),
    "a black pixel": lambda folder: replace(folder / "train-images.npy", PIXELS[5].tobytes(), bytes(60)),
    "no labels": lambda folder: (folder / "train-labels.npy").write_bytes(b""),
    "one file more": lambda folder: (folder / "images.npy").touch(),
}


def replace(path, old, new):
    """Replace some bytes of a file, which are there."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


@pytest.mark.parametrize("name", DAMAGES)
def test_whatever_was_changed_in_a_folder_is_found(folder, name):
    keep(folder, (PIXELS, ["cat"] * 12), (PIXELS[:2], ["cat"] * 2))
    check_kept(folder)
    DAMAGES[name](folder)
    with pytest.raises(DataError, match=f"{folder}: kept from another library, but damaged: "):
        check_kept(folder)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: os.truncate(path, 40)])
def test_an_image_file_that_was_changed_is_found(folder, damage):
    images = [np.zeros((number % 4 + 4, 4), np.uint8) for number in range(12)]
    keep(folder, (images, NAMES * 6), (images[:2], NAMES))
    check_kept(folder)
    damage(folder / "images" / "train" / "cat" / "0000001.png")
    with pytest.raises(DataError, match="a file is missing or not what was written"):
        check_kept(folder)


def test_a_folder_that_is_not_there_is_no_damage(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "nothing", tmp_path / "file" / "below"):
        with pytest.raises(FileNotFoundError, match="No such file"):
            check_kept(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_what_cannot_be_read_is_no_damage(folder):
    keep(folder, (PIXELS, ["cat"] * 12))
    (folder / "train-images.npy").chmod(0)
    with pytest.raises(EnvironmentFailure, match="cannot be read: Permission denied"):
        check_kept(folder)


def test_a_folder_that_is_damaged_while_it_is_used_is_an_error(folder):
    keep(folder, (PIXELS, ["cat"] * 12), (PIXELS[:2], ["cat"] * 2))
    (folder / "train-images.npy").unlink()
    with pytest.raises(DataError, match="damaged: No such file or directory.") as caught:
        read(folder)
    assert caught.value.mend == "It will be loaded again when it is next used."
