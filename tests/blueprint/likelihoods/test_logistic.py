import numpy as np
import pytest

from tests.blueprint.likelihoods.pixels import LEVELS, Pixel, pixels
from vaecli.blueprint.likelihoods.logistic import Logistic


def pixel_of(scale):
    return Pixel(Logistic(), {"log_scale": np.log(scale)})


@pytest.mark.parametrize("scale", [0.002, 0.02, 0.3])
@pytest.mark.parametrize("logit", [-8.0, -1.9, -1.0, 0.0, 1.5, 9.0])
def test_its_levels_sum_to_one_and_its_mean_is_their_sum(logit, scale):
    levels = pixel_of(scale).probability(LEVELS, logit)
    assert levels.sum() == pytest.approx(1.0, abs=1e-4)
    assert pixel_of(scale).mean(logit) == pytest.approx(float((levels * LEVELS).sum()), abs=0.02 / 255)


def test_each_level_is_the_share_of_its_bin_however_far_away():
    pixel, edges = pixel_of(0.05), np.concatenate([[-np.inf], (np.arange(255) + 0.5) / 255, [np.inf]])
    with np.errstate(over="ignore"):
        below = 1 / (1 + np.exp(-(edges - 0.75) / pixel.scale()))
    np.testing.assert_allclose(pixel.probability(LEVELS, 1.0), np.diff(below), rtol=2e-4)
    narrow = pixel_of(1e-9)  # the floor of the scale
    assert narrow.scale() == pytest.approx(0.25 / 255, rel=1e-3)
    far = narrow.loss(pixels(LEVELS), np.full((256, 1, 1, 1), -2.0, np.float32))
    assert np.isfinite(far).all()
    assert far[255] > 900


def test_black_and_white_can_be_certain():
    pixel = pixel_of(0.05)
    for level, logit in ((0.0, -6.0), (1.0, 6.0)):
        assert pixel.probability(np.float32([level]), logit)[0] == pytest.approx(1.0, abs=1e-6)
        assert pixel.mean(logit) == pytest.approx(level, abs=1e-6)
    assert pixel.mean(0.0) == pytest.approx(0.5, abs=1e-6)


def test_samples_are_levels_with_the_probabilities_that_the_loss_says():
    for logit in (-30.0, -1.0, 0.0, 2.0):
        assert pixel_of(0.03).drawn(logit).mean() == pytest.approx(pixel_of(0.03).mean(logit), abs=5e-4)
    levels = pixel_of(0.01).drawn(0.4) * 255
    shares = np.bincount(np.rint(levels).astype(int), minlength=256) / len(levels)
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-3)
    np.testing.assert_allclose(shares, pixel_of(0.01).probability(LEVELS, 0.4), atol=1e-3)
