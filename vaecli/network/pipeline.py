"""From uint8 images to shuffled float batches: a tf.data pipeline, one per epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vaecli.images import ImageSource

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


class Batches:
    """Epochs of batches of the same images.

    The images are gathered from a tensor, unless they are many: those, mapped from a file or still to
    be decoded, stay where they are, and are never in memory as a whole.

    Args:
        images: uint8 `(n, height, width, channels)`.
        batch_size: Images per batch; the last partial batch is kept.
    """

    def __init__(self, images: ImageSource, batch_size: int) -> None:
        self._images, self._batch_size = images, batch_size
        self._tensor = tf.constant(images[:]) if images.nbytes <= MOST_HELD else None
        self._failure: Exception | None = None

    def epoch(self, order: NDArray[np.int64]) -> tf.data.Dataset:
        """Return one epoch of batches, every image once and in the given order.

        Args:
            order: A permutation `(n,)`.

        Returns:
            float32 batches `(≤ batch_size, height, width, channels)` in [0, 1].
        """
        steps, indexes = step_count(len(order), self._batch_size), tf.constant(order)

        def gather(step: tf.Tensor) -> tf.Tensor:
            rows = indexes[step * self._batch_size : (step + 1) * self._batch_size]
            if self._tensor is not None:
                return scaled(tf.gather(self._tensor, rows))
            batch = tf.numpy_function(self._take, [rows], tf.uint8)
            return scaled(tf.ensure_shape(batch, (None, *self._images.shape[1:])))

        fixed = tf.data.Options()
        fixed.autotune.enabled = False  # nothing is tuned here, and its thread is slow to end with the epoch
        return tf.data.Dataset.range(steps).map(gather).prefetch(AHEAD).with_options(fixed)

    @contextmanager
    def failing_plainly(self) -> Iterator[None]:
        """Raise what went wrong in gathering a batch as it was, and not as TensorFlow wraps it."""
        try:
            yield
        except tf.errors.OpError:
            if self._failure is None:
                raise
            raise self._failure from None

    def _take(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        try:
            return self._images[rows]
        except Exception as error:
            self._failure = error
            raise
