"""The negative ELBO of each image and its parts, from what the encoder and the likelihood say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terms:
    """The negative ELBO of some images in its two parts, in nats per image.

    Attributes:
        reconstruction: `(n,)`, −log p(x | z) of one latent z sampled from the posterior of x.
        kl: `(n, latent_dim)`, KL(q(z | x) ‖ p(z)) of each latent.
    """

    reconstruction: Doubles
    kl: Doubles

    @property
    def negative_elbo(self) -> Doubles:
        """`(n,)`, reconstruction + KL, whatever β the run was trained with."""
        return np.asarray(self.reconstruction + self.kl.sum(axis=1))


def gaussian_kl(mean: ArrayLike, log_var: ArrayLike) -> Doubles:
    """Return KL(N(mean, exp(log_var)) ‖ N(0, 1)) of each latent of each image.

    ½·(mean² + exp(log_var) − 1 − log_var) (Kingma and Welling, 2014, appendix B).

    Args:
        mean: `(n, latent_dim)`.
        log_var: `(n, latent_dim)`.

    Returns:
        `(n, latent_dim)` nats.

    >>> gaussian_kl([[0.0, 2.0]], [[0.0, 0.0]]).tolist()
    [[0.0, 2.0]]
    """
    mean, log_var = np.asarray(mean, np.float64), np.asarray(log_var, np.float64)
    return np.asarray(0.5 * (np.square(mean) + np.expm1(log_var) - log_var))


def grey_entropy(images: NDArray[np.uint8]) -> Doubles:
    """Return the entropy of the pixels of each image, each taken for the probability of white.

    −Σ [x·log x + (1 − x)·log(1 − x)] is the least that the cross-entropy Σ −[x·log p + (1 − x)·log(1 − p)]
    can be: it is that of p = x (Gibbs' inequality). No decoder gets below it, however good.

    Args:
        images: uint8 `(n, height, width, channels)`.

    Returns:
        `(n,)` nats per image.

    >>> grey_entropy(np.array([[[[0], [255]]], [[[51], [204]]]], np.uint8)).round(4).tolist()
    [0.0, 1.0008]
    """
    share = np.arange(256) / 255
    inner = share[1:-1]
    entropy = np.zeros(256)
    entropy[1:-1] = -(inner * np.log(inner) + (1 - inner) * np.log1p(-inner))
    return np.asarray(entropy[images].sum(axis=(1, 2, 3)))
