import pytest

from vaecli.data import load_dataset
from vaecli.data.elsewhere import refuse_elsewhere
from vaecli.errors import DataError


@pytest.mark.parametrize(
    ("word", "mend"),
    [
        ("keras:cifar100", "keras.datasets.cifar100.load_data(); numpy.savez('cifar100.npz', x_train=a"),
        ("tfds:svhn_cropped", "t.load('svhn_cropped', split=['train', 'test']"),
        ("hf:cifar10", "Save its images as train/<class>/ and test/<class>/."),
    ],
)
def test_a_set_of_another_library_is_refused_with_a_way_to_it(word, mend):
    with pytest.raises(DataError, match=f"{word}: sets of other libraries are not loaded") as caught:
        load_dataset(word)
    assert mend in caught.value.mend
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("word", ["keras:a'); import os", "keras:", "fashion", "other:name"])
def test_other_words_are_left_alone_and_nothing_strange_becomes_a_command(word):
    refuse_elsewhere(word)
