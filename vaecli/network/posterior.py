"""The posterior of an image: its distance from the prior, and latents sampled from it.

For an image x with latent z, Kingma and Welling (2014, eq. 3) bound log p(x) from below by

    ELBO = E[log p(x | z)] − KL(q(z | x) ‖ p(z)),   z ~ q(z | x) = N(mean, exp(log_var))

The KL term and the sampling are here, log p(x | z) is in `likelihood`. Both terms are in nats
per image: pixels and latents are summed, never averaged.
"""

from __future__ import annotations

import tensorflow as tf


def gaussian_kl(mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """Return KL(N(mean, exp(log_var)) ‖ N(0, 1)) of each latent.

    ½·(mean² + exp(log_var) − 1 − log_var) (Kingma and Welling, 2014, appendix B), with
    exp(·) − 1 taken at once so that a posterior close to the prior keeps its digits.

    Args:
        mean: `(n, latent_dim)`.
        log_var: `(n, latent_dim)`.

    Returns:
        `(n, latent_dim)` nats, never negative.

    >>> gaussian_kl(tf.constant([[0.0, 2.0]]), tf.zeros((1, 2))).numpy().tolist()
    [[0.0, 2.0]]
    """
    return 0.5 * (tf.square(mean) + tf.math.expm1(log_var) - log_var)


def sampled_kl(mean: tf.Tensor, log_var: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
    """Return log q(z | x) − log p(z) of latents that were drawn, whose expectation is `gaussian_kl`.

    Args:
        mean: `(n, latent_dim)`.
        log_var: `(n, latent_dim)`.
        latents: `(n, latent_dim)`.

    Returns:
        `(n, latent_dim)` nats, of either sign.

    >>> sampled_kl(tf.constant([[0.0]]), tf.zeros((1, 1)), tf.constant([[3.0]])).numpy().tolist()
    [[0.0]]
    """
    return 0.5 * (tf.square(latents) - tf.square(latents - mean) * tf.exp(-log_var) - log_var)


def reparametrise(mean: tf.Tensor, log_var: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Turn standard normal noise into latents z = mean + exp(½·log_var)·noise.

    Args:
        mean: `(n, latent_dim)`.
        log_var: `(n, latent_dim)`.
        noise: `(n, latent_dim)`, standard normal.

    Returns:
        Latents `(n, latent_dim)`, differentiable in mean and log_var.

    >>> reparametrise(tf.constant([[1.0]]), tf.zeros((1, 1)), tf.constant([[-3.0]])).numpy().tolist()
    [[-2.0]]
    """
    return mean + tf.exp(0.5 * log_var) * noise
