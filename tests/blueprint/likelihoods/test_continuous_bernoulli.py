import numpy as np
import pytest

from tests.blueprint.likelihoods.pixels import DENSE, LEVELS, Pixel, pixels
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli
from vaecli.blueprint.likelihoods.continuous_bernoulli import NATURAL_BOUND, ContinuousBernoulli

PIXEL, BINARY = Pixel(ContinuousBernoulli()), Pixel(Bernoulli())


def logit_of(wanted):
    """Return the logit whose natural parameter is the wanted one."""
    bound = np.arcsinh(255 / 3)
    return float(bound * np.arctanh(np.arcsinh(wanted / 3) / bound))


@pytest.mark.parametrize("wanted", [-254.9, -40.0, -3.0, -0.1001, -0.0999, 0.0, 0.05, 1.0, 12.0, 200.0])
def test_it_integrates_to_one_and_its_mean_is_the_integral(wanted):
    density = PIXEL.probability(DENSE, logit_of(wanted))
    assert density.mean() == pytest.approx(1.0, abs=2e-4)
    integral = float((density * DENSE).mean() / density.mean())
    assert PIXEL.mean(logit_of(wanted)) == pytest.approx(integral, abs=1e-5)


def test_its_mean_is_not_the_sigmoid_and_lies_nearer_to_grey():
    for wanted in (0.5, 2.0, 8.0):
        formula = 1 / (1 - np.exp(-wanted)) - 1 / wanted
        assert 0.5 < PIXEL.mean(logit_of(wanted)) == pytest.approx(formula, abs=1e-4)
        assert formula < 1 / (1 + np.exp(-wanted))


def test_a_logit_means_about_the_same_to_the_bernoulli_and_to_the_continuous_one():
    for logit in np.linspace(-8, 8, 33):
        assert PIXEL.mean(logit) == pytest.approx(BINARY.mean(logit), abs=0.03)
        assert PIXEL.mean(logit) == pytest.approx(1 - PIXEL.mean(-logit))


def test_the_natural_parameter_is_bent_below_its_bound():
    assert PIXEL.mean(1e6) == pytest.approx(1 - 1 / NATURAL_BOUND, abs=1e-6)
    black = PIXEL.loss(pixels(LEVELS[:1]), np.full((1, 1, 1, 1), -1e6, np.float32))
    assert float(black[0]) == pytest.approx(-np.log(NATURAL_BOUND), abs=1e-4)


def test_samples_have_the_distribution_that_the_loss_says():
    for logit in (-30.0, -1.0, 0.0, 2.0):
        assert PIXEL.drawn(logit).mean() == pytest.approx(PIXEL.mean(logit), abs=5e-4)
    density = PIXEL.probability(DENSE, logit_of(5.0))
    below_half = density[DENSE < 0.5].sum() / density.sum()
    assert (PIXEL.drawn(logit_of(5.0)) < 0.5).mean() == pytest.approx(below_half, abs=1e-3)
