import numpy as np
import pytest

from tests.blueprint.likelihoods.pixels import Pixel
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli


def test_it_is_the_cross_entropy_of_the_sigmoid_summed_over_pixels():
    random = np.random.default_rng(0)
    images, logits = random.random((3, 5, 4, 2)), 3 * random.standard_normal((3, 5, 4, 2))
    p = 1 / (1 + np.exp(-logits))
    direct = -(images * np.log(p) + (1 - images) * np.log(1 - p)).sum(axis=(1, 2, 3))
    ours = Pixel(Bernoulli()).loss(images.astype(np.float32), logits.astype(np.float32))
    np.testing.assert_allclose(ours, direct, rtol=1e-5)


def test_the_probabilities_of_all_binary_images_sum_to_one():
    logits = np.tile(np.random.default_rng(1).standard_normal((1, 2, 3, 1)), (64, 1, 1, 1)).astype(np.float32)
    images = ((np.arange(64)[:, None] >> np.arange(6)) & 1).reshape(64, 2, 3, 1).astype(np.float32)
    assert np.exp(-Pixel(Bernoulli()).loss(images, logits)).sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("logit", [-1000.0, -90.0, 90.0, 1000.0])
def test_a_far_logit_costs_its_own_size_when_it_is_wrong_and_nothing_when_it_is_right(logit):
    logits, right = np.full((1, 1, 1, 1), logit, np.float32), float(logit > 0)
    assert Pixel(Bernoulli()).loss(np.full_like(logits, right), logits)[0] < 1e-38
    assert Pixel(Bernoulli()).loss(np.full_like(logits, 1 - right), logits)[0] == abs(logit)


def test_a_grey_image_costs_its_own_entropy_at_best():
    grey = np.float32([0.1, 0.5, 0.8])
    entropy = -(grey * np.log(grey) + (1 - grey) * np.log(1 - grey)).sum()
    images = grey.reshape(1, 3, 1, 1)
    best = np.log(images / (1 - images))
    assert float(Pixel(Bernoulli()).loss(images, best)[0]) == pytest.approx(entropy, rel=1e-6)
    assert Pixel(Bernoulli()).loss(images, best + 0.1)[0] > entropy


@pytest.mark.parametrize("logit", [-30.0, -1.0, 0.0, 2.0])
def test_samples_are_black_or_white_and_average_to_the_mean(logit):
    pixel = Pixel(Bernoulli())
    assert set(pixel.drawn(logit)) <= {0.0, 1.0}
    assert pixel.drawn(logit).mean() == pytest.approx(pixel.mean(logit), abs=5e-4)
