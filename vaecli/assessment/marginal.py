"""How likely images are under the model itself: log p(x), by importance weighting or by quadrature.

The negative ELBO is an upper bound of −log p(x). What lies between is KL(q(z | x) ‖ p(z | x)), the inference
gap: what the encoder's Gaussian loses against the true posterior. Cremer et al. (2018, eq. 4) split it into
what no Gaussian could do better (approximation) and what this encoder does worse than the best Gaussian of
each image (amortisation); only their sum is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

#: Latents `(g, latent_dim)` → log p(x | z) of every image at each of them, `(n, g)`.
Conditional = Callable[[Doubles], Doubles]

_TOGETHER = 4096  # latents of a grid that are decoded together
_AT_MOST = 1_200_000  # latents of the finest grid
_FIRST_STEP = 0.2
AGREEMENT = 0.05  # nats by which halving the step may still change an image


def log_sum_exp(values: Doubles, axis: int = -1) -> Doubles:
    """Return log Σ eᵛ along an axis, without overflow.

    >>> log_sum_exp(np.array([-1000.0, -1000.0])).round(4).tolist()
    -999.3069
    """
    largest = values.max(axis=axis, keepdims=True)
    total = np.log(np.exp(values - largest).sum(axis=axis)) + largest.squeeze(axis)
    return np.asarray(total, np.float64)


def log_normal(latents: Doubles) -> Doubles:
    """Return the log-density of the prior, N(0, 1) in each dimension, at latents `(…, latent_dim)`."""
    dims = latents.shape[-1]
    return np.asarray(-0.5 * (np.square(latents).sum(axis=-1) + dims * math.log(2 * math.pi)))


def log_weights(
    log_likelihood: NDArray[np.floating],
    latents: NDArray[np.floating],
    noise: NDArray[np.floating],
    log_var: NDArray[np.floating],
) -> Doubles:
    """Return log [p(x | z)·p(z) / q(z | x)] of latents that were sampled from the posterior.

    Args:
        log_likelihood: `(n, k)`, log p(x | z).
        latents: `(n, k, latent_dim)`, z = mean + exp(½·log_var)·noise.
        noise: `(n, k, latent_dim)`, what they were sampled with.
        log_var: `(n, latent_dim)`, of the posterior.

    Returns:
        `(n, k)` float64.
    """
    posterior = log_normal(np.asarray(noise, np.float64)) - 0.5 * np.asarray(log_var, np.float64).sum(
        axis=1, keepdims=True
    )
    prior = log_normal(np.asarray(latents, np.float64))
    return np.asarray(np.asarray(log_likelihood, np.float64) + prior - posterior)


def importance_weighted(weights: Doubles) -> Doubles:
    """Return the importance-weighted estimate of log p(x), log (1/K) Σ w.

    Its expectation is a lower bound of log p(x) that gets tighter with K (Burda et al., 2016, eq. 8 and
    theorem 1); for K = 1 it is the ELBO.

    Args:
        weights: `(n, k)`, logarithms of the weights, as `log_weights` gives them.

    Returns:
        `(n,)` nats per image.
    """
    return log_sum_exp(weights) - math.log(weights.shape[1])


@dataclass(frozen=True, eq=False)
class Integral:
    """log p(x) by quadrature.

    Attributes:
        log_marginal: `(n,)` nats per image.
        step: The step of the grid.
        change: By how much halving the step to this one changed the image that it changed most, in nats.
        mean_change: By how much it changed images on average.
    """

    log_marginal: Doubles
    step: float
    change: float
    mean_change: float


def integrate(conditional: Conditional, latent_dim: int, extent: float) -> Integral:
    """Return log p(x) = log ∫ p(x | z)·p(z) dz over a grid of one or two latents.

    The trapezoidal rule on a regular grid, whose error for functions as smooth as these falls faster than
    any power of the step (Trefethen and Weideman, 2014). The step is halved until no image changes by more
    than `AGREEMENT`, or the grid would become too large; earlier points are kept.

    Args:
        conditional: log p(x | z) of all images at given latents.
        latent_dim: 1 or 2.
        extent: The grid reaches from −extent to extent: as far as there is any of p(x | z)·p(z).
    """
    step, total, before = _FIRST_STEP, None, None
    changes = np.full(1, math.inf)
    while True:
        count = math.ceil(extent / step)
        for part in _parts(count, step, latent_dim, only_new=total is not None):
            values = log_sum_exp(conditional(part) + log_normal(part))
            total = values if total is None else np.logaddexp(total, values)
        assert total is not None
        integral = total + latent_dim * math.log(step)
        if before is not None:
            changes = np.abs(integral - before)
        if changes.max() <= AGREEMENT or (4 * count + 1) ** latent_dim > _AT_MOST:
            return Integral(integral, step, float(changes.max()), float(changes.mean()))
        before, step = integral, step / 2


def _parts(count: int, step: float, latent_dim: int, *, only_new: bool) -> Iterator[Doubles]:
    """Yield the points of a grid, some at a time: all, or those that twice the step leaves out."""
    axis = np.arange(-count, count + 1)
    places = np.stack(np.meshgrid(*[axis] * latent_dim, indexing="ij"), axis=-1).reshape(-1, latent_dim)
    if only_new:
        coarse = math.ceil(count / 2)  # the coarser grid had so many steps on either side
        was_there = (places % 2 == 0).all(axis=1) & (np.abs(places) <= 2 * coarse).all(axis=1)
        places = places[~was_there]
    for start in range(0, len(places), _TOGETHER):
        yield np.asarray(places[start : start + _TOGETHER] * step, np.float64)
