"""Originals over reconstructions."""

import numpy as np
import pytest

from vaecli.render.images import as_rgb, rescale
from vaecli.render.reconstructions import reconstruction_frames, reconstructions

NAMES = ["t-shirt/top", "ankle boot", "bag"]


def test_each_reconstruction_stands_under_its_original(images, find):
    frame = reconstructions(
        images[:3], [images[3:6], images[6:9]], [("epoch 0", "500"), ("epoch 1", "300")], NAMES
    )[0]
    places = np.array([find(frame, rescale(as_rgb(image), 7)) for image in images[:9]]).reshape(3, 3, 2)
    rows, columns = places[..., 0], places[..., 1]
    assert (np.ptp(rows, axis=1) == 0).all()
    assert (np.ptp(columns, axis=0) == 0).all()
    assert (np.diff(rows[:, 0]) == 63 + 4).all()
    assert (np.diff(columns[0]) == 49 + 4).all()


def test_rows_and_columns_are_named(images, ink_in, find):
    frame = reconstructions(images[:3], [images[3:6]], [("epoch 12", "−ELBO 250.1")], NAMES, title="toy-1")[0]
    row, column = find(frame, rescale(as_rgb(images[0]), 7))
    assert ink_in(frame, slice(row, row + 63), slice(20, column - 10))
    assert ink_in(frame, slice(row + 67, row + 130), slice(20, column - 10))
    assert ink_in(frame, slice(row - 34, row), slice(column, column + 49))
    assert ink_in(frame, slice(10, 40), slice(20, 80))


def test_many_images_go_on_in_bands(images, find):
    frame = reconstructions(images, [255 - images], [("reconstruction", "")], columns=5)[0]
    places = [find(frame, rescale(as_rgb(image), 7)) for image in images]
    assert len({row for row, _ in places}) == 3
    assert places[0][1] == places[5][1] == places[10][1]
    assert find(frame, rescale(as_rgb(255 - images[11]), 7)) == (places[11][0] + 67, places[11][1])


@pytest.mark.parametrize("shape", [(28, 28, 1), (12, 40, 3), (200, 150, 3), (1, 1, 1)])
@pytest.mark.parametrize("count", [1, 2])
def test_any_shape_and_count_is_drawn(shape, count):
    images = np.full((count, *shape), 90, np.uint8)
    frame = reconstructions(
        images, [images], [("reconstruction", "")], ["name"] * count, title="a title that is long"
    )[0]
    assert frame.dtype == np.uint8
    assert (frame[:4] == 255).all()
    assert (frame[:, -4:] == 255).all()


def test_in_an_animation_only_reconstructions_and_the_caption_move(images, find):
    epochs = [images[3:6], images[6:9]]
    frames = reconstruction_frames(images[:3], [epochs], ["epoch 0", "epoch 1"], names=NAMES, title="toy-1")
    first, second = frames
    row, column = find(first, rescale(as_rgb(images[3]), 7))
    assert find(second, rescale(as_rgb(images[6]), 7)) == (row, column)
    moved = (first != second).any(axis=2)
    assert moved[15:40].any()
    moved[15:40] = False
    assert np.nonzero(moved)[0].min() >= row


def test_numbers_stand_below_the_last_row(images, find, ink_in):
    numbers = ["#4417", "#12", "#3"]
    frame = reconstructions(images[:3], [images[3:6]], [("a", "")], NAMES, numbers=numbers)[0]
    for image in images[3:6]:
        row, column = find(frame, rescale(as_rgb(image), 7))
        assert ink_in(frame, slice(row + 65, row + 81), slice(column, column + 49))
    assert (frame[-10:] == 255).all()


def test_runs_are_rows_and_the_shorter_one_rests_on_its_last(images, find):
    rows = [[images[3:6], images[6:9]], [images[9:12]]]
    frames = reconstruction_frames(images[:3], rows, ["epoch 0", "epoch 1"], [("one", ""), ("two", "")])
    for frame, above in zip(frames, (images[3], images[6]), strict=True):
        row, column = find(frame, rescale(as_rgb(above), 7))
        assert find(frame, rescale(as_rgb(images[9]), 7)) == (row + 67, column)
