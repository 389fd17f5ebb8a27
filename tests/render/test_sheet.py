"""Sheets of images."""

import numpy as np
import pytest

from vaecli.render.images import as_rgb, rescale
from vaecli.render.sheet import class_sheet, contact_sheet


def test_a_class_sheet_has_a_row_per_class(images, find, ink_in):
    labels = np.array([2, 0, 1, 0, 2, 1, 0, 0, 0, 0, 0, 0])
    frame = class_sheet(images, labels, ["a", "b", "c", "nobody"], columns=4, title="toy")[0]
    row_of = {number: find(frame, rescale(as_rgb(images[number]), 7)) for number in range(12)}
    assert row_of[1][0] == row_of[3][0] == row_of[6][0] < row_of[2][0] == row_of[5][0] < row_of[0][0]
    assert row_of[9] is None  # the fifth of its class
    assert ink_in(frame, slice(row_of[1][0], row_of[1][0] + 63), slice(20, row_of[1][1] - 10))


def test_a_contact_sheet_is_read_like_text(images, find):
    frame = contact_sheet(images, columns=4)[0]
    places = [find(frame, rescale(as_rgb(image), 12)) for image in images]
    assert places == sorted(places)
    assert len({row for row, _ in places}) == 3


@pytest.mark.parametrize(("count", "factor"), [(1, 50), (2, 12), (5, 12), (12, 12)])
def test_a_contact_sheet_of_any_count_has_its_captions_below(images, count, factor, find, ink_in):
    frame = contact_sheet(images[:count], [f"#{number}" for number in range(count)], title="drawn")[0]
    row, column = find(frame, rescale(as_rgb(images[count - 1]), factor))
    assert ink_in(frame, slice(row + 9 * factor, row + 9 * factor + 18), slice(column, column + 7 * factor))


def test_large_images_are_reduced():
    assert contact_sheet(np.zeros((4, 512, 512, 3), np.uint8))[0].shape[0] < 700
