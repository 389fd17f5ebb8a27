"""Many discs at once."""

import numpy as np

from vaecli.render.dots import fade, paint_dots, stamp

RED, BLUE = np.array([[220, 0, 0]], np.uint8), np.array([[0, 0, 220]], np.uint8)


def paper(height=20, width=30):
    return np.full((height, width, 3), 255, np.uint8)


def test_a_disc_covers_its_own_area():
    for radius in (1.5, 2.0, 3.4):
        assert abs(stamp(radius).sum() - np.pi * radius**2) < 0.12 * np.pi * radius**2


def test_x_goes_right_and_y_goes_down():
    canvas = paper()
    paint_dots(canvas, np.array([[25.2, 3.7]]), RED, 1.0)
    rows, columns = np.nonzero((canvas != 255).any(axis=2))
    assert (rows.mean(), columns.mean()) == (3.0, 25.0)


def test_the_later_point_lies_on_top():
    canvas = paper()
    points = np.array([[10.5, 10.5], [10.5, 10.5]])
    paint_dots(canvas, points, np.concatenate([RED, BLUE]), 2.0)
    assert canvas[10, 10].tolist() == [0, 0, 220]


def test_a_soft_edge_never_covers_a_full_middle():
    canvas = paper()
    paint_dots(canvas, np.array([[10.5, 10.5], [12.5, 11.5]]), np.concatenate([RED, BLUE]), 1.5)
    assert canvas[10, 11].tolist() == [220, 0, 0]


def test_discs_at_the_edge_are_cut_and_those_outside_left_out():
    canvas = paper()
    outside = np.array(
        [[-50.0, 5.0], [5.0, 1e12], [np.nan, 5.0], [np.inf, -np.inf], [0.0, 0.0], [29.9, 19.9]]
    )
    paint_dots(canvas, outside, RED.repeat(6, axis=0), 1.5)
    painted = (canvas != 255).any(axis=2)
    assert painted[0, 0]
    assert painted[-1, -1]
    assert painted.sum() == 8


def test_painting_nothing_changes_nothing():
    canvas = paper()
    paint_dots(canvas, np.zeros((0, 2)), np.zeros((0, 3), np.uint8), 1.5)
    assert (canvas == 255).all()


def test_a_colour_fades_towards_paper():
    assert fade(RED, 1.0).tolist() == RED.tolist()
    assert fade(RED, 0.0).tolist() == [[255, 255, 255]]
