from statistics import NormalDist

import numpy as np
import pytest

from vaecli.blueprint import arrays


def test_the_quantiles_of_the_normal_distribution_are_exact_to_float32():
    p = np.float32([1e-7, 1e-5, 0.001, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.9249, 0.9251, 0.999, 1 - 1e-6])
    exact = [NormalDist().inv_cdf(float(share)) for share in p]
    np.testing.assert_allclose(arrays.normal_quantile(p), exact, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["sigmoid", "log_sigmoid", "softplus"])
def test_functions_of_logits_keep_far_values_and_their_type(name):
    far = getattr(arrays, name)(np.float32([-1e30, -100.0, 0.0, 100.0, 1e30]))
    assert far.dtype == np.float32
    assert np.isfinite(far).all()
    assert arrays.where(far < 0.5, 1.0, 0.0).dtype == np.float32
