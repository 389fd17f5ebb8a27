import unicodedata

import pytest

from vaecli.data.files.layout import layout
from vaecli.errors import DataError, UsageError


def labels(found):
    return {item.name: item.label for item in found}


def test_a_flat_folder_has_no_labels():
    found = layout(["b.png", "a.JPG", "10.webp", "9.webp"])
    assert [item.name for item in found.train] == ["9.webp", "10.webp", "a.JPG", "b.png"]
    assert found.class_names == ("unlabelled",)
    assert found.heldout is None
    assert found.notes == ()


def test_a_subfolder_is_a_class_however_deep_its_images_lie():
    found = layout(["cat/1.png", "cat/more/of them/2.png", "dog/1.png"])
    assert labels(found.train) == {"cat/1.png": "cat", "cat/more/of them/2.png": "cat", "dog/1.png": "dog"}


def test_numbered_classes_are_in_the_order_of_their_numbers():
    assert layout([f"{number}/1.png" for number in range(11)]).class_names[-2:] == ("9", "10")


@pytest.mark.parametrize("words", [("train", "test"), ("Training", "VAL"), ("train", "validation")])
@pytest.mark.parametrize("wrapper", ["", "my set/"])
def test_train_and_test_are_splits_with_classes_below(words, wrapper):
    train, test = words
    found = layout(
        [f"{wrapper}{train}/cat/1.png", f"{wrapper}{train}/dog/2.png", f"{wrapper}{test}/cat/3.png"]
    )
    assert labels(found.train) == {f"{wrapper}{train}/cat/1.png": "cat", f"{wrapper}{train}/dog/2.png": "dog"}
    assert labels(found.heldout) == {f"{wrapper}{test}/cat/3.png": "cat"}
    assert found.class_names == ("cat", "dog")


def test_splits_may_have_no_classes():
    found = layout(["train/1.png", "test/2.png"])
    assert found.class_names == ("unlabelled",)
    assert len(found.heldout) == 1


def test_of_three_splits_the_test_split_is_held_out_and_the_third_is_said():
    found = layout(["train/1.png", "val/2.png", "test/3.png"])
    assert labels(found.heldout) == {"test/3.png": "unlabelled"}
    assert found.notes == ("1 image outside train and test is left out: val/2.png.",)


def test_a_folder_called_train_alone_is_only_a_wrapper():
    assert layout(["train/cat/1.png", "train/dog/1.png"]).class_names == ("cat", "dog")


def test_what_lies_beside_the_class_folders_is_left_out_and_said():
    found = layout(["cover.png", "cat/1.png", "dog/1.png"])
    assert len(found.train) == 2
    assert found.notes == ("1 image next to the class folders is left out: cover.png.",)


def test_files_that_are_no_images_are_counted_and_a_few_named():
    found = layout(["1.png", *(f"{number}.txt" for number in range(4))])
    assert found.notes == ("4 files that are not images are left out: 0.txt, 1.txt, 2.txt, ….",)


@pytest.mark.parametrize("name", [".DS_Store", "cat/._1.png", "__MACOSX/cat/1.png", "../1.png", "cat/", "/"])
def test_hidden_files_and_ways_out_are_nothing(name):
    found = layout([name, "cat/1.png"])
    assert labels(found.train) == {"cat/1.png": "cat"}
    assert found.notes == ()


def test_the_order_of_the_names_does_not_matter():
    names = ["b/2.png", "a/10.png", "a/9.png"]
    assert layout(names) == layout(reversed(names))


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("training_set/training_set", "test_set/test_set"),
        ("train", "eval"),
        ("train2017", "val2017"),
        ("TrainingSet", "HeldOutSet"),
        ("Final_Training/Images", "Final_Test/Images"),
        ("01_train", "02_test"),
        ("bounding_box_train", "bounding_box_test"),
        ("traindata", "testdata"),
    ],
)
def test_a_split_is_known_by_a_word_in_its_name_and_unwrapped_by_itself(train, test):
    found = layout([f"{train}/cat/1.png", f"{train}/dog/2.png", f"{test}/cat/3.png", f"{test}/dog/4.png"])
    assert labels(found.train) == {f"{train}/cat/1.png": "cat", f"{train}/dog/2.png": "dog"}
    assert labels(found.heldout) == {f"{test}/cat/3.png": "cat", f"{test}/dog/4.png": "dog"}


def test_splits_with_unusual_names_are_said():
    found = layout(
        ["set/seg_train/a/1.png", "set/seg_train/b/1.png", "set/seg_test/a/2.png", "set/seg_pred/3.png"]
    )
    assert found.notes == (
        "Read as splits: seg_train to train on, seg_test held out.",
        "1 image outside seg_train and seg_test is left out: set/seg_pred/3.png.",
    )


def test_several_folders_of_a_split_are_classes_where_words_tell_them_apart():
    found = layout(["trainA/1.png", "trainB/2.png", "testA/3.png", "testB/4.png"])
    assert labels(found.train) == {"trainA/1.png": "a", "trainB/2.png": "b"}
    assert labels(found.heldout) == {"testA/3.png": "a", "testB/4.png": "b"}
    numbered = layout(["train_1/1.png", "train_2/2.png", "test_1/3.png"])
    assert labels(numbered.train) == {"train_1/1.png": "unlabelled", "train_2/2.png": "unlabelled"}


def test_a_held_out_folder_in_one_wrapper_is_unlabelled():
    found = layout(["train/a/images/1.png", "train/b/images/2.png", "test/images/3.png"])
    assert set(labels(found.train).values()) == {"a", "b"}
    assert labels(found.heldout) == {"test/images/3.png": "unlabelled"}


def test_a_held_out_folder_with_the_classes_is_preferred_to_an_unlabelled_one():
    found = layout(["train/a/1.png", "train/b/2.png", "test/3.png", "val/a/4.png"])
    assert labels(found.heldout) == {"val/a/4.png": "a"}
    assert found.notes == ("1 image outside train and val is left out: test/3.png.",)


def test_a_single_class_below_a_split_is_no_wrapper():
    found = layout(["train/cat/new/1.png", "train/dog/2.png", "test/cat/new/3.png"])
    assert labels(found.heldout) == {"test/cat/new/3.png": "cat"}


def test_class_folders_may_have_splits_of_their_own():
    found = layout(
        [
            f"{kind}/{split}/{kind}{split}.png"
            for kind in ("nut", "bolt")
            for split in ("train", "test", "mask")
        ]
    )
    assert labels(found.train) == {"bolt/train/bolttrain.png": "bolt", "nut/train/nuttrain.png": "nut"}
    assert labels(found.heldout) == {"bolt/test/bolttest.png": "bolt", "nut/test/nuttest.png": "nut"}
    assert "2 images outside the splits are left out" in found.notes[1]


def test_folders_that_hold_images_and_say_no_more_are_no_class():
    assert layout(["pictures/1.png", "pictures/2.png"]).class_names == ("unlabelled",)
    assert layout(["train/train/1.png", "test/test/2.png"]).class_names == ("unlabelled",)


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("train", "bus"), "train is read as a class"),
        (("my train", "test 2", "more"), "my train and test 2 are read as classes"),
        (("train_station", "bridge"), ""),
    ],
)
def test_classes_that_look_like_splits_are_said_with_the_flags_that_decide(folders, said):
    found = layout([f"{folder}/1.png" for folder in folders])
    assert found.heldout is None
    if said:
        assert found.notes == (f"{said}; if they are splits, name them: --train DIR --test DIR.",)
    else:
        assert found.notes == ()


def test_the_user_may_name_the_splits():
    names = ["set/one/a/1.png", "set/one/b/2.png", "set/two/a/3.png", "set/three/4.png"]
    for train, heldout in (("one", "two"), ("set/one", "/set/two/"), ("./set/one", "two/a")):
        found = layout(names, train, heldout)
        assert labels(found.train) == {"set/one/a/1.png": "a", "set/one/b/2.png": "b"}
        assert list(labels(found.heldout)) == ["set/two/a/3.png"]
        assert "set/three/4.png" in found.notes[0]


def test_a_split_that_the_user_names_may_lie_in_the_other():
    found = layout(["1.png", "2.png", "kept/3.png"], ".", "kept")
    assert (len(found.train), list(labels(found.heldout))) == (2, ["kept/3.png"])


def test_folders_that_are_not_there_or_the_same_are_refused():
    with pytest.raises(DataError, match="c: no such folder with images in the dataset.") as caught:
        layout(["a/1.png", "b/2.png"], "a", "c")
    assert caught.value.expected == "Expected one of: a, b."
    with pytest.raises(UsageError, match="--train and --test are the same folder: a"):
        layout(["a/1.png", "b/2.png"], "a", "./a")
    with pytest.raises(DataError, match="set: no images in that folder but those of the other split."):
        layout(["set/a/1.png"], "set", "a")


def test_thumbnails_and_deleted_files_are_left_out_and_said():
    found = layout(
        ["cat/1.png", "cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg", "#recycle/2.png", "Thumbnails/1.jpg"]
    )
    assert labels(found.train) == {"cat/1.png": "cat"}
    assert found.notes[0].startswith(
        "3 images in folders of thumbnails or deleted files are left out: #recycle/2.png"
    )


def test_images_that_are_all_in_a_folder_called_thumbnails_are_the_set():
    assert len(layout(["thumbnails/a/1.png", "thumbnails/b/2.png"]).train) == 2


def test_a_name_written_in_two_ways_is_one_class():
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert composed != decomposed
    found = layout([f"train/{composed}/1.png", f"test/{decomposed}/2.png"])
    assert found.class_names == (composed,)
