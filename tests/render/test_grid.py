"""Decoded grids."""

import numpy as np
import pytest

from vaecli.images import tiled
from vaecli.latents import grid as latents_of
from vaecli.latents import grid_axis
from vaecli.render.grid import Grid, grid_beside_scatter
from vaecli.render.grid import grids as draw_grids
from vaecli.render.images import as_rgb, rescale
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter


@pytest.fixture
def grids():
    """Two grids of 4 × 5 images of 6 × 7 pixels, with a marker in the top right cell of each."""
    grids = np.random.default_rng(0).integers(0, 200, (2, 4, 5, 6, 7, 1), dtype=np.uint8)
    grids[:, 0, 4] = 255
    grids[:, 0, 4, 0, 0] = 0
    return grids


def grid(images, x_axis, y_axis=None, look=PLAIN_LOOK, **words):
    return draw_grids([Grid(images, x_axis, y_axis, **words)], look=look)


X, Y = grid_axis(5), grid_axis(4)[::-1]


def test_the_grid_is_whole_seamless_and_the_right_way_up(grids, find):
    frame = grid(grids, X, Y, captions=["a", "b"])[1]
    factor = 560 // 35
    whole = rescale(tiled(as_rgb(grids[1])), factor)
    assert find(frame, whole) == (52, 60)
    top_right = rescale(as_rgb(grids[1, 0, 4]), factor)
    assert find(frame, top_right) == (52, 60 + 4 * 7 * factor)


def test_only_the_images_and_the_caption_move(grids):
    first, second = grid(grids, X, Y, captions=["epoch 0", "epoch 1"])
    moved = (first != second).any(axis=2)
    moved[52 : 52 + 24 * 16, 60 : 60 + 35 * 16] = False
    rows, columns = np.nonzero(moved)
    assert rows.max() < 42
    assert columns.min() > 500


def test_the_axes_of_each_frame_are_named_after_its_own_plane(grids):
    same = [grids[0], grids[0], grids[0]]
    planes = [("z₃", "z₇"), ("z₃", "z₄"), ("z₃", "z₇")]
    first, second, third = grid(same, X, Y, planes=planes)
    assert np.array_equal(first, third)
    rows, columns = np.nonzero((first != second).any(axis=2))
    assert columns.max() < 40  # the name of the vertical axis alone
    assert abs(rows.mean() - (52 + 12 * 16)) < 12
    static = grid(same[:1], X, Y, axis_labels=("z₃", "z₇"))[0]
    assert np.array_equal(static, first)


def test_the_axes_are_numbered_with_latent_values(grids, ink_in):
    frame = grid(grids, X, Y)[0]
    below = 52 + 24 * 16
    for column in (0, 4):  # −3 and 3 stand under the middle of the outer cells
        middle = 60 + int((column + 0.5) * 7 * 16)
        assert ink_in(frame, slice(below + 4, below + 20), slice(middle - 10, middle + 10))
    assert not ink_in(frame, slice(below + 4, below + 20), slice(60, 60 + 40))
    assert ink_in(frame, slice(52, below), slice(30, 56))


def test_one_latent_makes_one_row(grids):
    frame = grid(grids[:, :1], X, axis_labels=("z₁",))[0]
    assert frame.shape[:2] == (52 + 96 + 58, 20 + 560 + 20)


def test_large_images_are_reduced_to_fit():
    frame = grid([np.zeros((10, 10, 256, 256, 3), np.uint8)], grid_axis(10), grid_axis(10)[::-1])[0]
    assert 400 < frame.shape[0] < 900


@pytest.mark.parametrize("scale", [1, 2])
def test_a_page_twice_as_fine_has_twice_the_pixels(grids, scale):
    assert grid(grids, X, Y, look=Look(scale=scale))[0].shape == (494 * scale, 640 * scale, 3)


def test_both_axes_beside_each_other_are_named_after_the_plane_of_the_frame(cloud, class_names, grids):
    latents, planes = latents_of(4, 5, 2), [("z₁", "z₂"), ("z₅", "z₂")]
    still = Cloud([cloud.points[0]] * 2, cloud.labels)
    first, second = grid_beside_scatter(
        still, class_names, (-4.0, 4.0, -4.0, 4.0), [grids[0]] * 2, latents, X, Y, planes=planes
    )
    columns = np.nonzero((first != second).any(axis=(0, 2)))[0]
    assert len(np.split(columns, np.nonzero(np.diff(columns) > 100)[0] + 1)) == 2  # one name under each


def test_the_grids_points_stand_on_the_scatter_beside_their_images(cloud, class_names, grids, find):
    bounds = (-4.0, 4.0, -4.0, 4.0)
    latents = latents_of(4, 5, 2)
    frames = grid_beside_scatter(cloud, class_names, bounds, grids, latents, X, Y)
    assert len(frames) == 2
    frame = frames[1]
    row, column = find(frame, rescale(tiled(as_rgb(grids[1])), 16))
    assert row == 52
    side = 420
    for x, y in latents[[0, -1], [0, -1]]:
        dot_row, dot_column = 52 + side * (4 - y) / 8, 60 + side * (x + 4) / 8
        assert frame[int(dot_row), int(dot_column)].max() < 60
    assert column > 60 + side


def test_the_grid_of_one_latent_lies_below_its_strips(line_cloud, class_names, grids, find):
    latents = latents_of(1, 5, 1, dims=(0,))
    frame = grid_beside_scatter(line_cloud, class_names, (-4.0, 4.0, -4.0, 4.0), grids[:, :1], latents, X)[0]
    row, _ = find(frame, rescale(tiled(as_rgb(grids[0, :1])), 16))
    assert row > 52 + 560


def test_numbers_that_would_crowd_are_left_out(ink_in):
    axis = grid_axis(30, 3.0, "quantile")
    frame = grid([np.zeros((30, 30, 20, 20, 1), np.uint8)], axis, axis[::-1])[0]
    below = frame[52 + 600 + 6 : 52 + 600 + 22, 60:660, 0] < 140
    columns = np.flatnonzero(below.any(axis=0))
    assert (np.diff(columns) > 8).sum() == 4  # −2, −1, 0, 1, 2


def test_a_long_axis_name_stays_on_the_page(cloud, class_names):
    long = Cloud(cloud.points, cloud.labels, cloud.captions, axis_labels=("PC 1 (57 %)", "PC 2 (37 %)"))
    frame = scatter([long], class_names, (-4.0, 4.0, -4.0, 4.0))[0]
    assert (frame[:, :6] == 255).all()
    assert (frame[240:340, 6:30] < 140).any()


def test_grids_of_several_runs_stand_side_by_side_and_the_shorter_rests_on_its_last(grids, find):
    captions = ["epoch 0", "epoch 1"]
    both = [
        Grid(grids, X, Y, captions, "one", note="z₃ is held at 0."),
        Grid(grids[:1], X, Y, captions[:1], "two"),
    ]
    frames = draw_grids(both)
    assert len(frames) == 2
    for number, frame in enumerate(frames):
        row, column = find(frame, rescale(tiled(as_rgb(grids[number])), 16))
        pictures = rescale(tiled(as_rgb(grids[0])), 16)
        right = find(frame[:, column + 600 :], pictures)
        assert right is not None
        assert right[0] == row
    assert (frames[0][:, -10:] == 255).all()
