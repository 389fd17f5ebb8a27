"""Whether each latent stands for one of the factors that the images were made from, where these are known.

Two measures agree on codes that are perfect or mixed, and differ between: the mutual information gap asks
whether a factor is in one latent alone, disentanglement whether a latent is about one factor alone. Both take
latents that are sampled from the posteriors: the means of a latent that is not used are small, but not noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Bins = NDArray[np.int64]

BINS = 20  # of equal frequency, of latents and of continuous factors (Locatello et al., 2019, appendix C)

_PENALTY = 0.01  # of the absolute weights, beside squared errors of values with variance 1
_ROUNDS = 200


def binned(values: NDArray[np.floating]) -> Bins:
    """Return the bin of each value, `(n,)`, among at most `BINS` of equal frequency.

    Whatever order they are in, only the ranks of values matter; values that are equal share a bin.

    >>> binned(np.array([3.0, 1.0, 3.0, -2.0])).tolist()
    [2, 1, 2, 0]
    """
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, values, side="left")
    return np.unique(bins, return_inverse=True)[1].astype(np.int64)


def entropy(counts: NDArray[np.integer]) -> float:
    """Return the entropy in nats of what was counted, with the correction of Miller (1955).

    −Σ p·log p is too small by (cells − 1) / 2n on average.

    >>> round(entropy(np.array([5000, 5000])), 3), entropy(np.array([7, 0]))
    (0.693, 0.0)
    """
    found = np.asarray(counts, np.float64).ravel()
    found = found[found > 0]
    shares = found / found.sum()
    return float(-(shares * np.log(shares)).sum() + (len(found) - 1) / (2 * found.sum()) + 0.0)


def mutual_information(first: Bins, second: Bins) -> float:
    """Return the mutual information of two rows of bins, in nats: H(first) + H(second) − H(both)."""
    wide = int(second.max()) + 1
    both = np.bincount(first * wide + second)
    return entropy(np.bincount(first)) + entropy(np.bincount(second)) - entropy(both)


def mutual_information_gap(latents: NDArray[np.floating], factors: Sequence[Bins]) -> float:
    """Return the mutual information gap (Chen et al., 2018, eq. 6).

    The mean over factors of [I(zⱼ; v) − I(zₖ; v)] / H(v), where zⱼ and zₖ are the two latents that tell most
    of the factor v. It is 1 where each factor is in one latent alone, and 0 where the best two are as good.

    Args:
        latents: `(n, latent_dim)`, two latents or more.
        factors: The bins of each factor, `(n,)` each.
    """
    bins = [binned(column) for column in np.asarray(latents).T]
    gaps = []
    for factor in factors:
        *_, second, first = sorted(mutual_information(latent, factor) for latent in bins)
        gaps.append((first - second) / entropy(np.bincount(factor)))
    return float(np.mean(gaps))


class Disentanglement(NamedTuple):
    """What a linear regression of each factor on the latents says.

    Attributes:
        disentanglement: 1 where each latent is about one factor alone, 0 where about all alike.
        completeness: 1 where each factor is in one latent alone, 0 where it is in all alike.
        informativeness: The share of the factors' variance that the latents predict, of other images.
    """

    disentanglement: float
    completeness: float
    informativeness: float


def regressed(
    latents: NDArray[np.floating],
    factors: Sequence[Doubles],
    others: NDArray[np.floating],
    other_factors: Sequence[Doubles],
) -> Disentanglement:
    """Return disentanglement, completeness and informativeness (Eastwood and Williams, 2018, section 2).

    Factors are regressed with the lasso, whose absolute weights are the importance of each latent; a class is
    as many factors as there are classes, whose weights are added up.

    Args:
        latents: `(n, latent_dim)`, of the images that the regression is fitted to.
        factors: Each `(n, values)`, with one column, or one for each class.
        others: `(m, latent_dim)`, of the images that it predicts.
        other_factors: As `factors`, `(m, values)` each.
    """
    targets, truth = np.concatenate(factors, axis=1), np.concatenate(other_factors, axis=1)
    centre, scale = latents.mean(axis=0), latents.std(axis=0) + 1e-12
    middle, spread = targets.mean(axis=0), targets.std(axis=0) + 1e-12
    weights = lasso((latents - centre) / scale, (targets - middle) / spread)
    error = (truth - middle) / spread - (others - centre) / scale @ weights
    explained = 1 - np.square(error).mean(axis=0) / (truth / spread).var(axis=0)
    starts = np.cumsum([0, *(each.shape[1] for each in factors)])[:-1]
    importance = np.add.reduceat(np.abs(weights), starts, axis=1)  # (latent_dim, factors)
    shares = np.add.reduceat(explained, starts) / [each.shape[1] for each in factors]
    return Disentanglement(
        concentration(importance), concentration(importance.T), float(np.maximum(shares, 0).mean())
    )


def concentration(importance: Doubles) -> float:
    """Return how much of each row is in one column: 1 − H(row) / log columns, rows weighted by their sums.

    Of latents in rows and factors in columns it is disentanglement, of factors in rows completeness.

    Args:
        importance: `(rows, columns)`, not negative.

    >>> concentration(np.array([[1.0, 0.0], [0.5, 0.5]])), concentration(np.eye(3))
    (0.5, 1.0)
    """
    sums = importance.sum(axis=1)
    if not sums.any() or importance.shape[1] < 2:
        return 0.0
    shares = importance / np.maximum(sums, 1e-300)[:, None]
    logs = np.log(np.where(shares > 0, shares, 1))
    kept = 1 + (shares * logs).sum(axis=1) / np.log(importance.shape[1])
    return float((kept * sums).sum() / sums.sum())


def lasso(values: Doubles, targets: Doubles, penalty: float = _PENALTY) -> Doubles:
    """Return the weights that make |targets − values·weights|² / 2n + penalty·Σ |weights| least.

    By coordinate descent (Friedman et al., 2010, eq. 5), for all targets at once.

    Args:
        values: `(n, dims)`, with mean 0.
        targets: `(n, targets)`, with mean 0.
        penalty: The larger, the more weights are 0.

    Returns:
        `(dims, targets)`.

    >>> x = np.array([[1.0], [-1.0]])
    >>> lasso(x, 2 * x, penalty=0.5).tolist(), lasso(x, 0.1 * x, penalty=0.5).tolist()
    ([[1.5]], [[0.0]])
    """
    gram, products = values.T @ values / len(values), values.T @ targets / len(values)
    weights = np.zeros_like(products)
    for _ in range(_ROUNDS):
        before = weights.copy()
        for dim, own in enumerate(np.diag(gram)):
            if own > 0:
                rest = products[dim] - gram[dim] @ weights + own * weights[dim]
                weights[dim] = np.sign(rest) * np.maximum(np.abs(rest) - penalty, 0) / own
        if np.abs(weights - before).max() < 1e-6:
            break
    return weights
