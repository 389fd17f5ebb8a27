"""Whether the posteriors of all images together fill the prior.

Draws come from the prior p(z), but the decoder has learnt what lies under the aggregate posterior
q(z) = mean over images of q(z | x). Where the two differ, draws are unlike the images. The mean KL of single
images is KL(q(z) ‖ p(z)) plus what a latent tells of its image (Hoffman and Johnson, 2016): a mean KL of 20
nats may well go with an aggregate posterior that is the prior.

Of some images, KL(q(z) ‖ p(z)) can only be bounded. Their own aggregate posterior, a mixture of as many
Gaussians, is further from the prior than that of all images: KL is convex. Leaving out, for each latent, the
Gaussian that it was drawn from errs on the other side, by Jensen's inequality. The more images, the nearer
the bounds; where a latent tells more of its image than the logarithm of their number, they stay apart. Then,
too, much of the prior seems uncovered that more images would cover: compare runs on as many images.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.marginal import log_normal, log_sum_exp

Doubles = NDArray[np.float64]

#: A latent counts as uncovered where the aggregate posterior is less than this times as dense as the prior.
COVERED = 0.1

_BLOCK = 4_000_000  # log-densities in memory at a time


class LogDensities(NamedTuple):
    """The aggregate posterior at latents that were drawn from it.

    Attributes:
        whole: `(m,)`, log q(z) of the mixture of all posteriors.
        left_out: `(m,)`, the same without the posterior that the latent was drawn from; −∞ where it was
            the only one.
    """

    whole: Doubles
    left_out: Doubles


def log_aggregate(
    latents: NDArray[np.floating], mean: NDArray[np.floating], log_var: NDArray[np.floating]
) -> Doubles:
    """Return log q(z) = log (1/n) Σ N(z; meanᵢ, exp(log_varᵢ)).

    Args:
        latents: `(m, latent_dim)`.
        mean: `(n, latent_dim)`, of the posteriors.
        log_var: `(n, latent_dim)`.

    Returns:
        `(m,)` float64.

    >>> latents, mean = np.array([[0.0], [2.0]]), np.array([[-1.0], [1.0]])
    >>> np.exp(log_aggregate(latents, mean, np.zeros((2, 1)))).round(4).tolist()
    [0.242, 0.1232]
    """
    parts = [log_sum_exp(block) for _, block in _blocks(latents, mean, log_var)]
    return np.concatenate(parts) - math.log(len(mean))


def log_aggregate_of_own(
    latents: NDArray[np.floating], mean: NDArray[np.floating], log_var: NDArray[np.floating]
) -> LogDensities:
    """Return log q(z) at a latent of each posterior, with and without that posterior.

    Args:
        latents: `(n, latent_dim)`, the i-th drawn from the i-th posterior.
        mean: `(n, latent_dim)`, of the posteriors.
        log_var: `(n, latent_dim)`.
    """
    count, whole, left_out = len(mean), [], []
    for start, block in _blocks(latents, mean, log_var):
        whole.append(log_sum_exp(block) - math.log(count))
        if count > 1:
            rows = np.arange(len(block))
            block[rows, start + rows] = -math.inf
            left_out.append(log_sum_exp(block) - math.log(count - 1))
    return LogDensities(np.concatenate(whole), np.concatenate(left_out or [np.full(count, -math.inf)]))


def is_covered(
    latents: NDArray[np.floating], mean: NDArray[np.floating], log_var: NDArray[np.floating]
) -> NDArray[np.bool_]:
    """Return where the aggregate posterior is at least `COVERED` times as dense as the prior.

    Args:
        latents: `(m, latent_dim)`; of draws from the prior, the share that is not covered is that of the
            prior's mass that no posterior covers.
        mean: `(n, latent_dim)`, of the posteriors.
        log_var: `(n, latent_dim)`.

    Returns:
        `(m,)`.

    >>> is_covered(np.array([[0.0], [4.0]]), np.zeros((1, 1)), np.full((1, 1), -1.0)).tolist()
    [True, False]
    """
    prior = log_normal(np.asarray(latents, np.float64))
    return np.asarray(log_aggregate(latents, mean, log_var) - prior >= math.log(COVERED))


def _blocks(
    latents: NDArray[np.floating], mean: NDArray[np.floating], log_var: NDArray[np.floating]
) -> Iterator[tuple[int, Doubles]]:
    """Yield the position of each block of latents and their log-densities, `(≤ m, n)`, under each posterior.

    The squares are multiplied out, so that all pairs are two matrix products.
    """
    latents, mean, log_var = (np.asarray(each, np.float64) for each in (latents, mean, log_var))
    precision = np.exp(-log_var)  # (n, latent_dim)
    constant = (np.square(mean) * precision + log_var + math.log(2 * math.pi)).sum(axis=1)  # (n,)
    linear, quadratic = (mean * precision).T, -0.5 * precision.T
    step = max(1, _BLOCK // len(mean))
    for start in range(0, len(latents), step):
        part = latents[start : start + step]
        yield start, np.asarray(np.square(part) @ quadratic + part @ linear - 0.5 * constant)
