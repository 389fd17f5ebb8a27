import pytest

from vaecli.data.files.splits import find_splits, is_wrapper, role_of


@pytest.mark.parametrize(
    "name", ["Train", "TRAINING", "train2017", "xTrain", "trainset", "train-val", "DIV2K_train_HR"]
)
def test_a_folder_to_train_on_has_the_word_in_its_name(name):
    assert role_of(name).rank == 0


@pytest.mark.parametrize(
    "name", ["strain", "trains", "trainer", "testimony", "interval", "contest", "cat", "7", ""]
)
def test_a_word_within_a_word_says_nothing(name):
    assert role_of(name) is None


def test_the_order_of_held_out_folders_is_that_of_how_held_out_they_are():
    names = ["dev", "validation", "evaluation", "hold-out", "testing"]
    assert [role_of(name).rank for name in names] == [5, 4, 3, 2, 1]


def test_a_name_that_says_no_more_than_the_split_takes_precedence():
    found = find_splits(["Training", "Test", "test-multiple_fruits", "papers"])
    assert found.heldout == (("Test",),)
    assert find_splits(["train_images", "train_masks", "test_images", "test_masks"]).train == (
        "train_images",
    )


def test_other_folders_beside_make_an_unlike_pair_uncertain():
    assert find_splits(["train_hr", "valid_lr"]) is not None
    assert find_splits(["train_hr", "valid_lr", "bus"]) is None


@pytest.mark.parametrize("name", ["猫", "42", "cat images", "v2"])
def test_a_name_that_may_be_a_class_is_no_wrapper(name):
    assert not is_wrapper(name)
