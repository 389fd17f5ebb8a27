"""Standard errors, against the spread of many repetitions."""

import numpy as np
import pytest

from vaecli.assessment.estimates import mean_of, ratio_of


def repeated(estimate, seeds=2000):
    """Return the spread of an estimate over repetitions, and the mean of its standard error."""
    found = [estimate(np.random.default_rng(seed)) for seed in range(seeds)]
    return np.std([each.value for each in found]), np.mean([each.error for each in found])


def test_the_error_of_a_mean_is_its_spread():
    spread, error = repeated(lambda random: mean_of(random.exponential(size=200)))
    assert error == pytest.approx(spread, rel=0.06)


def test_the_error_of_a_ratio_is_its_spread():
    def estimate(random):
        below = random.gamma(4.0, size=200)
        return ratio_of(below * random.uniform(0.2, 1.0, 200), below)

    spread, error = repeated(estimate)
    assert error == pytest.approx(spread, rel=0.06)


def test_one_image_has_no_standard_error():
    assert mean_of([3.0]).error is None


def test_what_is_special_about_a_number_stands_beside_it():
    assert mean_of([3.0], samples=5).to_dict() == {"value": 3.0, "standard_error": None, "samples": 5}
