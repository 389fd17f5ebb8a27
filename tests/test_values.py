"""Words that users write, and the values that they stand for."""

import pytest

from vaecli.errors import UsageError
from vaecli.values import (
    parse_bands,
    parse_capacity,
    parse_frames,
    parse_range,
    parse_size,
    parse_table,
    parse_value,
    plain,
)


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
    ("word", "annotation", "limits", "value"),
    [
        ("20", "int", {}, 20),
        (20.0, "int", {}, 20),
        ("1e3", "int", {}, 1000),
        ("-0.5", "float | None", {}, -0.5),
        (None, "float | None", {}, None),
        ("Auto", "int | None", {"choices": (1, 3), "auto": True}, None),
        ("3", "int | None", {"choices": (1, 3), "auto": True}, 3),
    ],
)
def test_a_word_becomes_a_value_of_the_annotated_type(word, annotation, limits, value):
    found = parse_value("knob", word, annotation, limits)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("word", "annotation", "limits", "message"),
    [
        ("many", "int", {}, "knob is 'many'.\nExpected: a whole number."),
        ("1.5", "int", {}, "knob is 1.5.\nExpected: a whole number."),
        ("9" * 5000, "int", {}, "knob is inf.\nExpected: a whole number."),
        (True, "int", {}, "knob is True.\nExpected: a whole number."),
        (["1"], "float", {}, "knob is ['1'].\nExpected: a number."),
        ("nan", "float", {}, "knob is nan.\nExpected: a number."),
        ("inf", "float", {"maximum": 3}, "knob is inf.\nExpected: a number at most 3."),
        ("0", "int", {"minimum": 1}, "knob is 0.\nExpected: a whole number at least 1."),
        ("2", "int | None", {"choices": (1, 3), "auto": True}, "knob is 2.\nExpected one of: auto, 1, 3."),
        ("x", "int | None", {"choices": (1, 3), "auto": True}, "knob is 'x'.\nExpected one of: auto, 1, 3."),
    ],
)
def test_a_word_that_stands_for_no_value_is_named_with_what_was_expected(word, annotation, limits, message):
    with pytest.raises(UsageError) as caught:
        parse_value("knob", word, annotation, limits)
    assert str(caught.value) == message


def test_a_range_is_two_numbers_the_smaller_one_first():
    assert parse_range("-1000, 2e3") == (-1000.0, 2000.0)
    for word in ("5,1", "5", "1,2,3", "0,inf", "nan,1", "a,b", ""):
        with pytest.raises(UsageError, match="Expected: two numbers, black and white, for example 0,4095"):
            parse_range(word)


def test_bands_are_one_channel_or_three_counted_from_1():
    assert (parse_bands("4, 3, 2"), parse_bands("1")) == ((4, 3, 2), (1,))
    for word in ("0", "1,2", "1,2,3,4", "x", "", "-1"):
        with pytest.raises(UsageError, match="Expected: one channel or three, counted from 1"):
            parse_bands(word)


def test_a_capacity_is_nats_and_perhaps_epochs():
    assert (parse_capacity("25"), parse_capacity(" 7.5:0 ")) == ((25.0, None), (7.5, 0.0))
    for word in ("", "-1", "25:", ":3", "25:3:1", "1e3", "x" * 99):
        with pytest.raises(UsageError, match="Expected: nats, and after a colon epochs"):
            parse_capacity(word)


def test_a_frame_is_a_number_from_1_and_all_are_none():
    assert (parse_frames("1"), parse_frames("30"), parse_frames("all")) == (0, 29, None)
    for word in ("0", "-1", "every", "1.5", ""):
        with pytest.raises(UsageError, match="Expected: all, or the number of a frame from 1"):
            parse_frames(word)


def test_a_table_is_a_csv_file_and_perhaps_a_column():
    assert parse_table("Meta/Labels.CSV:patient") == ("Meta/Labels.CSV", "patient")
    assert parse_table("a.csv") == ("a.csv", "")
    assert parse_table("(.*)_[0-9]+") is None


def test_a_whole_number_is_shown_without_its_decimal_point():
    assert [plain(value) for value in (2.0, 0.5, 20, "conv")] == ["2", "0.5", "20", "conv"]
