"""How far apart two sets of images are, as sets of features.

None of these distances is 0 for two finite sets from the same source, and each depends on how many images
there are. They mean something only beside those of a set that should be near and of one that should be far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.estimates import Estimate, mean_of

Features = NDArray[np.floating]
Doubles = NDArray[np.float64]

K = 5  # neighbours up to which an image is surrounded (Naeem et al., 2020, section 4.2)
SUBSET = 1000  # images of which a kernel distance is computed at once

_BLOCK = 4_000_000  # distances in memory at a time


def frechet_distance(first: Features, second: Features) -> float:
    """Return the Fréchet distance of the Gaussians with the means and covariances of two sets.

    |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2·(Σ₁Σ₂)^½) (Dowson and Landau, 1982, eq. 4; Heusel et al., 2017). The trace of
    the root is the sum of the singular values of Σ₁^½·Σ₂^½.

    Args:
        first: `(n, features)`, two rows or more.
        second: `(m, features)`.

    >>> points = np.array([[0.0], [2.0]])
    >>> others = points + 3.0, 2.0 * points - 1.0
    >>> [round(frechet_distance(points, other), 6) for other in others]
    [9.0, 2.0]
    """
    means, roots, total = [], [], 0.0
    for features in (first, second):
        values = np.asarray(features, np.float64)
        covariance = np.atleast_2d(np.cov(values, rowvar=False))
        means.append(values.mean(axis=0))
        roots.append(_root(covariance))
        total += float(np.trace(covariance))
    shared = float(np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum())
    return float(np.square(means[0] - means[1]).sum()) + total - 2 * shared


def kernel_distance(first: Features, second: Features) -> Estimate:
    """Return the squared maximum mean discrepancy with the kernel (x·y / features + 1)³.

    Its unbiased estimate (Gretton et al., 2012, eq. 3; the kernel of Bińkowski et al., 2018, section 4.2)
    may be negative. It is the mean over disjoint subsets, which gives its standard error.

    Args:
        first: `(n, features)`, two rows or more.
        second: `(m, features)`, likewise.
    """
    count = min(len(first), len(second))
    parts = max(1, count // SUBSET)
    size = count // parts
    found = [
        _discrepancy(first[start : start + size], second[start : start + size])
        for start in range(0, parts * size, size)
    ]
    whole = mean_of(found)
    return Estimate(whole.value, whole.error)


class Surrounding(NamedTuple):
    """Whether two sets are where the other one is.

    Attributes:
        density: `(m,)`, of each image of the second set, in how many neighbourhoods of the first it lies,
            over k. Its mean is 1 for two sets from one source, and small where the second is elsewhere.
        coverage: `(n,)`, 1 for each image of the first set in whose neighbourhood there is one of the
            second, else 0. Its mean is the share of the first that the second reaches.
    """

    density: Doubles
    coverage: Doubles


def surrounding(real: Features, other: Features, k: int = K) -> Surrounding:
    """Return density and coverage of a set beside real images (Naeem et al., 2020, eq. 5 and 6).

    The neighbourhood of a real image is the ball up to its k-th nearest neighbour among the others.

    Args:
        real: `(n, features)`, more than k rows.
        other: `(m, features)`.
        k: Which neighbour a neighbourhood reaches to.

    >>> line = np.arange(4.0)[:, None]
    >>> found = surrounding(line, line[:2] + 0.5, k=1)
    >>> found.density.tolist(), found.coverage.tolist()
    ([2.0, 2.0], [1.0, 1.0, 1.0, 0.0])
    """
    radius = _radii(real, k)
    density, coverage = np.zeros(len(other)), np.zeros(len(real))
    for start, distances in _squared_distances(real, other):
        rows = slice(start, start + len(distances))
        inside = distances <= radius[rows, None]
        density += inside.sum(axis=0)
        coverage[rows] = inside.any(axis=1)
    return Surrounding(density / k, coverage)


def _radii(real: Features, k: int) -> Doubles:
    """Return the squared distance of each row's k-th nearest other row."""
    found = np.empty(len(real))
    for start, distances in _squared_distances(real, real):
        rows = np.arange(len(distances))
        distances[rows, start + rows] = np.inf
        found[start : start + len(rows)] = np.partition(distances, k - 1, axis=1)[:, k - 1]
    return found


def _squared_distances(first: Features, second: Features) -> Iterator[tuple[int, Doubles]]:
    """Yield the position of each block of the first rows and their squared distances to all of the second.

    The squares are multiplied out around the mean, which keeps the digits of small distances.
    """
    centre = np.asarray(first, np.float64).mean(axis=0)
    x, y = first - centre, second - centre
    squares = np.square(y).sum(axis=1)
    step = max(1, _BLOCK // len(y))
    for start in range(0, len(x), step):
        part = x[start : start + step]
        distances = np.square(part).sum(axis=1)[:, None] + squares - 2 * part @ y.T
        yield start, np.asarray(distances)


def _discrepancy(first: Features, second: Features) -> float:
    """Return the unbiased estimate of the squared discrepancy of two sets of equal size."""
    count, dims = first.shape
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    within = 0.0
    for each in (x, y):
        kernel = (each @ each.T / dims + 1) ** 3
        within += float(kernel.sum() - np.trace(kernel)) / (count * (count - 1))
    return within - 2 * float(((x @ y.T / dims + 1) ** 3).mean())


def _root(covariance: Doubles) -> Doubles:
    """Return the symmetric root of a covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)
