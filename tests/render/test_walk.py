"""Walks through latent space."""

from dataclasses import replace

import numpy as np
import pytest

from vaecli.latents import walk as latents_of
from vaecli.render.images import as_rgb, rescale
from vaecli.render.page import Page
from vaecli.render.style import ACCENT, to_rgb
from vaecli.render.walk import Walk, _Way, filmstrip, walk_frames, walk_on_scatter, walk_on_scatter_frames

BOUNDS = (-4.0, 4.0, -4.0, 4.0)


@pytest.fixture
def walk(images):
    points = latents_of(np.array([[-2.0, -2.0], [2.0, -2.0], [2.0, 2.0]]), 9)
    return Walk(images[:9], {0: "sandal", 4: "sneaker", 8: "ankle boot"}, points)


def accent(frame):
    """Return the mean row and column of the marker's colour."""
    return np.argwhere((frame == to_rgb(ACCENT)).all(axis=2)).mean(axis=0)


def test_a_filmstrip_is_read_like_text_with_its_stops_named(walk, find, ink_in):
    frame = filmstrip(walk, title="toy-1", columns=5)[0]
    places = [find(frame, rescale(as_rgb(image), 9)) for image in walk.images]
    assert places == sorted(places)
    assert len({row for row, _ in places}) == 2
    for step, (row, column) in enumerate(places):
        named = ink_in(frame, slice(row - 22, row - 2), slice(column, column + 20))
        assert named == (step in walk.stops)


@pytest.fixture
def walk_of_images(walk, images):
    originals, captions = {0: images[9], 8: images[10]}, {0: "original #9", 8: "original"}
    return replace(walk, originals=originals, captions=captions)


def test_originals_stand_below_the_images_that_were_decoded_from_them(walk_of_images, find, ink_in):
    frame = filmstrip(walk_of_images, columns=5)[0]
    for step, original in walk_of_images.originals.items():
        row, column = find(frame, rescale(as_rgb(walk_of_images.images[step]), 9))
        below, beside = find(frame, rescale(as_rgb(original), 9))
        assert (below, beside) == (row + 81 + 8, column)
        assert ink_in(frame, slice(below + 85, below + 97), slice(column, column + 40))
    assert (frame[-10:] == 255).all()


def test_beside_the_scatter_originals_make_the_page_no_higher(walk, walk_of_images, cloud, class_names):
    frames = [walk_on_scatter(way, cloud, class_names, BOUNDS)[0] for way in (walk, walk_of_images)]
    assert abs(frames[0].shape[0] - frames[1].shape[0]) <= 60
    assert not np.array_equal(frames[0][:, 560:], frames[1][:, 560:])


@pytest.mark.parametrize("steps", [2, 3, 9])
def test_a_filmstrip_of_any_length_fits_its_page(images, steps):
    stops = {0: "a name that is much longer than an image", steps - 1: "another name that is longer"}
    frame = filmstrip(Walk(images[:steps], stops))[0]
    assert (frame[:, -10:] == 255).all()
    assert (frame[-10:] == 255).all()


def test_a_walk_shows_one_image_per_frame_and_how_far_it_has_come(walk, find):
    frames = walk_frames(walk, title="toy-1")
    assert len(frames) == 9
    for step in (0, 5):
        assert find(frames[step], rescale(as_rgb(walk.images[step]), 47)) == (52, 20)
    columns = [accent(frame)[1] for frame in frames]
    np.testing.assert_allclose(np.diff(columns), np.diff(columns)[0], atol=1.5)
    assert np.diff(columns)[0] > 10


def test_the_marker_walks_over_the_scatter(walk, cloud, class_names):
    frames = walk_on_scatter_frames(walk, cloud, class_names, BOUNDS)
    panel = (slice(53, 531), slice(61, 539))
    moved = [(frames[0][panel] != frames[step][panel]).any(axis=2) for step in (2, 6)]
    for changed, (x, y) in zip(moved, walk.points[[2, 6]], strict=True):
        row, column = 480 * (4 - y) / 8, 480 * (x + 4) / 8
        assert changed[int(row) - 4 : int(row) + 4, int(column) - 4 : int(column) + 4].any()


def test_the_way_is_drawn_beside_the_filmstrip(walk, cloud, class_names, find):
    frame = walk_on_scatter(walk, cloud, class_names, BOUNDS, title="toy-1")[0]
    row, column = find(frame, rescale(as_rgb(walk.images[0]), 18))
    assert column > 540
    on_the_way = frame[52 + 360, 60 + 120 : 60 + 360]  # y = −2, from x = −2 to 2
    assert (np.abs(on_the_way.astype(int) - to_rgb(ACCENT)).max(axis=1) < 60).sum() > 60
    assert row < 120


def test_the_walk_of_one_latent_has_a_strip_of_its_own(walk, line_cloud, class_names):
    line = Walk(walk.images, walk.stops, walk.points[:, :1])
    frame = walk_on_scatter(line, line_cloud, class_names, BOUNDS)[0]
    rows = np.nonzero((frame[:532] == to_rgb(ACCENT)).all(axis=2))[0]
    assert rows.min() > 52 + 480 * 3 / 4


def test_a_walk_on_the_scatter_needs_points(images, cloud, class_names):
    with pytest.raises(TypeError, match="needs its points"):
        walk_on_scatter(Walk(images, {0: "a"}), cloud, class_names, BOUNDS)[0]


def test_names_of_stops_that_lie_close_together_stand_apart(images, cloud, class_names):
    points = latents_of(np.array([[-1.0, 0.1], [-1.2, 0.2], [-0.9, 0.1], [-1.0, 0.0]]), 10)
    walk = Walk(images[:10], {0: "sandal", 3: "sneaker", 6: "slipper", 9: "ankle boot"}, points)
    page = Page(600, 600)
    way = _Way(page, (60, 52, 480, 480), walk, cloud, class_names, BOUNDS, [])
    boxes = [name.get_window_extent(page.figure.canvas.get_renderer()) for name in way.names]
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
