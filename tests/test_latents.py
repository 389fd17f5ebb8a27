"""The geometry of latent space."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecli.errors import UsageError
from vaecli.latents import (
    GRID_EXTENT,
    GRID_SIDE,
    active_units,
    choose_latents,
    class_means,
    fit_projection,
    grid,
    grid_axis,
    grid_dims,
    kl_per_latent,
    prior_draws,
    robust_bounds,
    traversal_axis,
    typical_member,
    walk,
    walk_stops,
)


def test_up_is_up_and_right_is_right():
    latents = grid(3, 5, 2)
    assert latents.dtype == np.float32
    assert latents[0, 0].tolist() == [-3.0, 3.0]
    assert latents[-1, -1].tolist() == [3.0, -3.0]
    assert latents[1, 2].tolist() == [0.0, 0.0]


def test_latents_outside_the_plane_are_zero():
    latents = grid(2, 2, 5, dims=(3, 1))
    assert not latents[..., [0, 2, 4]].any()
    assert latents[0, 1, [3, 1]].tolist() == [3.0, 3.0]


def test_one_latent_makes_one_row():
    assert grid(GRID_SIDE, GRID_SIDE, 1, dims=(0,))[:, :, 0].tolist() == [grid_axis(GRID_SIDE).tolist()]


@given(st.integers(1, 40), st.floats(0.1, 5.0), st.sampled_from(["linear", "quantile"]))
def test_an_axis_is_symmetric_and_ascending(count, extent, spacing):
    axis = grid_axis(count, extent, spacing)
    assert axis.shape == (count,)
    np.testing.assert_array_equal(axis, -axis[::-1])
    assert (np.diff(axis) > 0).all()
    if count > 1:
        assert axis[-1] == pytest.approx(extent, rel=1e-5)


def test_quantile_spacing_puts_equal_shares_of_the_prior_between_neighbours():
    shares = [0.5 * math.erfc(-value / math.sqrt(2)) for value in grid_axis(9, 2.5, "quantile")]
    np.testing.assert_allclose(np.diff(shares), np.diff(shares)[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grid_axis(0, 3.0), "A grid of 0 values up to 3 cannot be drawn"),
        (lambda: grid_axis(5, -1.0), "an extent between 0 and 8"),
        (lambda: grid_axis(5, 3.0, "cubic"), "Expected one of: linear, quantile"),
        (lambda: grid(2, 2, 3, dims=(0, 3)), "Latents 1, 4 do not span a plane.*\n.*from 1 to 3"),
        (lambda: grid(2, 2, 3, dims=(1, 1)), "Latents 2, 2 do not span"),
        (lambda: grid(2, 2, 1), "This run has one latent"),
        (lambda: walk(np.zeros((3, 2)), 2), "2 steps cannot lead through 3 points"),
        (lambda: walk(np.zeros((1, 2)), 9), "at least two points"),
        (lambda: walk(np.zeros((2, 2)), 9, "wild"), "Expected one of: linear, spherical, data"),
    ],
)
def test_what_makes_no_sense_is_said(call, message):
    with pytest.raises(UsageError) as caught:
        call()
    assert re.search(message, str(caught.value))


def test_the_grids_plane_is_where_the_information_is():
    assert grid_dims([1.0]) == (0,)
    assert grid_dims([0.1, 5.0]) == (0, 1)
    assert grid_dims(np.array([0.3, 0.0, 2.0, 0.3])) == (2, 0)


def test_kl_agrees_with_a_monte_carlo_estimate():
    generator = np.random.default_rng(0)
    mean, log_var = np.array([[0.7, -1.2]]), np.array([[-0.5, 0.3]])
    draws = mean + np.exp(log_var / 2) * generator.standard_normal((400_000, 2))
    log_q = -0.5 * ((draws - mean) ** 2 / np.exp(log_var) + log_var)
    estimate = (log_q + 0.5 * draws**2).mean(axis=0)
    np.testing.assert_allclose(kl_per_latent(mean, log_var), estimate, atol=0.01)


def test_a_collapsed_latent_is_not_active():
    mean = np.random.default_rng(0).normal(size=(500, 3)) * [1.0, 0.05, 0.2]
    assert active_units(mean) == 2


def test_a_class_without_images_has_no_mean():
    means = class_means(np.array([[1.0, 1.0], [3.0, 5.0]]), np.array([2, 2]), 3)
    assert np.isnan(means[:2]).all()
    assert means[2].tolist() == [2.0, 3.0]


def test_the_typical_member_lies_in_the_densest_of_what_is_purely_its_class():
    random = np.random.default_rng(0)
    clusters = [(-5.0, 0.5, 60, 0), (5.0, 0.1, 60, 0), (0.0, 0.01, 30, 0), (0.0, 0.01, 90, 1)]
    mean = np.concatenate([random.normal(at, spread, (count, 2)) for at, spread, count, _ in clusters])
    labels = np.repeat([label for *_, label in clusters], [count for _, _, count, _ in clusters])
    assert (
        60 <= typical_member(mean, labels, 0) < 120
    )  # the densest of all is not pure, the mean is another class
    assert typical_member(mean, labels, 1) >= 150


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_class_of_few_images_has_a_typical_member_too(count):
    mean = np.random.default_rng(0).normal(size=(10, 3))
    labels = np.arange(10) >= 10 - count
    assert typical_member(mean, labels, 1) >= 10 - count


def test_a_traversal_covers_all_but_the_outermost_images_in_equal_steps_or_equal_shares():
    values = np.random.default_rng(0).normal(size=10_000) ** 3
    steps, shares = traversal_axis(values, 5), traversal_axis(values, 5, "quantiles")
    assert np.mean((values >= steps[0]) & (values <= steps[-1])) == pytest.approx(0.98, abs=1e-3)
    np.testing.assert_allclose(np.diff(steps), np.diff(steps)[0], rtol=1e-5)
    np.testing.assert_allclose(np.diff([np.mean(values <= value) for value in shares]), 0.245, atol=1e-3)
    with pytest.raises(UsageError, match="A traversal of 1 steps"):
        traversal_axis(values, 1)
    with pytest.raises(UsageError, match="Expected one of: range, quantiles"):
        traversal_axis(values, 5, "prior")


@given(st.integers(2, 5), st.integers(0, 30), st.sampled_from(["linear", "spherical"]))
def test_a_walk_stands_on_every_point(count, extra, kind):
    points = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    steps = count + extra
    latents, stops = walk(points, steps, kind), walk_stops(count, steps)
    assert latents.shape == (steps, 3)
    np.testing.assert_array_equal(latents[list(stops)], points)
    legs = np.diff(stops)
    assert legs.max() - legs.min() <= 1


def test_a_walk_through_the_data_goes_round_a_gap_where_there_are_no_images():
    angles = np.linspace(0, np.pi, 200)
    bend = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    stray = np.array([[0.0, -5.0], [9.0, 9.0]])
    ends = np.array([[3.0, -0.1], [-3.0, -0.1]])
    latents = walk(ends, 21, "data", np.concatenate([bend, stray]))
    np.testing.assert_allclose(latents[[0, -1]], ends, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(latents, axis=1), 3, atol=0.01)
    lengths = np.linalg.norm(np.diff(latents, axis=0), axis=1)
    np.testing.assert_allclose(lengths, lengths.mean(), rtol=0.02)


def test_a_walk_through_no_better_place_is_straight():
    ends = np.array([[0.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(walk(ends, 5, "data", np.array([[0.5, 4.0]])), walk(ends, 5), atol=1e-6)
    np.testing.assert_allclose(walk(ends, 5, "data"), walk(ends, 5), atol=1e-6)


def test_a_walk_through_very_many_images_looks_at_some_of_them():
    many = np.random.default_rng(0).uniform(-1, 1, (30_000, 1))
    latents = walk(np.array([[-1.0], [1.0]]), 5, "data", many)
    np.testing.assert_allclose(latents.ravel(), [-1, -0.5, 0, 0.5, 1], atol=1e-6)


def test_a_linear_walk_takes_equal_steps():
    lengths = np.linalg.norm(np.diff(walk(np.array([[0.0, 0.0], [3.0, 4.0]]), 6), axis=0), axis=1)
    np.testing.assert_allclose(lengths, 1.0, rtol=1e-6)


def test_a_spherical_walk_keeps_its_radius():
    latents = walk(np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), 9, "spherical")
    np.testing.assert_allclose(np.linalg.norm(latents, axis=1), 2.0, rtol=1e-6)


@pytest.mark.parametrize(
    "points", [[[0.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [-1.0, 0.0]], [[1.0, 1.0], [2.0, 2.0]]]
)
def test_a_spherical_walk_without_a_circle_is_straight(points):
    points = np.array(points)
    np.testing.assert_allclose(walk(points, 5, "spherical"), walk(points, 5), atol=1e-6)


def test_bounds_are_square_hold_every_epoch_and_ignore_outliers():
    generator = np.random.default_rng(0)
    epochs = [generator.normal(size=(5000, 2)) * [scale, 1.0] for scale in (0.1, 2.0)]
    epochs[1][0] = [1000.0, -1000.0]
    x_low, x_high, y_low, y_high = robust_bounds(epochs, coverage=0.99)
    assert x_high - x_low == pytest.approx(y_high - y_low)
    assert 8 < x_high - x_low < 20
    for points in epochs:
        assert ((points[:, 0] > x_low) & (points[:, 0] < x_high)).mean() > 0.985


def test_bounds_reach_as_far_as_asked_even_for_a_point():
    x_low, x_high, y_low, y_high = robust_bounds([np.zeros((1, 2))], at_least=3.0)
    assert x_low <= -3 < 3 <= x_high
    assert y_low <= -3 < 3 <= y_high
    assert robust_bounds([np.zeros((4, 1))])[0] < 0


def test_a_projection_is_fitted_once_and_keeps_its_signs():
    generator = np.random.default_rng(0)
    mean = generator.normal(size=(1000, 5)) * [0.1, 3.0, 0.1, 1.0, 0.1]
    projection = fit_projection(mean)
    assert np.abs(projection.axes).argmax(axis=0).tolist() == [1, 3]
    assert (projection.axes[[1, 3], [0, 1]] > 0).all()
    assert projection.labels[0].startswith("PC 1 (90 %)")
    np.testing.assert_allclose(projection.axes.T @ projection.axes, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(fit_projection(mean[::-1]).axes, projection.axes, atol=1e-9)
    assert projection.apply(mean.reshape(10, 100, 5)).shape == (10, 100, 2)


def test_chosen_latents_are_shown_as_they_are_and_named_from_one():
    view = choose_latents((2, 0), 3)
    assert view.labels == ("z₃", "z₁")
    assert choose_latents((0,), 1).apply(np.array([[4.0]])).tolist() == [[4.0]]


def test_draws_follow_from_the_seed():
    assert prior_draws(3, 2, seed=1).dtype == np.float32
    np.testing.assert_array_equal(prior_draws(3, 2, seed=1), prior_draws(9, 2, seed=1)[:3])
    assert not np.array_equal(prior_draws(3, 2, seed=1), prior_draws(3, 2, seed=2))


def test_the_stored_grid_covers_three_standard_deviations():
    assert (GRID_SIDE, GRID_EXTENT) == (20, 3.0)
