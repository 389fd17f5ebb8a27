from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.likelihood import bernoulli_from_logits, gaussian_kl, reparametrise


def test_the_likelihood_is_the_cross_entropy_of_the_sigmoid_summed_over_pixels() -> None:
    random = np.random.default_rng(0)
    images, logits = random.random((3, 5, 4, 2)), 3 * random.standard_normal((3, 5, 4, 2))
    p = 1 / (1 + np.exp(-logits))
    direct = -(images * np.log(p) + (1 - images) * np.log(1 - p)).sum(axis=(1, 2, 3))
    ours = bernoulli_from_logits(tf.constant(images, tf.float32), tf.constant(logits, tf.float32))
    np.testing.assert_allclose(ours, direct, rtol=1e-5)


def test_the_likelihoods_of_all_binary_images_sum_to_one() -> None:
    logits = np.tile(np.random.default_rng(1).standard_normal((1, 2, 3, 1)), (64, 1, 1, 1)).astype(np.float32)
    images = ((np.arange(64)[:, None] >> np.arange(6)) & 1).reshape(64, 2, 3, 1).astype(np.float32)
    assert float(tf.reduce_sum(tf.exp(-bernoulli_from_logits(images, logits)))) == pytest.approx(
        1.0, abs=1e-5
    )


@pytest.mark.parametrize("logit", [-1000.0, -90.0, 90.0, 1000.0])
def test_a_far_logit_costs_its_own_size_when_it_is_wrong_and_nothing_when_it_is_right(logit: float) -> None:
    logits = tf.fill((1, 1, 1, 1), logit)
    right = float(logit > 0)
    assert bernoulli_from_logits(tf.fill((1, 1, 1, 1), right), logits)[0] == 0
    assert bernoulli_from_logits(tf.fill((1, 1, 1, 1), 1 - right), logits)[0] == abs(logit)


def test_a_grey_image_costs_its_own_entropy_at_best() -> None:
    grey = np.array([0.1, 0.5, 0.8])
    entropy = -(grey * np.log(grey) + (1 - grey) * np.log(1 - grey)).sum()
    images = tf.constant(grey.reshape(1, 3, 1, 1), tf.float32)
    best = tf.math.log(images / (1 - images))
    assert float(bernoulli_from_logits(images, best)[0]) == pytest.approx(entropy, rel=1e-6)
    assert bernoulli_from_logits(images, best + 0.1)[0] > entropy


def test_the_kl_equals_a_monte_carlo_estimate() -> None:
    mean, log_var = np.array([[0.0, 1.5, -0.7]]), np.array([[-3.0, 0.0, 0.9]])
    noise = np.random.default_rng(0).standard_normal((400_000, 3))
    z = mean + np.exp(log_var / 2) * noise
    ratio = -0.5 * (log_var + noise**2) + 0.5 * z**2  # log q(z | x) − log p(z), constants cancel
    error = ratio.std(axis=0) / np.sqrt(len(noise))
    ours = gaussian_kl(tf.constant(mean, tf.float32), tf.constant(log_var, tf.float32))[0]
    assert np.all(np.abs(ours - ratio.mean(axis=0)) < 4 * error)


def test_the_kl_of_a_posterior_close_to_the_prior_keeps_its_digits() -> None:
    near = np.float32(1e-3)
    exact = 0.5 * (np.expm1(float(near)) - float(near))
    ours = gaussian_kl(tf.zeros((1, 1)), tf.fill((1, 1), near))[0, 0]
    assert float(ours) == pytest.approx(exact, rel=1e-3)
    assert gaussian_kl(tf.zeros((1, 1)), tf.zeros((1, 1)))[0, 0] == 0


def test_sampled_latents_have_the_posteriors_mean_and_variance() -> None:
    noise = tf.constant(np.random.default_rng(0).standard_normal((100_000, 1)), tf.float32)
    z = reparametrise(tf.fill((1, 1), 3.0), tf.fill((1, 1), float(np.log(4.0))), noise).numpy()
    assert z.mean() == pytest.approx(3.0, abs=0.05)
    assert z.std() == pytest.approx(2.0, abs=0.05)
