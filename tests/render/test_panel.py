"""A window onto latent space."""

import numpy as np
import pytest

from vaecli.render.look import Look
from vaecli.render.page import Page
from vaecli.render.panel import Cloud, CloudPainter, LatentPanel, draw_legend, legend_width
from vaecli.render.style import class_colours

BOX = (60, 50, 200, 200)
BOUNDS = (-4.0, 4.0, -4.0, 4.0)


def test_up_is_up_and_right_is_right():
    panel = LatentPanel(Page(300, 300), BOX, BOUNDS, ("z₁", "z₂"))
    pixels = panel.to_pixels(np.array([[-4.0, 4.0], [0.0, 0.0], [4.0, -4.0]]))
    assert pixels.tolist() == [[0, 0], [100, 100], [200, 200]]


def test_a_scaled_page_has_scaled_pixels():
    panel = LatentPanel(Page(300, 300, Look(scale=2)), BOX, BOUNDS, ("z₁", "z₂"))
    assert panel.to_pixels(np.array([[0.0, 0.0]])).tolist() == [[200, 200]]


def test_the_priors_circles_are_round_and_where_they_belong():
    page = Page(300, 300)
    LatentPanel(page, BOX, BOUNDS, ("z₁", "z₂"))
    drawn = page.wipe()[:, :, 0] < 250
    for radius in (25, 50, 75):
        for row, column in (
            (150 - radius, 160),
            (150 + radius, 160),
            (150, 160 - radius),
            (150, 160 + radius),
        ):
            assert drawn[row - 1 : row + 2, column - 1 : column + 2].any()
    assert not drawn[110:112, 160].any()


def test_one_latent_makes_a_strip_per_class(line_cloud, class_names):
    panel = LatentPanel(Page(300, 300), BOX, BOUNDS, ("z₁",), class_names)
    places = panel.place(line_cloud.points[-1], line_cloud.labels)
    assert (np.floor(places[:, 1]) == line_cloud.labels).all()
    assert np.ptp(places[line_cloud.labels == 0, 1]) > 0.5
    np.testing.assert_array_equal(places, panel.place(line_cloud.points[-1], line_cloud.labels))


def test_what_is_not_a_class_goes_into_the_last_strip():
    panel = LatentPanel(Page(300, 300), BOX, BOUNDS, ("z₁",), ["a", "b", "walk"])
    assert panel.place_below(np.array([[1.5]])).tolist() == [[1.5, 2.5]]


def test_nothing_is_painted_outside_the_window(cloud, class_names):
    page = Page(300, 300)
    panel = LatentPanel(page, BOX, (-0.5, 0.5, -0.5, 0.5), cloud.axis_labels)
    still = page.wipe().copy()
    CloudPainter(panel, cloud, len(class_names)).paint(1)
    outside = np.ones(still.shape[:2], bool)
    outside[page.box(*BOX)] = False
    np.testing.assert_array_equal(page.pixels[outside], still[outside])
    assert (page.pixels != still).any()


def test_no_class_hides_another():
    labels = np.arange(4000) % 2
    generator = np.random.default_rng(0)
    page = Page(300, 300)
    panel = LatentPanel(page, BOX, BOUNDS, ("z₁", "z₂"))
    page.wipe()
    CloudPainter(panel, Cloud([generator.normal(size=(4000, 2))], labels), 2).paint(0)
    shown = [(page.pixels[:, :, :3] == colour).all(axis=2).sum() for colour in class_colours(2)]
    assert 0.8 < shown[0] / shown[1] < 1.25


def test_points_rest_until_they_move_and_the_last_frame_is_exact():
    page = Page(300, 300)
    panel = LatentPanel(page, BOX, BOUNDS, ("z₁", "z₂"))
    steps = [np.array([[x, 0.0]]) for x in (0.0, 0.06, 0.5, 0.56)]  # 0.08 is two pixels
    painter = CloudPainter(panel, Cloud(steps), 0)

    def columns(index):
        page.wipe()
        before = page.pixels.copy()
        painter.paint(index)
        return sorted(set(np.nonzero((page.pixels != before).any(axis=2))[1].tolist()))

    assert columns(0) == columns(1) != columns(2) != columns(3)


def test_the_legend_names_what_fits_and_counts_the_rest():
    assert legend_width([]) == 0
    names = [f"class {number}" for number in range(100)]
    page = Page(300, 300)
    draw_legend(page, 10, 10, 280, names)
    words = [text.get_text() for text in page.figure.texts]
    assert words[0] == "class 0"
    assert words[-1] == f"and {100 - len(words) + 1} more"
    assert len(words) == pytest.approx(280 / 18, abs=1)
