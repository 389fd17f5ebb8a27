from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.posterior import gaussian_kl, reparametrise


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
