"""Mixtures of Gaussians: what is fitted is what was drawn from, and what is drawn is what was fitted."""

import numpy as np
import pytest

from vaecli.assessment import mixture
from vaecli.assessment.mixture import Mixture, fit_mixture

KNOWN = Mixture(
    np.array([0.5, 0.3, 0.2]),
    np.array([[0.0, 0.0], [6.0, 1.0], [-5.0, 4.0]]),
    np.array([[[1.0, 0.6], [0.6, 1.0]], [[0.3, 0.0], [0.0, 2.0]], [[0.5, -0.2], [-0.2, 0.4]]]),
)


def test_a_known_mixture_is_found_again():
    found = fit_mixture(KNOWN.draw(30_000, seed=0), 3)
    order = np.argsort(-found.weights)
    np.testing.assert_allclose(found.weights[order], KNOWN.weights, atol=0.01)
    np.testing.assert_allclose(found.means[order], KNOWN.means, atol=0.05)
    np.testing.assert_allclose(found.covariances[order], KNOWN.covariances, atol=0.06)


def test_draws_have_the_moments_of_the_mixture():
    points = KNOWN.draw(200_000, seed=1)
    mean = KNOWN.weights @ KNOWN.means
    second = KNOWN.covariances + KNOWN.means[:, :, None] * KNOWN.means[:, None, :]
    covariance = np.einsum("k,kij->ij", KNOWN.weights, second) - np.outer(mean, mean)
    np.testing.assert_allclose(points.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(points, rowvar=False), covariance, rtol=0.03)


def test_the_density_integrates_to_one():
    x, y = np.meshgrid(np.linspace(-12, 12, 400), np.linspace(-12, 12, 400))
    density = np.exp(KNOWN.log_density(np.stack([x.ravel(), y.ravel()], axis=1)))
    assert density.sum() * (24 / 399) ** 2 == pytest.approx(1, rel=1e-6)


def test_one_component_is_the_mean_and_the_covariance_of_the_points():
    points = np.random.default_rng(0).normal(size=(500, 3)) * [1, 2, 3]
    found = fit_mixture(points, 1)
    np.testing.assert_allclose(found.means[0], points.mean(axis=0))
    np.testing.assert_allclose(found.covariances[0], np.cov(points, rowvar=False, ddof=0), atol=2e-6)


def test_every_round_makes_the_points_likelier(monkeypatch):
    points, found = KNOWN.draw(2000, seed=2), []
    for rounds in range(8):
        monkeypatch.setattr(mixture, "_ROUNDS", rounds)
        found.append(fit_mixture(points, 5).log_density(points).mean())
    assert np.all(np.diff(found) >= -1e-9)
    assert found[-1] > found[0]


def test_points_that_are_all_the_same_make_one_narrow_component():
    found = fit_mixture(np.ones((20, 2)), 4)
    np.testing.assert_allclose(found.draw(50, seed=0), 1.0, atol=0.01)
