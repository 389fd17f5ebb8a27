import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecli.data import Dataset
from vaecli.errors import DataError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 5, 4), dtype=np.uint8)
LABELS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 1])
HELDOUT = RANDOM.integers(0, 256, (6, 5, 4), dtype=np.uint8)
HELDOUT_LABELS = np.array([2, 1, 0, 2, 1, 0])


def toy(**changes):
    words = {
        "images": IMAGES,
        "labels": LABELS,
        "heldout_images": HELDOUT,
        "heldout_labels": HELDOUT_LABELS,
        "class_names": ("a", "b", "c"),
    }
    return Dataset.from_arrays("toy", **(words | changes))


def test_arrays_become_a_dataset():
    dataset = toy()
    assert dataset.name == "toy"
    assert dataset.shape == (5, 4, 1)
    assert (len(dataset.train), len(dataset.heldout)) == (12, 6)
    assert dataset.class_names == ("a", "b", "c")
    assert dataset.source == "arrays"
    np.testing.assert_array_equal(dataset.train.images[..., 0], IMAGES)
    np.testing.assert_array_equal(dataset.heldout.labels, HELDOUT_LABELS)
    assert dataset.train.images.dtype == np.uint8
    assert dataset.train.labels.dtype == dataset.train.index.dtype == np.int64
    assert list(dataset.train.index) == list(range(12))


@pytest.mark.parametrize("channels", [1, 3])
def test_images_with_a_channel_axis_keep_it(channels):
    images = np.zeros((4, 6, 5, channels), np.uint8)
    assert toy(images=images, labels=[0, 1, 2, 0], heldout_images=images, heldout_labels=[0] * 4).shape == (
        6,
        5,
        channels,
    )


def test_nothing_is_copied_that_fits():
    assert np.shares_memory(toy().train.images, IMAGES)


def test_without_labels_all_images_are_of_one_class():
    dataset = Dataset.from_arrays("mine", IMAGES, heldout_images=HELDOUT)
    assert dataset.class_names == ("unlabelled",)
    assert not dataset.train.labels.any()


def test_without_names_classes_are_called_by_their_numbers():
    assert toy(class_names=None).class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": IMAGES / 255}, r"toy: training images are float64 of shape \(12, 5, 4\)"),
        ({"images": IMAGES.astype(np.int32)}, "toy: training images are int32"),
        ({"images": IMAGES[0]}, r"toy: training images are uint8 of shape \(5, 4\)"),
        ({"images": np.zeros((12, 5, 4, 2), np.uint8)}, r"of shape \(12, 5, 4, 2\)"),
        ({"images": np.zeros((12, 5, 4, 1, 1), np.uint8)}, r"of shape \(12, 5, 4, 1, 1\)"),
        ({"images": IMAGES[:0], "labels": []}, r"toy: training images are empty: shape \(0, 5, 4\)"),
        ({"images": IMAGES[:, :0]}, "toy: training images are empty"),
        ({"heldout_images": HELDOUT[:0]}, "toy: held-out images are empty"),
        ({"heldout_images": HELDOUT[:, 1:]}, "toy: held-out images are 4 × 4 × 1"),
        ({"labels": LABELS[1:]}, r"toy: training labels are int64 of shape \(11,\)"),
        ({"labels": LABELS.astype(float)}, "toy: training labels are float64"),
        ({"labels": LABELS.astype(bool)}, "toy: training labels are bool"),
        ({"labels": LABELS - 1}, "toy: training labels contain -1"),
        ({"labels": LABELS + 1}, "toy: a label is 3"),
        ({"heldout_labels": HELDOUT_LABELS + 7}, "toy: a label is 9"),
        ({"labels": None}, "toy: only one of the two splits has labels"),
        ({"heldout_labels": None}, "toy: only one of the two splits has labels"),
    ],
)
def test_arrays_that_do_not_fit_are_an_error_that_says_which(changes, message):
    with pytest.raises(DataError, match=message) as caught:
        toy(**changes)
    assert caught.value.expected.startswith("Expected: ")


def test_the_fingerprint_is_of_the_bytes_not_of_their_place():
    assert toy().fingerprint == toy(images=np.asfortranarray(IMAGES), labels=list(LABELS)).fingerprint
    assert len(bytes.fromhex(toy().fingerprint)) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"images": IMAGES ^ 1},
        {"images": IMAGES.reshape(12, 4, 5), "heldout_images": HELDOUT.reshape(6, 4, 5)},
        {"labels": LABELS[::-1]},
        {"heldout_images": HELDOUT[::-1]},
        {"heldout_labels": HELDOUT_LABELS[::-1]},
    ],
)
def test_any_other_content_has_another_fingerprint(changes):
    assert toy(**changes).fingerprint != toy().fingerprint


def test_a_limit_spreads_the_training_images_over_the_classes():
    limited = toy().limited(6)
    assert list(limited.train.labels) == [0, 0, 1, 1, 2, 2]
    assert list(limited.train.index) == [0, 1, 6, 7, 8, 9]
    np.testing.assert_array_equal(limited.train.images, toy().train.images[limited.train.index])


def test_a_limit_keeps_the_identity_of_the_set():
    limited = toy().limited(4)
    assert limited.fingerprint == toy().fingerprint
    assert limited.class_names == toy().class_names


def test_the_held_out_images_have_a_limit_of_their_own():
    assert list(toy().limited(3, 3).heldout.labels) == [2, 1, 0]
    assert list(toy().limited(heldout=4).heldout.index) == [0, 1, 2, 5]
    assert len(toy().limited(heldout=4).train) == 12
    assert len(toy().limited(9, 9).heldout) == 6


def test_a_limit_of_the_training_images_leaves_the_held_out_ones_alone():
    np.testing.assert_array_equal(toy().limited(1).heldout.images, toy().heldout.images)


def test_a_limit_beyond_the_set_changes_nothing():
    limited = toy().limited(1000)
    np.testing.assert_array_equal(limited.train.images, toy().train.images)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 45))
def test_no_class_has_more_than_one_image_above_another_that_has_some_left(labels, count):
    images = np.zeros((len(labels), 2, 2), np.uint8)
    names = "abcde"
    dataset = Dataset.from_arrays(
        "any", images, labels, heldout_images=images, heldout_labels=labels, class_names=names
    )
    limited = dataset.limited(count)
    assert len(limited.train) == min(count, len(labels))
    assert np.all(np.diff(limited.train.index) > 0)
    taken, there = (np.bincount(split.labels, minlength=5) for split in (limited.train, dataset.train))
    assert all(taken[label] >= min(there[label], taken.max() - 1) for label in range(5))


def test_factors_follow_their_images():
    factors = {"size": np.arange(12.0)}
    limited = toy(factors=(factors, {})).limited(4)
    assert list(limited.train.factors["size"]) == list(limited.train.index)


def test_a_dataset_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        toy().name = "other"
