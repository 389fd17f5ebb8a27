"""From uint8 images to shuffled float batches: a tf.data pipeline, one per epoch."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

MOST_HELD = 256 * 1024 * 1024  # bytes of images that are copied into TensorFlow's memory
AHEAD = 4  # batches made ready while the network computes


def scaled(images: tf.Tensor) -> tf.Tensor:
    """Turn uint8 images into float32 in [0, 1].

    >>> float(scaled(tf.constant([255], tf.uint8))[0])
    1.0
    """
    return tf.cast(images, tf.float32) / 255.0


def step_count(images: int, batch_size: int) -> int:
    """Return how many batches an epoch has; the last may be smaller.

    >>> step_count(130, 128)
    2
    """
    return -(-images // batch_size)


def held(images: NDArray[np.uint8]) -> tf.Tensor | NDArray[np.uint8]:
    """Return images where gathering from them is fastest: as a tensor, unless they are many.

    Images that are mapped from a file, larger than memory perhaps, stay where they are.
    """
    return tf.constant(images) if images.nbytes <= MOST_HELD else images


def batches(
    images: tf.Tensor | NDArray[np.uint8], order: NDArray[np.int64], batch_size: int
) -> tf.data.Dataset:
    """Return one epoch of batches, every image once and in the given order.

    Args:
        images: uint8 `(n, height, width, channels)` as `held` gives them; never copied whole.
        order: A permutation `(n,)`.
        batch_size: Images per batch; the last partial batch is kept.

    Returns:
        float32 batches `(≤ batch_size, height, width, channels)` in [0, 1].
    """
    steps = step_count(len(order), batch_size)
    indexes = tf.constant(order)

    def gather(step: tf.Tensor) -> tf.Tensor:
        rows = indexes[step * batch_size : (step + 1) * batch_size]
        if tf.is_tensor(images):
            return scaled(tf.gather(images, rows))
        batch = tf.numpy_function(lambda chosen: images[chosen], [rows], tf.uint8)
        return scaled(tf.ensure_shape(batch, (None, *images.shape[1:])))

    fixed = tf.data.Options()
    fixed.autotune.enabled = False  # nothing is tuned here, and its thread is slow to end with the epoch
    return tf.data.Dataset.range(steps).map(gather).prefetch(AHEAD).with_options(fixed)
