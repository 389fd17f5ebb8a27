import pytest

from vaecli.data.classes import choose_classes
from vaecli.errors import DataError

NAMES = ("t-shirt/top", "trouser", "sandal", "shirt", "sneaker", "Ankle boot")


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ((), (0, 1, 2, 3, 4, 5)),
        (("boot", "sandal"), (2, 5)),
        (("shirt",), (3,)),
        (("SNEAK", "sneaker"), (4,)),
    ],
)
def test_a_class_is_meant_by_its_name_or_a_unique_part(words, chosen):
    assert choose_classes(words, NAMES) == chosen


def test_a_part_of_several_names_is_an_error_that_lists_them():
    with pytest.raises(DataError, match="'er' matches several classes") as caught:
        choose_classes(["er"], NAMES)
    assert caught.value.expected == "Expected one of: trouser, sneaker."


def test_a_near_miss_is_suggested():
    with pytest.raises(DataError, match="No class is called 'sandle'") as caught:
        choose_classes(["sandle"], NAMES)
    assert caught.value.mend == "Did you mean 'sandal'?"


def test_many_classes_are_not_all_listed():
    with pytest.raises(DataError) as caught:
        choose_classes(["zzz"], [str(number) for number in range(1000)])
    assert "19 … (1000 in total)" in caught.value.expected
