"""How a page is dressed."""

import numpy as np
import pytest

from vaecli.render.look import Look
from vaecli.render.page import Page, text_width, wrap
from vaecli.render.scatter import scatter
from vaecli.render.style import DARK, PAPER, to_rgb

BOUNDS = (-4.0, 4.0, -4.0, 4.0)


def test_title_and_caption_stand_above_and_below_what_is_drawn_as_always(cloud, class_names):
    plain = scatter([cloud], class_names, BOUNDS)[-1]
    dressed = scatter([cloud], class_names, BOUNDS, look=Look(title="A title", caption="Two words. " * 40))[
        -1
    ]
    top = 44
    assert np.array_equal(dressed[top : top + plain.shape[0] - 2], plain[:-2])
    assert (dressed[:top] < 100).any()
    assert (dressed[top + plain.shape[0] :] < 160).any()
    assert (dressed[:, -10:] == 255).all()
    assert (dressed[-6:] == 255).all()


def test_a_caption_takes_as_many_lines_as_it_needs_and_loses_no_word():
    words = "one two three " * 20 + "a-word-that-is-much-longer-than-the-page"
    lines = wrap(words, 120, 13)
    assert " ".join(lines).split() == words.split()
    assert all(text_width(line, 13) <= 120 for line in lines if " " in line)


def test_a_dark_page_is_dark_wherever_nothing_is_drawn(cloud, class_names):
    look = Look(dark=True)
    frame = scatter([cloud], class_names, BOUNDS, look=look)[-1]
    paper = to_rgb(DARK[PAPER])
    assert (frame == paper).all(axis=2).mean() > 0.8
    assert not (frame == 255).all(axis=2).any()  # no rim of white paper
    for colour in look.class_colours(3):
        assert (frame == colour).all(axis=2).any()


@pytest.mark.parametrize("density", [50.0, 100.0, 250.0])
def test_the_size_on_paper_changes_no_pixel(density):
    pages = [Page(300, 200, Look(2, each)) for each in (100.0, density)]
    for page in pages:
        page.text(20, 40, "Some words", size=16, bold=True)
        page.axes(40, 60, 200, 100)
        page.wipe()
    assert pages[0].snap().shape == pages[1].snap().shape
    assert np.abs(pages[0].snap().astype(int) - pages[1].snap()).mean() < 0.5
    assert pages[1].figure.get_size_inches()[0] == pytest.approx(300 / density)
