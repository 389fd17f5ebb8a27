"""Figures against epochs or seconds."""

import numpy as np
import pytest

from vaecli.render.curves import Chart, Curve, curves, line_colours, window


def curve(*values, run=0, **more):
    return Curve(np.arange(len(values), dtype=float), np.array(values), np.arange(len(values)), run, **more)


FALLING = (540.0, 300.0, 270.0, 260.0, 255.0)


def has_colour(frame, run, rows=slice(None), columns=slice(None)):
    part = frame[rows, columns].astype(int)
    return bool((np.abs(part - line_colours(run + 1)[run]).max(axis=2) < 12).any())


def test_the_window_holds_the_trained_epochs_and_leaves_out_leaps():
    assert window([curve(*FALLING)]) == (255.0, 300.0)
    assert window([curve(*FALLING, 9e9, 254.0)]) == (254.0, 300.0)
    assert window([curve(*FALLING), curve(90.0, 20.0, 10.0)]) == (10.0, 300.0)  # each by itself
    assert window([curve(540.0)]) == (540.0, 540.0)
    assert window([curve(np.nan, np.nan)]) == (0.0, 1.0)


def test_a_window_from_zero_shows_the_untrained_epoch_too():
    assert window([curve(0.002, 0.001, 0.0005)], from_zero=True) == (0.0, 0.002)
    assert window([curve(0.0, 6.0, 6.5, 7.0)], from_zero=True) == (0.0, 7.0)


def test_panels_stand_in_rows_of_three_and_each_run_has_its_colour():
    charts = [Chart("a", [curve(*FALLING), curve(*FALLING[::-1], run=1)]) for _ in range(4)]
    one, two = curves(charts[:3], ["x", "y"], "epoch")[0], curves(charts, ["x", "y"], "epoch")[0]
    assert two.shape[0] > 1.7 * one.shape[0]
    assert two.shape[1] == one.shape[1]
    for columns in (slice(70, 360), slice(440, 740), slice(820, 1110)):
        assert has_colour(one, 0, columns=columns)
        assert has_colour(one, 1, columns=columns)
    assert not (two[300:, 400:1150] < 200).any()  # the fourth panel stands alone in its row


def test_what_lies_outside_the_window_is_marked_at_the_edge_with_its_value(ink_in):
    inside = curves([Chart("a", [curve(300.0, *FALLING[1:])])], ["x"], "epoch")[0]
    outside = curves([Chart("a", [curve(*FALLING)])], ["x"], "epoch")[0]
    edge, number = (slice(40, 48), slice(62, 78)), (slice(46, 60), slice(78, 110))
    assert has_colour(outside, 0, *edge)
    assert not has_colour(inside, 0, *edge)
    assert ink_in(outside, *number)
    assert not ink_in(inside, *number)


def test_an_animation_grows_on_axes_that_stand_still():
    charts = [Chart("a", [curve(*FALLING), curve(*FALLING[:3], run=1)])]
    frames = curves(charts, ["x", "y"], "epoch", epochs=range(5), captions=[f"epoch {n}" for n in range(5)])
    assert len(frames) == 5
    amount = [int((frame[90:280, 70:360] < 200).any(axis=2).sum()) for frame in frames]
    assert amount == sorted(amount)
    assert amount[0] < amount[2] < amount[4]
    axes = (slice(283, 340), slice(0, 370))
    assert all(np.array_equal(frame[axes], frames[0][axes]) for frame in frames)


@pytest.mark.parametrize("values", [(5.0,), (5.0, 5.0), (np.nan, 5.0), (0.0, 0.0), (-3000.0, -3100.0)])
def test_any_values_can_be_drawn(values):
    frame = curves([Chart("a", [curve(*values, name="z₁")], from_zero=True, whole=True)], ["x"], "epoch")[0]
    assert (frame < 200).any()
