"""The functions of `blueprint.likelihood.Operations` for tensors."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

exp, expm1, log, log1p = tf.exp, tf.math.expm1, tf.math.log, tf.math.log1p
sinh, tanh, square, absolute, sign = tf.sinh, tf.tanh, tf.square, tf.abs, tf.sign
rint, maximum, clip, where = tf.round, tf.maximum, tf.clip_by_value, tf.where
sigmoid, log_sigmoid, softplus = tf.sigmoid, tf.math.log_sigmoid, tf.nn.softplus
normal_quantile, mean, stop_gradient = tf.math.ndtri, tf.reduce_mean, tf.stop_gradient


def sum_per_image(x: tf.Tensor) -> tf.Tensor:
    """Return `(n,)`, the sums of `(n, height, width, channels)`."""
    return tf.reduce_sum(x, axis=(1, 2, 3))


def constant(number: float) -> tf.Tensor:
    """Return a number as a float32 scalar."""
    return tf.constant(number, tf.float32)


def stack(numbers: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return numbers as a tensor `(numbers,)`."""
    return tf.stack(numbers)
