"""A mixture of Gaussians in latent space: where draws come from if not from the prior.

Where the encodings do not fill the prior, draws from the prior fall between them, and look like nothing. A
density that was fitted to the encodings afterwards draws where the decoder has learnt (Ghosh et al., 2020,
section 4, with as many components and full covariances, too).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.marginal import log_sum_exp

Doubles = NDArray[np.float64]

COMPONENTS = 10
_ROUNDS = 200
_AGREEMENT = 1e-3  # nats per point by which a round must still improve
_LEAST_VARIANCE = 1e-6  # added to each axis, so that no component collapses onto a point


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of Gaussians.

    Attributes:
        weights: `(k,)`, positive, with the sum 1.
        means: `(k, dims)`.
        covariances: `(k, dims, dims)`.
    """

    weights: Doubles
    means: Doubles
    covariances: Doubles

    def log_density(self, points: NDArray[np.floating]) -> Doubles:
        """Return the log-density at points `(n, dims)`, `(n,)`."""
        return log_sum_exp(self._joint(points))

    def draw(self, count: int, seed: int) -> Doubles:
        """Return points drawn from it, `(count, dims)`.

        Args:
            count: How many.
            seed: They follow from it.
        """
        random = np.random.default_rng(seed)
        chosen = random.choice(len(self.weights), count, p=self.weights)
        noise = random.standard_normal((count, self.means.shape[1]))
        roots = np.linalg.cholesky(self.covariances)
        return np.asarray(self.means[chosen] + np.einsum("nij,nj->ni", roots[chosen], noise))

    def _joint(self, points: NDArray[np.floating]) -> Doubles:
        """Return log [wₖ·N(x; μₖ, Σₖ)] of each point and component, `(n, k)`."""
        roots = np.linalg.cholesky(self.covariances)  # (k, dims, dims), lower triangles
        columns = []
        for weight, mean, root in zip(self.weights, self.means, roots, strict=True):
            white = np.linalg.solve(root, (points - mean).T)  # (dims, n)
            log_norm = np.log(np.diag(root)).sum() + 0.5 * len(mean) * math.log(2 * math.pi)
            columns.append(math.log(weight) - log_norm - 0.5 * np.square(white).sum(axis=0))
        return np.stack(columns, axis=1)


def fit_mixture(points: NDArray[np.floating], components: int = COMPONENTS, seed: int = 0) -> Mixture:
    """Fit a mixture of Gaussians by expectation maximisation (Dempster et al., 1977; Bishop, 2006, 9.2.2).

    Args:
        points: `(n, dims)`.
        components: How many Gaussians; fewer where there are fewer points.
        seed: The points that the means begin at follow from it (k-means++, Arthur and Vassilvitskii, 2007).

    Returns:
        The mixture once its likelihood no longer grows.
    """
    values = np.asarray(points, np.float64)
    means = _spread_points(values, min(components, len(values)), np.random.default_rng(seed))
    nearest = np.square(values[:, None] - means).sum(axis=2).argmin(axis=1)
    mixture = _maximised(values, np.eye(len(means))[nearest])
    before = -math.inf
    for _ in range(_ROUNDS):
        joint = mixture._joint(values)
        densities = log_sum_exp(joint)
        if densities.mean() - before < _AGREEMENT:
            break
        before = float(densities.mean())
        mixture = _maximised(values, np.exp(joint - densities[:, None]))
    return mixture


def _spread_points(points: Doubles, count: int, random: np.random.Generator) -> Doubles:
    """Return points, each chosen by the square of its distance to those that were chosen before."""
    chosen = [points[random.integers(len(points))]]
    squares = np.full(len(points), math.inf)
    while len(chosen) < count:
        squares = np.minimum(squares, np.square(points - chosen[-1]).sum(axis=1))
        if not squares.any():
            break
        chosen.append(points[random.choice(len(points), p=squares / squares.sum())])
    return np.stack(chosen)


def _maximised(points: Doubles, shares: Doubles) -> Mixture:
    """Return the likeliest mixture where shares, `(n, k)`, say which component a point belongs to."""
    counts = shares.sum(axis=0) + 1e-12
    means = shares.T @ points / counts[:, None]
    least = _LEAST_VARIANCE * np.eye(points.shape[1])
    covariances = []
    for share, mean, count in zip(shares.T, means, counts, strict=True):
        centred = points - mean
        covariances.append((share[:, None] * centred).T @ centred / count + least)
    return Mixture(counts / counts.sum(), means, np.stack(covariances))
