import pytest

from vaecli.data.files.layout import layout


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
