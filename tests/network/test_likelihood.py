from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from vaecli.config import LIKELIHOODS
from vaecli.network.likelihood import (
    NATURAL_BOUND,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    Logistic,
    likelihood,
)

LEVELS = (np.arange(256) / 255).astype(np.float32)
DENSE = ((np.arange(20_000) + 0.5) / 20_000).astype(np.float32)  # midpoints of [0, 1]


def pixels(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one image of one pixel per value."""
    return values.reshape(-1, 1, 1, 1)


def probability(
    kind: Bernoulli | ContinuousBernoulli | Gaussian | Logistic, x: NDArray[np.float32], logit: float
):
    """Return p(x) of a pixel for each value, in double precision."""
    logits = np.full((len(x), 1, 1, 1), logit, np.float32)
    return np.exp(-kind.loss(pixels(x), logits).numpy().astype(np.float64))


def mean(kind: Bernoulli | ContinuousBernoulli | Gaussian | Logistic, logit: float) -> float:
    return float(kind.mean(np.full((1, 1, 1, 1), logit, np.float32))[0, 0, 0, 0])


def drawn(kind: Bernoulli | ContinuousBernoulli | Gaussian | Logistic, logit: float) -> NDArray[np.float32]:
    """Return 20,000 draws of a pixel, from evenly spread uniform numbers."""
    return kind.sample(np.full((len(DENSE), 1, 1, 1), logit, np.float32), pixels(DENSE)).numpy().ravel()


def logit_of(wanted: float) -> float:
    """Return the logit whose natural parameter is the wanted one."""
    bound = np.arcsinh(255 / 3)
    return float(bound * np.arctanh(np.arcsinh(wanted / 3) / bound))


def with_scale(kind: Logistic, scale: float) -> Logistic:
    kind.log_scale.assign(np.log(scale))
    return kind


def test_bernoulli_is_the_cross_entropy_of_the_sigmoid_summed_over_pixels() -> None:
    random = np.random.default_rng(0)
    images, logits = random.random((3, 5, 4, 2)), 3 * random.standard_normal((3, 5, 4, 2))
    p = 1 / (1 + np.exp(-logits))
    direct = -(images * np.log(p) + (1 - images) * np.log(1 - p)).sum(axis=(1, 2, 3))
    ours = Bernoulli().loss(tf.constant(images, tf.float32), tf.constant(logits, tf.float32))
    np.testing.assert_allclose(ours, direct, rtol=1e-5)


def test_the_bernoulli_probabilities_of_all_binary_images_sum_to_one() -> None:
    logits = np.tile(np.random.default_rng(1).standard_normal((1, 2, 3, 1)), (64, 1, 1, 1)).astype(np.float32)
    images = ((np.arange(64)[:, None] >> np.arange(6)) & 1).reshape(64, 2, 3, 1).astype(np.float32)
    assert float(tf.reduce_sum(tf.exp(-Bernoulli().loss(images, logits)))) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("logit", [-1000.0, -90.0, 90.0, 1000.0])
def test_a_far_logit_costs_its_own_size_when_it_is_wrong_and_nothing_when_it_is_right(logit: float) -> None:
    logits = tf.fill((1, 1, 1, 1), logit)
    right = float(logit > 0)
    assert Bernoulli().loss(tf.fill((1, 1, 1, 1), right), logits)[0] == 0
    assert Bernoulli().loss(tf.fill((1, 1, 1, 1), 1 - right), logits)[0] == abs(logit)


def test_a_grey_image_costs_its_own_entropy_at_best() -> None:
    grey = np.array([0.1, 0.5, 0.8])
    entropy = -(grey * np.log(grey) + (1 - grey) * np.log(1 - grey)).sum()
    images = tf.constant(grey.reshape(1, 3, 1, 1), tf.float32)
    best = tf.math.log(images / (1 - images))
    assert float(Bernoulli().loss(images, best)[0]) == pytest.approx(entropy, rel=1e-6)
    assert Bernoulli().loss(images, best + 0.1)[0] > entropy


@pytest.mark.parametrize("wanted", [-254.9, -40.0, -3.0, -0.1001, -0.0999, 0.0, 0.05, 1.0, 12.0, 200.0])
def test_the_continuous_bernoulli_integrates_to_one_and_its_mean_is_the_integral(wanted: float) -> None:
    kind, logit = ContinuousBernoulli(), logit_of(wanted)
    density = probability(kind, DENSE, logit)
    assert density.mean() == pytest.approx(1.0, abs=2e-4)
    integral = float((density * DENSE).mean() / density.mean())
    assert mean(kind, logit) == pytest.approx(integral, abs=1e-5)


def test_the_mean_of_the_continuous_bernoulli_is_not_the_sigmoid_and_lies_nearer_to_grey() -> None:
    for wanted in (0.5, 2.0, 8.0):
        formula = 1 / (1 - np.exp(-wanted)) - 1 / wanted
        assert 0.5 < mean(ContinuousBernoulli(), logit_of(wanted)) == pytest.approx(formula, abs=1e-4)
        assert formula < 1 / (1 + np.exp(-wanted))


def test_a_logit_means_about_the_same_to_the_bernoulli_and_to_the_continuous_one() -> None:
    for logit in np.linspace(-8, 8, 33):
        assert mean(ContinuousBernoulli(), logit) == pytest.approx(mean(Bernoulli(), logit), abs=0.03)
        assert mean(ContinuousBernoulli(), logit) == pytest.approx(1 - mean(ContinuousBernoulli(), -logit))


def test_the_natural_parameter_is_bent_below_its_bound_and_keeps_a_gradient() -> None:
    assert mean(ContinuousBernoulli(), 1e6) == pytest.approx(1 - 1 / NATURAL_BOUND, abs=1e-6)
    assert float(
        ContinuousBernoulli().loss(pixels(LEVELS[:1]), np.full((1, 1, 1, 1), -1e6, np.float32))[0]
    ) == (pytest.approx(-np.log(NATURAL_BOUND), abs=1e-4))
    logits = tf.constant([-12.0, -0.1, -1e-4, 0.0, 0.1, 12.0])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = ContinuousBernoulli().loss(
            pixels(np.full(6, 0.5, np.float32)), tf.reshape(logits, (6, 1, 1, 1))
        )
    gradient = tape.gradient(loss, logits)
    assert np.isfinite(gradient).all()
    assert np.all(np.sign(gradient) == np.sign(logits))


@pytest.mark.parametrize("sigma", [0.01, 0.2, 1.0])
def test_the_gaussian_integrates_to_one_over_the_line(sigma: float) -> None:
    x = np.linspace(0.5 - 10 * sigma, 0.5 + 10 * sigma, 20_001, dtype=np.float32)
    total = probability(Gaussian(sigma), x, 0.0).mean() * 20 * sigma
    assert total == pytest.approx(1.0, abs=1e-3)


def test_the_optimal_sigma_of_a_batch_is_the_one_that_costs_it_least() -> None:
    random = np.random.default_rng(0)
    images = random.random((50, 4, 3, 3)).astype(np.float32)
    logits = random.standard_normal(images.shape).astype(np.float32)
    root = float(np.sqrt(np.mean((images - 1 / (1 + np.exp(-logits))) ** 2)))
    best = float(tf.reduce_mean(Gaussian().loss(images, logits, training=True)))
    for sigma in (0.8 * root, 0.95 * root, 1.05 * root, 1.2 * root):
        assert best < tf.reduce_mean(Gaussian(sigma).loss(images, logits))
    assert best == pytest.approx(float(tf.reduce_mean(Gaussian(root).loss(images, logits))), rel=1e-3)


def test_sigma_is_learnt_from_training_alone_and_frozen_for_all_else() -> None:
    kind = Gaussian()
    white, grey = np.ones((8, 2, 2, 1), np.float32), np.full((8, 2, 2, 1), 0.7, np.float32)
    logits = np.zeros_like(white)
    assert float(kind.scale()) == pytest.approx(12**-0.5, rel=1e-2)
    kind.loss(white, logits)
    assert float(kind.scale()) == pytest.approx(12**-0.5, rel=1e-2)
    kind.loss(white, logits, training=True)
    assert float(kind.scale()) == pytest.approx(0.5, rel=1e-2)  # the first step counts in full
    held_out = kind.loss(grey, logits)
    np.testing.assert_allclose(held_out, Gaussian(float(kind.scale())).loss(grey, logits), rtol=1e-5)
    for _ in range(200):
        kind.loss(grey, logits, training=True)
    assert float(kind.scale()) == pytest.approx(0.2, rel=2e-2)


def test_an_error_of_nothing_leaves_sigma_at_its_floor_and_the_gradient_finite() -> None:
    kind, logits = Gaussian(), tf.zeros((2, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = kind.loss(tf.fill((2, 2, 2, 1), 0.5), logits, training=True)
    assert np.isfinite(loss).all()
    assert np.isfinite(tape.gradient(loss, logits)).all()
    assert float(kind.scale()) == pytest.approx(np.exp(-6), rel=1e-3)


@pytest.mark.parametrize("scale", [0.002, 0.02, 0.3])
@pytest.mark.parametrize("logit", [-8.0, -1.9, -1.0, 0.0, 1.5, 9.0])
def test_the_logistic_levels_sum_to_one_and_its_mean_is_their_sum(logit: float, scale: float) -> None:
    kind = with_scale(Logistic(), scale)
    levels = probability(kind, LEVELS, logit)
    assert levels.sum() == pytest.approx(1.0, abs=1e-4)
    assert mean(kind, logit) == pytest.approx(float((levels * LEVELS).sum()), abs=0.02 / 255)


def test_each_logistic_level_is_the_share_of_its_bin_however_far_away() -> None:
    kind, edges = (
        with_scale(Logistic(), 0.05),
        np.concatenate([[-np.inf], (np.arange(255) + 0.5) / 255, [np.inf]]),
    )
    place, scale = 0.75, float(kind.scale())
    with np.errstate(over="ignore"):
        below = 1 / (1 + np.exp(-(edges - place) / scale))
    np.testing.assert_allclose(probability(kind, LEVELS, 1.0), np.diff(below), rtol=2e-4)
    narrow = with_scale(Logistic(), 1e-9)  # the floor of the scale
    assert float(narrow.scale()) == pytest.approx(0.25 / 255, rel=1e-3)
    far = narrow.loss(pixels(LEVELS), np.full((256, 1, 1, 1), -2.0, np.float32))
    assert np.isfinite(far).all()
    assert far[255] > 900


def test_logistic_black_and_white_can_be_certain() -> None:
    kind = with_scale(Logistic(), 0.05)
    for level, logit in ((0.0, -6.0), (1.0, 6.0)):
        assert probability(kind, np.array([level], np.float32), logit)[0] == pytest.approx(1.0, abs=1e-6)
        assert mean(kind, logit) == pytest.approx(level, abs=1e-6)
    assert mean(kind, 0.0) == pytest.approx(0.5, abs=1e-6)


def test_the_logistic_scale_is_trained() -> None:
    kind = Logistic()
    with tf.GradientTape() as tape:
        loss = kind.loss(pixels(LEVELS), np.zeros((256, 1, 1, 1), np.float32))
    assert kind.trainable_weights == [kind.log_scale]
    assert tape.gradient(loss, kind.log_scale.value) != 0


def test_samples_have_the_distribution_that_the_loss_says() -> None:
    for logit in (-30.0, -1.0, 0.0, 2.0):
        for kind in (Bernoulli(), ContinuousBernoulli(), with_scale(Logistic(), 0.03)):
            assert drawn(kind, logit).mean() == pytest.approx(mean(kind, logit), abs=5e-4)
    density = probability(ContinuousBernoulli(), DENSE, logit_of(5.0))
    below_half = density[DENSE < 0.5].sum() / density.sum()
    assert (drawn(ContinuousBernoulli(), logit_of(5.0)) < 0.5).mean() == pytest.approx(below_half, abs=1e-3)
    levels = drawn(with_scale(Logistic(), 0.01), 0.4) * 255
    shares = np.bincount(np.rint(levels).astype(int), minlength=256) / len(levels)
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-3)
    np.testing.assert_allclose(shares, probability(with_scale(Logistic(), 0.01), LEVELS, 0.4), atol=1e-3)
    normal = drawn(Gaussian(0.05), 0.0)
    assert (normal.mean(), normal.std()) == (pytest.approx(0.5, abs=1e-4), pytest.approx(0.05, rel=1e-2))


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_every_likelihood_shows_and_draws_images_in_range(name: str) -> None:
    kind = likelihood(name)
    logits = tf.constant(np.linspace(-500, 500, 256, dtype=np.float32).reshape(1, 16, 16, 1))
    uniform = tf.constant(
        np.tile(np.array([0.0, 0.3, 0.99999994, 0.5], np.float32), 64).reshape(1, 16, 16, 1)
    )
    for images in (kind.mean(logits), kind.sample(logits, uniform)):
        assert images.shape == logits.shape
        assert np.isfinite(images).all()
        assert np.min(images) >= 0
        assert np.max(images) <= 1
