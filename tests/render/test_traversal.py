"""Traversals: a row per latent, or all of them in motion."""

import numpy as np
import pytest

from vaecli.render.images import as_rgb, rescale
from vaecli.render.style import ACCENT, to_rgb
from vaecli.render.traversal import Base, Row, traversal, traversal_frames


@pytest.fixture
def rows(images):
    names = ["z₂", "z₁₂", "z₁"]
    return [Row(name, ["KL 2.31", "−2.1 … 2.0"], images[4 * n : 4 * n + 4]) for n, name in enumerate(names)]


def test_the_rows_stand_below_what_is_held_in_their_order(rows, images, find, ink_in):
    base = Base("ankle boot", [images[3], images[5]], ["decoded", "original #12"])
    frame = traversal(
        rows, base, columns=["1 %", "34 %", "67 %", "99 %"], title="toy-1", note="Left out: z₃."
    )[0]
    held = [find(frame, rescale(as_rgb(image), 7)) for image in base.images]
    places = [[find(frame, rescale(as_rgb(image), 7)) for image in row.images] for row in rows]
    places[0][3] = (places[0][2][0], 2 * places[0][2][1] - places[0][1][1])  # it is the one that is held, too
    places[1][1] = (places[1][0][0], places[0][1][1])
    assert held[0][0] == held[1][0] < places[0][0][0]
    assert [[column for _, column in row] for row in places] == 3 * [[column for _, column in places[0]]]
    assert [row[0][0] for row in places] == sorted(row[0][0] for row in places)
    for row in places:
        top, left = row[0]
        assert ink_in(frame, slice(top, top + 63), slice(20, left - 6))
    top, left = places[0][1]
    assert ink_in(frame, slice(top - 20, top - 6), slice(left, left + 49))
    assert ink_in(frame, slice(held[0][0] + 63, held[0][0] + 82), slice(held[1][1], held[1][1] + 49))
    assert ink_in(frame, slice(-50, -12), slice(20, 120))
    assert (frame[-10:] == 255).all()


def test_every_latent_goes_there_and_back(rows, find):
    frames = traversal_frames(rows, title="toy-1", note="Left out: z₃.")
    assert len(frames) == 6
    for index, step in enumerate([0, 1, 2, 3, 2, 1]):
        for row in rows:
            assert any(find(frames[index], rescale(as_rgb(row.images[step]), n)) for n in range(20, 34))
    markers = [np.argwhere((frame == to_rgb(ACCENT)).all(axis=2))[:, 1].mean() for frame in frames]
    assert markers[:4] == sorted(markers[:4])
    np.testing.assert_allclose(markers[4:], [markers[2], markers[1]])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_latents_fits_its_page(rows, images, count):
    held = Base(
        "a very long name of a very long image file that one would rather not read.png", [images[0]], [""]
    )
    for frame in (traversal(rows[:count], held, title="toy-1")[0], traversal_frames(rows[:count])[0]):
        assert (frame[:, -8:] == 255).all()
        assert (frame[-6:] == 255).all()
