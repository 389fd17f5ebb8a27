from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.transposed import OverlappingPatches, transposed

#: Height, width, channels, kernel's side, stride, filters.
SIZES = [(7, 5, 6, 8, 4, 1), (4, 4, 5, 6, 2, 3), (3, 2, 4, 16, 8, 3), (3, 3, 4, 9, 3, 2), (1, 1, 2, 4, 2, 1)]


def stock(images: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    count, height, width, _ = images.shape
    shape = count, height * stride, width * stride, kernel.shape[2]
    return tf.nn.conv2d_transpose(images, kernel, shape, stride, "SAME")


@pytest.mark.parametrize("sizes", SIZES)
def test_values_and_gradients_are_those_of_the_stock_operation(sizes: tuple[int, ...]) -> None:
    height, width, channels, size, stride, filters = sizes
    images = tf.random.stateless_normal((3, height, width, channels), (0, 1))
    kernel = tf.random.stateless_normal((size, size, filters, channels), (0, 2))

    found = []
    for operation in (transposed, stock):
        with tf.GradientTape() as tape:
            tape.watch((images, kernel))
            result = operation(images, kernel, stride)
            loss = tf.reduce_sum(tf.sin(result))
        found.append((result, *tape.gradient(loss, (images, kernel))))

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_the_layer_is_saved_and_loaded_like_the_stock_one() -> None:
    layer = OverlappingPatches(1, 8, 4, padding="same", name="logits")
    images = tf.random.stateless_normal((2, 3, 3, 5), (0, 1))
    given = layer(images)
    twin = OverlappingPatches.from_config(layer.get_config())
    twin.build(images.shape)
    twin.set_weights([layer.kernel, layer.bias + 1.0])
    assert [weight.name for weight in twin.weights] == ["kernel", "bias"]
    np.testing.assert_allclose(twin(images), given + 1.0, rtol=1e-5)
