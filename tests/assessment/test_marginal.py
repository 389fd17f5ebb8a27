"""log p(x) of a linear Gaussian model, where it is known, by both ways."""

import math

import numpy as np
import pytest

from vaecli.assessment.marginal import importance_weighted, integrate, log_weights

PIXELS, SIGMA = 6, 0.4


class LinearGaussian:
    """x = W·z + c + σ·noise, whose marginal is N(c, W·Wᵀ + σ²) (Tipping and Bishop, 1999, eq. 3)."""

    def __init__(self, latent_dim, count=30):
        random = np.random.default_rng(latent_dim)
        self.weights = random.normal(size=(latent_dim, PIXELS))
        latents = random.normal(size=(count, latent_dim))
        self.images = latents @ self.weights + SIGMA * random.normal(size=(count, PIXELS))

    def conditional(self, latents):
        """Return log p(x | z) of every image, `(n, …)`."""
        away = self.images.reshape(-1, *[1] * (latents.ndim - 1), PIXELS) - latents @ self.weights
        return self.density(away)

    def density(self, away):
        norm = PIXELS * math.log(SIGMA * math.sqrt(2 * math.pi))
        return -0.5 * np.square(away / SIGMA).sum(axis=-1) - norm

    def log_marginal(self):
        covariance = self.weights.T @ self.weights + SIGMA**2 * np.eye(PIXELS)
        squared = (self.images @ np.linalg.inv(covariance) * self.images).sum(axis=1)
        return -0.5 * (squared + PIXELS * math.log(2 * math.pi) + np.linalg.slogdet(covariance)[1])

    def posterior(self):
        """Return mean `(n, latent_dim)` and covariance of p(z | x) (the same, eq. 9)."""
        precision = self.weights @ self.weights.T / SIGMA**2 + np.eye(len(self.weights))
        covariance = np.linalg.inv(precision)
        return self.images @ self.weights.T @ covariance / SIGMA**2, covariance


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_quadrature_gives_the_known_marginal(latent_dim):
    model = LinearGaussian(latent_dim)
    found = integrate(model.conditional, latent_dim, extent=6.0)
    assert found.change <= 0.05
    np.testing.assert_allclose(found.log_marginal, model.log_marginal(), atol=1e-3)


def test_the_step_is_halved_until_halving_changes_nothing():
    found = integrate(lambda z: -0.5 * np.square((z.T - 0.013) / 0.01), 1, extent=5.0)
    assert found.step < 0.02
    expected = math.log(0.01) - 0.5 * 0.013**2 / (1 + 0.01**2)
    assert found.log_marginal[0] == pytest.approx(expected, abs=0.01)


def test_the_change_of_one_image_among_many_is_told_apart_from_that_of_all():
    widths = np.array([1e-6] + 99 * [0.5])  # no grid is fine enough for the first
    found = integrate(lambda z: -0.5 * np.square((z.T - 0.013) / widths[:, None]), 1, extent=5.0)
    assert found.change > 0.5
    assert found.mean_change == pytest.approx(found.change / 100)
    known = -0.5 * 0.013**2 / (1 + widths**2) + np.log(widths) - 0.5 * np.log1p(widths**2)
    np.testing.assert_allclose(found.log_marginal[1:], known[1:], atol=1e-6)


def weights_of(model, samples, stretch, seed=0):
    """Return the log-weights of samples from a posterior of which the standard deviations are stretched."""
    mean, covariance = model.posterior()
    log_var = np.broadcast_to(np.log(stretch**2 * np.diag(covariance)), mean.shape)
    noise = np.random.default_rng(seed).standard_normal((len(mean), samples, mean.shape[1]))
    latents = mean[:, None] + np.exp(log_var / 2)[:, None] * noise
    likelihood = model.density(model.images[:, None] - latents @ model.weights)
    return log_weights(likelihood, latents, noise, log_var)


def test_with_the_true_posterior_every_weight_is_the_marginal():
    model = LinearGaussian(1)
    weights = weights_of(model, 5, stretch=1.0)
    np.testing.assert_allclose(weights, np.repeat(model.log_marginal()[:, None], 5, axis=1))


def test_more_samples_bring_the_importance_weighted_bound_to_the_known_marginal():
    model = LinearGaussian(2)
    truth = model.log_marginal().mean()
    gaps = [truth - importance_weighted(weights_of(model, k, stretch=1.2)).mean() for k in (1, 10, 5000)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert abs(gaps[2]) < 0.02


def test_the_elbo_is_the_bound_with_one_sample():
    model = LinearGaussian(1)
    weights = weights_of(model, 1, stretch=1.5)
    np.testing.assert_allclose(importance_weighted(weights), weights[:, 0])
