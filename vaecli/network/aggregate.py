"""The aggregate posterior q(z), the mean of the posteriors of all images, estimated from one batch.

A latent was drawn from the posterior of one image of the batch. That image is known to be among those
of the training, the others stand for the rest, each with its weight (Chen et al., 2018, appendix C.2).
"""

from __future__ import annotations

import math

import tensorflow as tf

LOG_TWO_PI = math.log(2.0 * math.pi)


def total_correlation(mean: tf.Tensor, log_var: tf.Tensor, latents: tf.Tensor, images: int) -> tf.Tensor:
    """Return log q(z) − Σⱼ log q(zⱼ) of each latent; its mean is the total correlation.

    Args:
        mean: `(n, latent_dim)`, of a batch.
        log_var: `(n, latent_dim)`.
        latents: `(n, latent_dim)`, one drawn from each posterior.
        images: How many images the batch was drawn from.

    Returns:
        `(n,)` nats. It needs memory for n²·latent_dim numbers.
    """
    distances = latents[:, None] - mean[None]  # (n, n, latent_dim): latents × posteriors
    log_densities = -0.5 * (LOG_TWO_PI + log_var[None] + tf.square(distances) * tf.exp(-log_var)[None])
    log_weights = tf.math.log(stratified_weights(tf.shape(mean)[0], images))  # (n, n)
    joint = tf.reduce_logsumexp(log_weights + tf.reduce_sum(log_densities, axis=2), axis=1)  # (n,)
    marginal = tf.reduce_logsumexp(log_weights[:, :, None] + log_densities, axis=1)  # (n, latent_dim)
    return joint - tf.reduce_sum(marginal, axis=1)


def stratified_weights(batch: tf.Tensor | int, images: int) -> tf.Tensor:
    """Return with which weights the posteriors of a batch make up q of each of its latents.

    Chen et al. (2018, appendix C.2): 1/N for the image that the latent is of; of the M others 1/M each, but
    (N − M)/(N·M) for one, here the next. Over batches the sum is right on average for any posteriors.

    Args:
        batch: M + 1, the images of the batch.
        images: N, all images.

    Returns:
        `(batch, batch)`, latents × posteriors; rows sum to 1 where there are two images or more.

    >>> stratified_weights(3, 4).numpy().tolist()
    [[0.25, 0.25, 0.5], [0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]
    """
    total, rows = tf.cast(images, tf.float32), tf.range(batch)
    others = tf.cast(tf.maximum(batch - 1, 1), tf.float32)  # M
    ahead = (rows[None] - rows[:, None]) % batch  # (batch, batch), 0 for a latent's own image
    rest = tf.where(ahead == 1, (total - others) / (total * others), 1.0 / others)
    return tf.where(ahead == 0, 1.0 / total, rest)
