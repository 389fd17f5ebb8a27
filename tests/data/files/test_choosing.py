import pytest

from vaecli.data.files.choosing import choose
from vaecli.errors import DataError

PICTURES, CLASSES = (9, 8, 8), (9,)


@pytest.mark.parametrize(
    "names",
    [
        ("imgs", "ans"),
        ("X", "Y"),
        ("x_train", "y_train"),
        ("arr_0", "arr_1"),
        ("train", "labels"),
        ("faces", "targets"),
        ("data", "fine_labels"),
        ("X_train", "y_train", "X_valid", "y_valid"),
        ("images", "labels", "val_images", "val_labels"),
        ("train/images", "train/labels", "test/images", "test/labels"),
        ("arr_0", "arr_1", "arr_2", "arr_3"),
    ],
)
def test_images_and_labels_have_many_names(names):
    shapes = {name: PICTURES if number % 2 == 0 else CLASSES for number, name in enumerate(names)}
    found = choose(dict(reversed(shapes.items())), "a.npz")
    chosen = (found.images, found.labels, found.heldout_images, found.heldout_labels)
    assert chosen == (*names, None, None)[:4]


def test_of_three_splits_the_test_split_is_held_out():
    found = choose(dict.fromkeys(["train_x", "valid_x", "test_x"], PICTURES), "a.npz")
    assert (found.images, found.heldout_images) == ("train_x", "test_x")


def test_the_only_array_with_enough_axes_is_the_images():
    assert choose({"cells": PICTURES, "size": (9, 2), "id": CLASSES}, "a.npz").images == "cells"


def test_what_is_in_a_file_is_listed_where_it_is_not_clear():
    with pytest.raises(DataError, match=r"a\.npz holds cells \(9 × 8 × 8\), masks \(9 × 8 × 8\)\."):
        choose({"cells": PICTURES, "masks": PICTURES}, "a.npz")
    with pytest.raises(DataError, match=r"a\.npz holds no arrays"):
        choose({}, "a.npz")
    with pytest.raises(DataError, match=r"a\.npz holds y \(9\)"):
        choose({"y": CLASSES}, "a.npz")
