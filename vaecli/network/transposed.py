"""Transposed convolutions as one matrix product whose results are added where they overlap.

TensorFlow's own operation is slow on processors where a wide kernel returns few channels. Its gradients
are ordinary convolutions and fast, so they are what this one uses too.
"""

from __future__ import annotations

from itertools import product

import keras
import tensorflow as tf

FEW = 4  # channels: with more, TensorFlow's own operation is the faster one


@keras.saving.register_keras_serializable("vaecli")
class OverlappingPatches(keras.layers.Conv2DTranspose):
    """A transposed convolution to few channels, whose kernel's side is a multiple of its stride."""

    @staticmethod
    def suits(filters: int, size: int, stride: int) -> bool:
        """Return whether a transposed convolution is one of this kind.

        >>> suits = OverlappingPatches.suits
        >>> suits(1, 8, 4), suits(64, 8, 4), suits(1, 3, 2), suits(1, 3, 1)
        (True, False, False, False)
        """
        return filters <= FEW and size % stride == 0 and size > stride > 1

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return `(n, height·stride, width·stride, filters)` from `(n, height, width, channels)`."""
        return transposed(inputs, tf.convert_to_tensor(self.kernel), self.strides[0]) + self.bias


def transposed(images: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Return the transposed convolution, padded so that sides grow by the stride.

    Args:
        images: `(n, height, width, channels)`, all but n known.
        kernel: `(size, size, filters, channels)`, size a multiple of the stride.
        stride: Positions from one copy of the kernel to the next.
    """

    @tf.custom_gradient
    def forward(images: tf.Tensor, kernel: tf.Tensor):  # type: ignore[no-untyped-def]
        def backward(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return (
                tf.nn.conv2d(upstream, kernel, stride, "SAME"),
                tf.raw_ops.Conv2DBackpropFilter(
                    input=upstream,
                    filter_sizes=kernel.shape,
                    out_backprop=images,
                    strides=[1, stride, stride, 1],
                    padding="SAME",
                ),
            )

        return _added(images, kernel, stride), backward

    return forward(images, kernel)


def _added(images: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Multiply each position by the whole kernel, and add blocks of stride × stride where they overlap."""
    size, _, filters, channels = kernel.shape
    _, height, width, _ = images.shape
    blocks = size // stride  # a side
    kernel = tf.reshape(kernel, (blocks, stride, blocks, stride, filters, channels))
    matrix = tf.reshape(tf.transpose(kernel, (5, 0, 2, 1, 3, 4)), (channels, -1))
    copies = tf.matmul(tf.reshape(images, (-1, channels)), matrix)
    copies = tf.reshape(copies, (-1, height, width, blocks * blocks, stride * stride * filters))
    shifted = [
        tf.pad(block, ((0, 0), (row, blocks - 1 - row), (column, blocks - 1 - column), (0, 0)))
        for (row, column), block in zip(
            product(range(blocks), repeat=2), tf.unstack(copies, axis=3), strict=True
        )
    ]
    whole = tf.nn.depth_to_space(tf.add_n(shifted), stride)
    first = (size - stride) // 2  # as "same" pads: the smaller half before
    return whole[:, first : first + height * stride, first : first + width * stride]
