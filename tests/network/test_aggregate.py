from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.aggregate import stratified_weights, total_correlation


@pytest.mark.parametrize(("batch", "images"), [(2, 2), (3, 5), (4, 60_000), (128, 128)])
def test_the_weights_of_a_latent_sum_to_1(batch: int, images: int) -> None:
    weights = stratified_weights(batch, images).numpy()
    assert weights.shape == (batch, batch)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.diagonal(weights), 1 / images)


@pytest.mark.parametrize("batch", [2, 3, 4])
def test_over_all_batches_that_hold_an_image_the_estimate_is_the_mean_of_all_posteriors(batch: int) -> None:
    densities = np.random.default_rng(0).uniform(0, 1, 5)  # q(z | x) of each of five images at one latent
    weights = stratified_weights(batch, 5).numpy()[0]
    batches = ((0, *others) for others in itertools.permutations(range(1, 5), batch - 1))
    estimates = [float(weights @ densities[list(rows)]) for rows in batches]
    assert np.mean(estimates) == pytest.approx(densities.mean(), rel=1e-5)


def test_a_batch_of_all_images_gives_the_logarithms_of_the_sums_themselves() -> None:
    random = np.random.default_rng(1)
    mean, log_var, noise = random.normal(size=(3, 2, 3))  # two images, three latents
    latents = mean + np.exp(0.5 * log_var) * noise
    found = total_correlation(*map(tf.constant, np.float32([mean, log_var, latents])), images=2)
    squares = (latents[:, None] - mean) ** 2 / np.exp(log_var)
    densities = np.exp(-0.5 * squares) / np.sqrt(2 * np.pi * np.exp(log_var))  # (latents, posteriors, 3)
    joint, marginal = densities.prod(axis=2).mean(axis=1), densities.mean(axis=1)
    np.testing.assert_allclose(found, np.log(joint) - np.log(marginal).sum(axis=1), rtol=1e-4)


def test_the_total_correlation_of_a_gaussian_aggregate_is_the_closed_form() -> None:
    count, correlation, spread = 2000, 0.9, 0.3
    random = np.random.default_rng(2)
    covariance = np.array([[1.0, correlation], [correlation, 1.0]]) * (1 - spread**2)
    mean = random.multivariate_normal([0, 0], covariance, count)
    latents = mean + spread * random.normal(size=(count, 2))
    log_var = np.full((count, 2), 2 * np.log(spread))
    found = total_correlation(*map(tf.constant, np.float32([mean, log_var, latents])), images=count)
    overall = correlation * (1 - spread**2)
    assert np.mean(found) == pytest.approx(-0.5 * np.log(1 - overall**2), abs=0.05)


def test_a_lone_image_gives_a_finite_number_without_a_gradient() -> None:
    mean = tf.Variable([[0.5, -1.0]])
    with tf.GradientTape() as tape:
        found = total_correlation(mean, tf.zeros((1, 2)), mean + 0.3, images=50)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(tape.gradient(found, mean), np.zeros((1, 2)), atol=1e-6)
