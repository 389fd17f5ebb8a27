"""A likelihood in TensorFlow: what NumPy computes, with gradients and a state that training moves."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.blueprint import arrays
from vaecli.network.likelihood import LikelihoodLayer
from vaecli.registry import LIKELIHOODS

LOGITS = (4 * np.random.default_rng(0).standard_normal((6, 5, 4, 3))).astype(np.float32)
IMAGES = (np.random.default_rng(1).integers(0, 256, LOGITS.shape) / 255).astype(np.float32)
UNIFORM = np.random.default_rng(2).random(LOGITS.shape, np.float32)


def layer(name: str, sigma: float | None = None) -> LikelihoodLayer:
    return LikelihoodLayer(LIKELIHOODS[name].make(sigma))


def state_of(kind: LikelihoodLayer) -> dict[str, np.ndarray]:
    return {weight.name: weight.numpy() for weight in kind.weights}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_losses_means_and_samples_are_those_of_numpy(name: str) -> None:
    ours = layer(name)
    ours.loss(IMAGES, LOGITS, training=True)
    kind, state = ours.kind, state_of(ours)
    np.testing.assert_allclose(ours.loss(IMAGES, LOGITS), kind.loss(arrays, IMAGES, LOGITS, state), rtol=1e-5)
    np.testing.assert_allclose(ours.mean(LOGITS), kind.mean(arrays, LOGITS, state), atol=1e-5)
    drawn = np.abs(ours.sample(LOGITS, UNIFORM) - kind.sample(arrays, LOGITS, UNIFORM, state))
    assert (drawn > 1e-5).mean() < 0.01  # a draw at the very edge of a level may fall on either side
    scale = ours.scale()
    if scale is not None:
        np.testing.assert_allclose(scale, kind.scale(arrays, state), rtol=1e-6)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_every_likelihood_shows_and_draws_images_in_range(name: str) -> None:
    ours = layer(name)
    for images in (ours.mean(10 * LOGITS), ours.sample(10 * LOGITS, UNIFORM)):
        assert images.shape == LOGITS.shape
        assert float(tf.reduce_min(images)) >= 0.0
        assert float(tf.reduce_max(images)) <= 1.0


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize("enlarged", [1.0, 1000.0])
def test_the_gradient_is_finite_however_far_a_logit_is(name: str, enlarged: float) -> None:
    logits = tf.constant(enlarged * LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = layer(name).loss(IMAGES, logits, training=True)
    assert np.isfinite(loss).all()
    assert np.isfinite(tape.gradient(loss, logits)).all()


def test_the_continuous_bernoulli_pulls_towards_grey_from_either_side() -> None:
    logits = tf.constant([-12.0, -0.1, -1e-4, 0.0, 0.1, 12.0])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = layer("continuous-bernoulli").loss(
            tf.fill((6, 1, 1, 1), 0.5), tf.reshape(logits, (6, 1, 1, 1))
        )
    assert np.all(np.sign(tape.gradient(loss, logits)) == np.sign(logits))


def test_sigma_is_learnt_from_training_alone_and_frozen_for_all_else() -> None:
    kind = layer("gaussian")
    white, grey = np.ones((8, 2, 2, 1), np.float32), np.full((8, 2, 2, 1), 0.7, np.float32)
    logits = np.zeros_like(white)
    kind.loss(white, logits)
    assert float(kind.scale()) == pytest.approx(12**-0.5, rel=1e-2)
    kind.loss(white, logits, training=True)
    assert float(kind.scale()) == pytest.approx(0.5, rel=1e-2)  # the first step counts in full
    fixed = layer("gaussian", float(kind.scale()))
    np.testing.assert_allclose(kind.loss(grey, logits), fixed.loss(grey, logits), rtol=1e-5)
    for _ in range(200):
        kind.loss(grey, logits, training=True)
    assert float(kind.scale()) == pytest.approx(0.2, rel=2e-2)


def test_an_error_of_nothing_leaves_the_gradient_of_the_optimal_sigma_finite() -> None:
    kind, logits = layer("gaussian"), tf.zeros((2, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = kind.loss(tf.fill((2, 2, 2, 1), 0.5), logits, training=True)
    assert np.isfinite(loss).all()
    assert np.isfinite(tape.gradient(loss, logits)).all()


def test_the_logistic_scale_is_trained() -> None:
    kind = layer("logistic")
    (scale,) = kind.trainable_weights
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(kind.loss(IMAGES, LOGITS, training=True))
    assert float(tape.gradient(loss, scale.value)) != 0.0
