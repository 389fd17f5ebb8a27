"""A page: pixels from the top left, a still part, a moving part."""

import numpy as np
import pytest

from vaecli.errors import UsageError
from vaecli.render.look import Look
from vaecli.render.page import Page, cut, fold, text_width


def test_a_page_has_even_sides_times_its_scale():
    page = Page(101, 50.5, Look(scale=2))
    page.wipe()
    assert page.snap().shape == (104, 204, 3)
    assert page.snap().dtype == np.uint8
    assert (page.snap() == 255).all()


def test_axes_fill_exactly_their_box():
    page = Page(200, 100)
    axes = page.axes(40, 20, 100, 50)
    box = axes.get_window_extent()
    assert np.allclose([box.x0, 100 - box.y1, box.width, box.height], [40, 20, 100, 50])


def test_text_stands_on_its_baseline():
    page = Page(100, 60)
    page.text(20, 40, "HHH", size=20)
    rows, columns = np.nonzero(page.wipe()[:, :, 0] < 128)
    assert abs(rows.max() - 39) <= 1
    assert 20 <= columns.min() <= 23


def test_what_was_painted_is_gone_after_a_wipe():
    page = Page(20, 20)
    page.text(2, 15, "M")
    still = page.wipe().copy()
    page.paste(np.zeros((5, 6, 3), np.uint8), 3, 4)
    assert (page.pixels[4:9, 3:9, :3] == 0).all()
    np.testing.assert_array_equal(page.wipe(), still)


def test_a_snap_is_not_touched_by_later_frames():
    page = Page(20, 20)
    page.wipe()
    snap = page.snap()
    page.paste(np.zeros((20, 20, 3), np.uint8), 0, 0)
    assert (snap == 255).all()


def test_moving_text_is_only_where_it_is_written():
    page = Page(80, 40)
    text = page.moving_text(10, 30)
    assert (page.wipe()[:, :, :3] == 255).all()
    page.write(text, "epoch 3")
    assert (page.pixels[:, :, :3] < 128).any()


def test_dollars_are_not_mathematics():
    page = Page(100, 40)
    page.text(5, 30, "$x^2$")
    dollars = page.wipe()[:, :, 0].copy()
    plain = Page(100, 40)
    plain.text(5, 30, "x^2")
    assert (dollars != plain.wipe()[:, :, 0]).any()


@pytest.mark.parametrize("name", ["靴", "", "\u200b"])
@pytest.mark.filterwarnings("ignore::vaecli.render.fonts.MissingLetters")
def test_letters_that_no_font_has_are_no_error(name):
    page = Page(80, 40)
    page.text(5, 30, name)
    page.wipe()
    assert text_width(name) >= 0


def test_long_names_fold_once_and_are_cut():
    assert fold("a-very-long-name-of-an-image.png", 60, 12).count("\n") == 1
    folded = fold("unbreakablename", 30, 12)
    assert folded.endswith("…")
    assert text_width(folded, 12) <= 30
    assert cut("W", 1) == "W"


def test_a_page_that_is_too_large_is_refused():
    with pytest.raises(UsageError, match="The picture would be 20,000 × 40,000 pixels"):
        Page(10_000, 20_000, Look(scale=2))
