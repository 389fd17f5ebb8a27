"""Distances between sets, against closed forms and known expectations."""

import numpy as np
import pytest

from vaecli.assessment import distances
from vaecli.assessment.distances import frechet_distance, kernel_distance, surrounding


def gaussian(count, seed, mean=0.0, factor=1.0, dims=4):
    return mean + factor * np.random.default_rng(seed).normal(size=(count, dims))


def test_the_frechet_distance_of_gaussians_is_the_closed_form():
    shift, factors = np.array([1.0, 0.0, -2.0, 0.5]), np.array([0.5, 1.0, 2.0, 3.0])
    found = frechet_distance(gaussian(200_000, 0), gaussian(200_000, 1, shift, factors))
    expected = np.square(shift).sum() + np.square(1 - factors).sum()  # Σ (σ₁ − σ₂)² where axes are shared
    assert found == pytest.approx(expected, rel=0.01)


def test_the_frechet_distance_is_right_where_covariances_do_not_commute():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(50, 3)) @ random.normal(size=(3, 3)), random.normal(size=(60, 3)) * [1, 5, 9]
    product = np.cov(x, rowvar=False) @ np.cov(y, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(product).real).sum()
    expected = (
        np.square(x.mean(0) - y.mean(0)).sum() + x.var(0, ddof=1).sum() + y.var(0, ddof=1).sum() - 2 * root
    )
    assert frechet_distance(x, y) == pytest.approx(expected)
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-9)


def test_the_kernel_distance_of_gaussians_is_the_closed_form():
    """With one value each, k(x, y) = (xy + 1)³, whose mean over Gaussians follows from their moments."""
    first, second = gaussian(60_000, 0, dims=1), gaussian(60_000, 1, mean=0.5, dims=1)
    moments = [np.array([1, m, m**2 + 1, m**3 + 3 * m]) for m in (0.0, 0.5)]  # E xⁱ, i = 0 … 3
    expected = np.array([1, 3, 3, 1]) @ np.square(moments[0] - moments[1])
    found = kernel_distance(first, second)
    assert abs(found.value - expected) < 4 * found.error
    assert found.error < 0.15


def test_the_kernel_distance_of_one_source_is_none_on_average():
    found = kernel_distance(gaussian(40_000, 0), gaussian(40_000, 1))
    assert abs(found.value) < 4 * found.error


def test_the_kernel_distance_is_the_sum_over_all_pairs():
    x, y = gaussian(6, 0), gaussian(6, 1)
    kernel = lambda a, b: (a @ b / 4 + 1) ** 3  # noqa: E731
    pairs = [(i, j) for i in range(6) for j in range(6) if i != j]
    within = sum(kernel(x[i], x[j]) + kernel(y[i], y[j]) for i, j in pairs) / 30
    across = sum(kernel(a, b) for a in x for b in y) / 36
    assert kernel_distance(x, y).value == pytest.approx(within - 2 * across)


def test_density_and_coverage_of_one_source_are_those_that_are_expected(monkeypatch):
    real, other = gaussian(3000, 0), gaussian(2000, 1)
    found = surrounding(real, other)
    n, m, k = 3000, 2000, 5
    uncovered = np.prod([(n - i) / (n + m - i) for i in range(1, k + 1)])  # Naeem et al. (2020), eq. 9
    assert found.density.mean() == pytest.approx(1.0, abs=0.05)  # the same, eq. 8
    assert found.coverage.mean() == pytest.approx(1 - uncovered, abs=0.02)
    monkeypatch.setattr(distances, "_BLOCK", 2000 * 7)
    again = surrounding(real, other)
    assert again.density.tolist() == found.density.tolist()
    assert again.coverage.tolist() == found.coverage.tolist()


def test_density_and_coverage_are_those_of_a_search_of_every_pair():
    real, other = gaussian(40, 0), gaussian(30, 1, mean=0.5)
    apart = np.linalg.norm(real[:, None] - real, axis=2)
    radius = np.sort(apart, axis=1)[:, 3]  # the first is the image itself
    inside = np.linalg.norm(real[:, None] - other, axis=2) <= radius[:, None]
    found = surrounding(real, other, k=3)
    assert found.density.tolist() == (inside.sum(axis=0) / 3).tolist()
    assert found.coverage.tolist() == inside.any(axis=1).astype(float).tolist()


def test_a_set_that_has_lost_a_mode_covers_half():
    real = np.concatenate([gaussian(500, 0), gaussian(500, 1, mean=50.0)])
    found = surrounding(real, gaussian(1000, 2))
    assert found.coverage[500:].sum() == 0
    assert found.coverage[:500].mean() > 0.95
    assert surrounding(real, gaussian(1000, 2, mean=-50.0)).density.max() == 0
