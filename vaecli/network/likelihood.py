"""The two terms of the ELBO and the reparametrisation, as free functions of tensors.

For an image x with latent z, Kingma and Welling (2014, eq. 3) bound log p(x) from below by

    ELBO = E[log p(x | z)] − KL(q(z | x) ‖ p(z)),   z ~ q(z | x) = N(mean, exp(log_var))

Both terms are in nats per image: pixels and latents are summed, never averaged.
"""

from __future__ import annotations

import tensorflow as tf


def bernoulli_from_logits(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return −log p(x | z) of grey images under independent Bernoulli pixels.

    With p = σ(l), −[x·log p + (1 − x)·log(1 − p)] = log(1 + eˡ) − x·l, which is exact for
    every finite logit. A grey x in [0, 1] is the expectation over binary images of
    probability x, so the value has a floor: the entropy of the pixels themselves.

    Args:
        images: `(n, height, width, channels)` in [0, 1].
        logits: The same shape, any real number.

    Returns:
        `(n,)` nats per image, summed over height, width and channels.

    >>> image = tf.constant([[[[1.0], [0.0]]]])
    >>> float(bernoulli_from_logits(image, tf.zeros_like(image))[0])  # 2·log 2
    1.3862943649291992
    """
    return tf.reduce_sum(tf.nn.softplus(logits) - images * logits, axis=(1, 2, 3))


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
