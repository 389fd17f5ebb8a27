"""The aggregate posterior, against closed forms, an integral, and the prior itself."""

import math

import numpy as np
import pytest

from vaecli.assessment import aggregate, evaluate
from vaecli.assessment.aggregate import is_covered, log_aggregate, log_aggregate_of_own
from vaecli.assessment.elbo import gaussian_kl
from vaecli.assessment.marginal import log_normal


def drawn(mean, log_var, seed=0):
    """Return a latent of each posterior."""
    return mean + np.exp(log_var / 2) * np.random.default_rng(seed).standard_normal(mean.shape)


def divergences(mean, log_var):
    """Return log q(z) − log p(z) at a latent of each posterior, with and without that posterior."""
    latents = drawn(mean, log_var)
    found = log_aggregate_of_own(latents, mean, log_var)
    return [each - log_normal(latents) for each in found]


def test_where_all_posteriors_are_one_gaussian_the_kl_is_the_closed_form():
    mean, log_var = np.tile([0.7, -1.1, 0.2], (4000, 1)), np.tile([-0.5, 0.3, -2.0], (4000, 1))
    whole, left_out = divergences(mean, log_var)
    error = whole.std() / math.sqrt(len(whole))
    assert abs(whole.mean() - gaussian_kl(mean[:1], log_var[:1]).sum()) < 4 * error
    np.testing.assert_allclose(left_out, whole)


def test_posteriors_that_lie_apart_in_two_groups_are_nearer_to_the_prior_by_the_logarithm_of_two():
    mean = np.where(np.arange(3000)[:, None] % 2, 4.0, -4.0)
    log_var = np.full((3000, 1), -4.0)
    whole, _ = divergences(mean, log_var)
    expected = gaussian_kl(mean[:1], log_var[:1]).sum() - math.log(2)
    assert abs(whole.mean() - expected) < 4 * whole.std() / math.sqrt(len(whole))


def test_the_density_is_that_of_the_mixture_and_integrates_to_one(monkeypatch):
    random = np.random.default_rng(1)
    mean, log_var = random.normal(size=(7, 1)), random.normal(size=(7, 1))
    axis = np.linspace(-30, 30, 20_001)[:, None]
    density = np.exp(log_aggregate(axis, mean, log_var))
    each = np.exp(-0.5 * (axis - mean.T) ** 2 / np.exp(log_var.T)) / np.sqrt(2 * math.pi * np.exp(log_var.T))
    np.testing.assert_allclose(density, each.mean(axis=1), atol=1e-12)
    assert density.sum() * (axis[1, 0] - axis[0, 0]) == pytest.approx(1)
    monkeypatch.setattr(aggregate, "_BLOCK", 7 * 3)
    np.testing.assert_allclose(np.exp(log_aggregate(axis[:50], mean, log_var)), density[:50])


def test_the_two_bounds_enclose_the_truth_and_close_with_more_images():
    def bounds(count):
        mean = np.random.default_rng(2).normal(scale=math.sqrt(1 - 0.1), size=(count, 2))
        return [each.mean() for each in divergences(mean, np.full((count, 2), math.log(0.1)))]

    few, many = bounds(100), bounds(3000)  # the posteriors of all images together are the prior: KL is 0
    assert few[1] < many[1] < 0.02
    assert few[0] > many[0] > -0.02
    assert many[0] - many[1] < 0.1


@pytest.mark.parametrize("deviation", [0.5, 0.2])
def test_the_share_that_one_narrow_posterior_leaves_uncovered_is_known(deviation):
    reach = math.sqrt(2 * math.log(10 / deviation) / (deviation**-2 - 1))  # q(z) = p(z) / 10 at ± reach
    mean, log_var = np.zeros((1, 1)), np.full((1, 1), 2 * math.log(deviation))
    draws = np.random.default_rng(0).standard_normal((200_000, 1))
    found = 1 - is_covered(draws, mean, log_var).mean()
    expected = math.erfc(reach / math.sqrt(2))
    assert found == pytest.approx(expected, abs=4 * math.sqrt(expected / len(draws)))


def test_the_prior_covers_itself():
    draws = np.random.default_rng(0).standard_normal((1000, 5))
    assert is_covered(draws, np.zeros((3, 5)), np.zeros((3, 5))).all()


def test_one_image_has_no_other_posterior():
    assert log_aggregate_of_own(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2))).left_out == -math.inf


def test_an_evaluation_says_of_how_many_images_the_aggregate_posterior_is(trained, dataset):
    found = evaluate(trained, dataset, aggregate=True)
    most, least = found["aggregate_kl"], found["aggregate_kl_left_out"]
    assert least.value <= most.value <= found["kl"].value + 4 * most.error
    assert most.how["posteriors"] == least.how["posteriors"] == 20
    assert 0 <= found["uncovered_prior"].value <= 1
    assert found["uncovered_prior"].how == {"posteriors": 20, "draws": 10_000, "density_ratio": 0.1}
