import numpy as np
import pytest

from tests.blueprint.likelihoods.pixels import Pixel
from vaecli.blueprint.likelihoods.gaussian import Gaussian


@pytest.mark.parametrize("sigma", [0.01, 0.2, 1.0])
def test_it_integrates_to_one_over_the_line(sigma):
    x = np.linspace(0.5 - 10 * sigma, 0.5 + 10 * sigma, 20_001, dtype=np.float32)
    total = Pixel(Gaussian(sigma)).probability(x, 0.0).mean() * 20 * sigma
    assert total == pytest.approx(1.0, abs=1e-3)


def test_the_optimal_sigma_of_a_batch_is_the_one_that_costs_it_least():
    random = np.random.default_rng(0)
    images = random.random((50, 4, 3, 3)).astype(np.float32)
    logits = random.standard_normal(images.shape).astype(np.float32)
    root = float(np.sqrt(np.mean((images - 1 / (1 + np.exp(-logits))) ** 2)))
    best = Pixel(Gaussian()).loss(images, logits, training=True).mean()
    for sigma in (0.8 * root, 0.95 * root, 1.05 * root, 1.2 * root):
        assert best < Pixel(Gaussian(sigma)).loss(images, logits).mean()
    assert best == pytest.approx(Pixel(Gaussian(root)).loss(images, logits).mean(), rel=1e-3)


def test_sigma_is_learnt_from_training_alone_and_frozen_for_all_else():
    pixel = Pixel(Gaussian())
    white, grey = np.ones((8, 2, 2, 1), np.float32), np.full((8, 2, 2, 1), 0.7, np.float32)
    logits = np.zeros_like(white)
    assert pixel.scale() == pytest.approx(12**-0.5, rel=1e-2)
    pixel.learn(white, logits)
    assert pixel.scale() == pytest.approx(0.5, rel=1e-2)  # the first step counts in full
    fixed = Pixel(Gaussian(pixel.scale()))
    np.testing.assert_allclose(pixel.loss(grey, logits), fixed.loss(grey, logits), rtol=1e-5)
    for _ in range(200):
        pixel.learn(grey, logits)
    assert pixel.scale() == pytest.approx(0.2, rel=2e-2)


def test_a_fixed_sigma_learns_nothing_and_has_no_weights():
    pixel = Pixel(Gaussian(0.25))
    pixel.learn(np.ones((1, 2, 2, 1), np.float32), np.zeros((1, 2, 2, 1), np.float32))
    assert (pixel.state, pixel.scale()) == ({}, 0.25)


def test_an_error_of_nothing_leaves_sigma_at_its_floor():
    pixel, logits = Pixel(Gaussian()), np.zeros((2, 2, 2, 1), np.float32)
    grey = np.full_like(logits, 0.5)
    assert np.isfinite(pixel.loss(grey, logits, training=True)).all()
    pixel.learn(grey, logits)
    assert pixel.scale() == pytest.approx(np.exp(-6), rel=1e-3)


def test_samples_are_normal_around_the_mean():
    normal = Pixel(Gaussian(0.05)).drawn(0.0)
    assert (normal.mean(), normal.std()) == (pytest.approx(0.5, abs=1e-4), pytest.approx(0.05, rel=1e-2))
    within = [(np.abs(normal - 0.5) < 0.05 * deviations).mean() for deviations in (1, 2, 3)]
    assert within == pytest.approx([0.6827, 0.9545, 0.9973], abs=3e-4)
