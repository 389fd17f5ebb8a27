"""The scatter of held-out means."""

import itertools

import numpy as np
import pytest

from vaecli.latents import robust_bounds
from vaecli.render.look import Look
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter
from vaecli.render.style import class_colours

BOUNDS = (-4.0, 4.0, -4.0, 4.0)


def middle_of(frame, colour):
    """Return the mean row and column of the pixels of a colour left of the legend."""
    rows, columns = np.nonzero((frame[:, :542] == colour).all(axis=2))
    return rows.mean(), columns.mean()


def test_a_class_is_drawn_where_it_is(cloud, class_names):
    frame = scatter([cloud], class_names, BOUNDS)[3]
    places = [middle_of(frame, colour) for colour in class_colours(3)]
    top_right, top_left, bottom = places
    assert top_right[0] < 292 < bottom[0]
    assert top_left[1] < bottom[1] < top_right[1]
    assert abs(top_right[1] - (60 + 480 * 0.75)) < 10
    assert abs(top_right[0] - (52 + 480 * 0.25)) < 10


def test_only_the_points_and_the_caption_move(cloud, class_names):
    frames = np.stack(list(scatter([cloud], class_names, BOUNDS)))
    moved = (frames != frames[0]).any(axis=(0, 3))
    moved[53:531, 61:539] = False  # inside the panel
    rows, columns = np.nonzero(moved)
    assert rows.min() > 20
    assert rows.max() < 42
    assert columns.min() > 380
    assert columns.max() < 542


def test_the_page_has_numbers_names_title_and_caption(cloud, class_names, ink_in):
    frame = scatter([cloud], class_names, BOUNDS)[0]
    assert ink_in(frame, slice(15, 45), slice(60, 120))  # title
    assert ink_in(frame, slice(15, 45), slice(400, 541))  # caption
    assert ink_in(frame, slice(535, 552), slice(60, 541))  # numbers
    assert ink_in(frame, slice(555, 590), slice(280, 320))  # z₁
    assert ink_in(frame, slice(52, 140), slice(570, None))  # legend
    for colour in class_colours(3):
        assert (frame[:, 550:] == colour).all(axis=2).any()


def test_a_margin_of_paper_is_left_all_around(cloud, class_names):
    for frame in (scatter([cloud], class_names, BOUNDS)[0], scatter([cloud] * 2, class_names, BOUNDS)[0]):
        edge = np.ones(frame.shape[:2], bool)
        edge[4:-4, 4:-4] = False
        assert (frame[edge] == 255).all()


def test_a_still_carries_its_names_on_the_points(cloud, class_names):
    still = Cloud(cloud.points[-1:], cloud.labels, cloud.captions[-1:], cloud.title)
    frames = scatter([still], class_names, BOUNDS)
    assert len(frames) == 1
    assert frames[0].shape[1] == 640  # no legend
    assert scatter([still], class_names, BOUNDS, look=Look(scale=2))[0].shape[:2] == tuple(
        2 * side for side in frames[0].shape[:2]
    )


def test_a_crowded_still_falls_back_to_the_legend(cloud):
    names = [f"a class with a long name {number}" for number in range(12)]
    still = Cloud([np.zeros((90, 2))], np.arange(90) % 12)
    assert scatter([still], names, BOUNDS)[0].shape[1] > 700


def test_in_between_frames_start_and_end_at_the_epochs(cloud, class_names):
    plain = scatter([cloud], class_names, BOUNDS)
    eased = scatter([cloud], class_names, BOUNDS, between=3)
    assert len(eased) == 13
    np.testing.assert_array_equal(eased[-1], plain[-1])
    np.testing.assert_array_equal(eased[4][53:531, 61:539], plain[1][53:531, 61:539])
    half = middle_of(eased[10], class_colours(3)[0])[0]
    assert middle_of(eased[12], class_colours(3)[0])[0] < half < middle_of(eased[8], class_colours(3)[0])[0]


def test_two_runs_share_one_scale_and_the_shorter_one_rests(cloud, class_names):
    short = Cloud(cloud.points[:2], cloud.labels, cloud.captions[:2], "short")
    frames = scatter([cloud, short], class_names, BOUNDS)
    assert len(frames) == 4
    right = (slice(53, 471), slice(509, 927))
    np.testing.assert_array_equal(frames[1][right], frames[3][right])
    left = (slice(53, 471), slice(61, 479))
    np.testing.assert_array_equal(frames[1][left], frames[1][right])


def test_the_wide_run_is_seen_whole_beside_the_narrow_one(cloud, class_names):
    wide = Cloud([points * 10 for points in cloud.points], cloud.labels)
    bounds = robust_bounds([*cloud.points, *wide.points])
    frame = scatter([cloud, wide], class_names, bounds)[3]
    spread = [
        np.ptp(np.nonzero((frame[:, part] == class_colours(3)[1]).all(axis=2))[0])
        for part in (slice(61, 479), slice(509, 927))
    ]
    assert spread[1] > 5 * spread[0]


def test_one_latent_is_drawn_as_a_strip_per_class(line_cloud, class_names):
    frame = scatter([line_cloud], class_names, BOUNDS)[3]
    rows = [np.nonzero((frame == colour).all(axis=2))[0] for colour in class_colours(3)]
    assert all(above.max() < below.min() for above, below in itertools.pairwise(rows))


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_points_without_labels_have_one_colour(cloud, latent_dim):
    plain = Cloud([points[:, :latent_dim] for points in cloud.points], captions=cloud.captions)
    frame = scatter([plain], [], BOUNDS)[3]
    colours = np.unique(frame[60:525, 100:500].reshape(-1, 3), axis=0).astype(int)
    assert len(colours[np.ptp(colours, axis=1) > 40]) <= 4


def test_drawing_a_frame_again_gives_the_same_frame(cloud, class_names):
    frames = scatter([cloud], class_names, BOUNDS)
    first = frames[2]
    _ = frames[0]
    np.testing.assert_array_equal(frames[2], first)
    assert first.dtype == np.uint8
