"""Names straight on a cloud."""

import numpy as np

from vaecli.render.labels import direct_labels, spread_apart
from vaecli.render.page import Page
from vaecli.render.panel import Cloud, LatentPanel


def panel_on(size=400):
    return LatentPanel(
        Page(size + 100, size + 100), (60, 50, size, size), (-4.0, 4.0, -4.0, 4.0), ("z₁", "z₂")
    )


def test_each_name_stands_at_the_middle_of_its_class(cloud, class_names):
    texts = direct_labels(panel_on(), cloud, class_names)
    assert [text.get_text() for text in texts] == class_names
    x, y = texts[0].get_position()
    assert x * 500 > 300  # the first class is at the top right
    assert y * 500 > 300


def test_names_that_would_touch_move_apart_but_not_far():
    middles = {number: np.array([100.0, 100.0]) for number in range(3)}
    places = spread_apart(middles, dict.fromkeys(range(3), 40.0), dict.fromkeys(range(3), 44.0), (200, 200))
    centres = np.array(list(places.values()))
    for first in range(3):
        for second in range(first):
            gap = np.abs(centres[first] - centres[second])
            assert gap[0] >= 40 or gap[1] >= 19


def test_names_that_do_not_fit_are_not_written_at_all(cloud, class_names):
    crowded = Cloud([np.zeros((90, 2))], np.arange(90) % 30)
    assert direct_labels(panel_on(), crowded, ["a long name of a class"] * 30) is None
    assert direct_labels(panel_on(), Cloud(cloud.points), class_names) is None


def test_names_of_a_cloud_too_small_for_them_are_not_written_beside_it(cloud, class_names):
    tiny = Cloud([0.02 * frame for frame in cloud.points], cloud.labels)
    assert direct_labels(panel_on(), tiny, class_names) is None
