from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.model import LOG_VAR_BOUND, VAE, Prediction
from vaecli.network.posterior import gaussian_kl

SHAPE = (6, 5, 1)
IMAGES = np.random.default_rng(0).random((24, *SHAPE)).astype(np.float32)


def silent(beta: float) -> VAE:
    """Return a VAE whose posterior has no variance to speak of, so that its loss has no noise."""
    vae = VAE("dense", SHAPE, latent_dim=2, beta=beta)
    vae.encoder.get_layer("log_var").bias.assign([-LOG_VAR_BOUND] * 2)
    return vae


def by_hand(vae: VAE) -> float:
    mean, log_var = vae.encode(IMAGES)
    kl = tf.reduce_sum(gaussian_kl(mean, log_var), axis=1)
    pixels = tf.nn.sigmoid_cross_entropy_with_logits(labels=IMAGES, logits=vae.decode(mean))
    cross_entropy = tf.reduce_sum(pixels, axis=(1, 2, 3))
    return float(tf.reduce_mean(cross_entropy + vae.beta * kl))


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_fit_and_evaluate_both_see_the_vae_loss(beta: float) -> None:
    vae = silent(beta)
    vae.compile(optimizer=keras.optimizers.SGD(0.0))
    expected = by_hand(vae)
    assert vae.evaluate(IMAGES, batch_size=24, verbose=0) == pytest.approx(expected, rel=1e-3)
    history = vae.fit(IMAGES, batch_size=24, epochs=1, verbose=0).history
    assert history["loss"] == [pytest.approx(expected, rel=1e-3)]


def test_fit_lowers_the_loss_that_evaluate_reports() -> None:
    vae = VAE("dense", SHAPE)
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    before = vae.evaluate(IMAGES, verbose=0)
    vae.fit(IMAGES, epochs=20, verbose=0)
    assert vae.evaluate(IMAGES, verbose=0) < before


def test_beta_weighs_the_kl_alone_and_zero_leaves_it_out() -> None:
    prediction = Prediction(
        tf.zeros((2, *SHAPE)), tf.constant([[1.0, 2.0], [3.0, 0.0]]), tf.zeros((2, 2)), tf.zeros((2, 2))
    )
    losses = [
        float(VAE("dense", SHAPE, beta=beta).compute_loss(IMAGES[:2], None, prediction)) for beta in (0, 1, 3)
    ]
    reconstruction = float(np.prod(SHAPE) * np.log(2))
    assert losses == pytest.approx([reconstruction, reconstruction + 3.5, reconstruction + 10.5])
    overflowing = prediction._replace(mean=tf.fill((2, 2), 1e30))
    assert np.isfinite(VAE("dense", SHAPE, beta=0).compute_loss(IMAGES[:2], None, overflowing))


def test_the_config_is_what_the_constructor_takes() -> None:
    vae = VAE("post", (9, 7, 3), latent_dim=5, beta=0.5, seed=7, likelihood="gaussian", sigma=0.5)
    twin = VAE.from_config(vae.get_config())
    assert twin.get_config() == vae.get_config()
    assert all(np.array_equal(a, b) for a, b in zip(vae.get_weights(), twin.get_weights(), strict=True))


def test_a_log_variance_out_of_bounds_is_brought_back_to_them() -> None:
    vae = VAE("dense", SHAPE)
    vae.encoder.get_layer("log_var").bias.assign([-1e4, 1e4])
    assert vae.encode(IMAGES[:1])[1].numpy().tolist() == [[-LOG_VAR_BOUND, LOG_VAR_BOUND]]


def test_a_log_variance_out_of_bounds_still_learns_to_come_back() -> None:
    vae = VAE("dense", SHAPE)
    bias = vae.encoder.get_layer("log_var").bias
    bias.assign([-30.0, 30.0])
    with tf.GradientTape() as tape:
        kl = tf.reduce_mean(gaussian_kl(*vae.encode(IMAGES[:1])))
    low, high = tape.gradient(kl, bias.value).numpy()
    assert low < 0 < high


def test_noise_is_an_argument_and_the_same_noise_gives_the_same_logits() -> None:
    vae = VAE("dense", SHAPE)
    noise = tf.ones((24, 2))
    first, second, other = vae(IMAGES, noise)[0], vae(IMAGES, noise)[0], vae(IMAGES, -noise)[0]
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_fit_learns_the_spread_of_pixels_too_and_evaluate_leaves_it() -> None:
    colour = np.random.default_rng(0).random((24, 4, 3, 3)).astype(np.float32)
    vae = VAE("dense", (4, 3, 3), likelihood="gaussian")
    vae.compile(optimizer=keras.optimizers.SGD(0.0))
    before = vae.likelihood.scale().numpy()
    vae.fit(colour, batch_size=24, epochs=1, verbose=0)
    learnt = vae.likelihood.scale().numpy()
    assert learnt != before
    error = np.mean((colour - tf.sigmoid(vae.decode(vae.encode(colour)[0]))) ** 2)
    assert learnt == pytest.approx(np.sqrt(error), rel=0.05)
    vae.evaluate(colour, verbose=0)
    assert vae.likelihood.scale() == learnt


def test_call_gives_the_latents_that_it_decoded() -> None:
    vae = VAE("dense", SHAPE)
    prediction = vae(IMAGES, tf.ones((24, 2)))
    expected = prediction.mean + tf.exp(0.5 * prediction.log_var)
    np.testing.assert_allclose(prediction.latents, expected, rtol=1e-6)
    np.testing.assert_array_equal(prediction.logits, vae.decode(prediction.latents))
