import pytest

from vaecli.data.knobs import Knobs, parse_colour, parse_size
from vaecli.errors import UsageError


@pytest.mark.parametrize(
    ("size", "sides"), [("64", (64, 64)), ("8x256", (8, 256)), (" 64X48 ", (64, 48)), ("9×10", (9, 10))]
)
def test_a_size_is_a_side_or_height_by_width(size, sides):
    assert parse_size(size) == sides


@pytest.mark.parametrize("size", ["", "3", "1025", "64x", "64x48x3", "-64", "6.4", "big", "٦٤"])
def test_a_size_that_is_none_is_an_error(size):
    with pytest.raises(UsageError, match=f"size is '{size}'") as caught:
        parse_size(size)
    assert "64x48" in caught.value.expected


@pytest.mark.parametrize(
    ("word", "colour"),
    [("white", (255, 255, 255)), ("#369", (0x33, 0x66, 0x99)), (" #0a0B0c ", (10, 11, 12))],
)
def test_a_colour_has_a_name_or_digits(word, colour):
    assert parse_colour(word) == colour


def test_a_colour_that_is_none_is_an_error():
    with pytest.raises(UsageError, match="background is 'blurple'"):
        Knobs.parse(background="blurple")


@pytest.mark.parametrize("classes", [None, "", " , "])
def test_no_classes_are_all_classes(classes):
    assert Knobs.parse(classes=classes).classes == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"channels": 4}, "channels is 4"),
        ({"fit": "squeeze"}, "fit is 'squeeze'.\nExpected one of: cover, contain, stretch."),
        ({"test_fraction": 0.0}, "test-fraction is 0.0"),
        ({"test_fraction": 1.0}, "test-fraction is 1.0"),
        ({"test_fraction": float("nan")}, "test-fraction is nan"),
    ],
)
def test_a_knob_that_makes_no_sense_is_named(words, message):
    with pytest.raises(UsageError) as caught:
        Knobs.parse(**words)
    assert message in str(caught.value)
