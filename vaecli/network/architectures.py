"""The networks by name: each gives an encoder and a decoder for any height × width × channels.

An encoder maps images to `mean` and `log_var`, a decoder maps latents to logits; both are
plain Keras models whose layers have fixed names, since weights are stored by name.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import keras
from keras import layers

from vaecli.network import randomness

Shape = tuple[int, int, int]
Initialiser = Callable[..., keras.initializers.Initializer]
Halves = tuple[keras.Model, keras.Model]

PATCH_CHANNELS, WIDTH, DEPTH = 64, 192, 8  # of `conv`
SMALL = 1e-4  # scale of a head that starts with every image at the prior's centre


def build(architecture: str, shape: Shape, latent_dim: int, seed: int) -> Halves:
    """Return the encoder and the decoder of an architecture, with their initial weights.

    Args:
        architecture: `conv`, `dense` or `post`.
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        seed: The initial weights follow from it.
    """
    counter = itertools.count()

    def glorot(scale: float = 1.0) -> keras.initializers.Initializer:
        number = randomness.number(seed, 0, "initial weights", next(counter))
        return keras.initializers.VarianceScaling(scale, "fan_avg", "uniform", seed=number)

    return _BUILDERS[architecture](shape, latent_dim, glorot)


def dense(shape: Shape, latent_dim: int, glorot: Initialiser) -> Halves:
    """Fully connected: 512-256-256 to the latent and back, the fastest per image."""
    images = keras.Input(shape)
    x = layers.Flatten(name="flatten")(images)
    x = _dense_stack(x, (512, 256, 256), glorot)
    encoder = keras.Model(images, _heads(x, latent_dim, glorot), name="encoder")

    latents = keras.Input((latent_dim,))
    x = _dense_stack(latents, (256, 256, 512), glorot)
    x = layers.Dense(math.prod(shape), kernel_initializer=glorot(), name="logits")(x)
    decoder = keras.Model(latents, layers.Reshape(shape, name="reshape")(x), name="decoder")
    return encoder, decoder


def conv(shape: Shape, latent_dim: int, glorot: Initialiser) -> Halves:
    """Patches, then depth: the default, for the best ELBO in the least time on a few cores.

    Overlapping convolutions on few channels are what costs on a CPU, and depth in the dense
    part is what pays. So images are cut into patches by convolutions whose stride is their
    size, wider with each, and residual dense layers do the rest; the decoder is the mirror.
    """
    height, width, channels = shape
    strides = _strides(max(height, width))
    rows, columns = (-(-side // math.prod(strides)) for side in (height, width))
    padding = tuple((0, n * math.prod(strides) - side) for n, side in ((rows, height), (columns, width)))
    widths = [PATCH_CHANNELS * 2**index for index in range(len(strides))]

    images = keras.Input(shape)
    x = layers.ZeroPadding2D(padding, name="pad")(images)
    for index, (stride, filters) in enumerate(zip(strides, widths, strict=True)):
        layer = layers.Conv2D(filters, stride, stride, kernel_initializer=glorot(), name=f"patches_{index}")
        x = layers.Activation("silu", name=f"silu_{index}")(layer(x))
    x = _residual_stack(layers.Flatten(name="flatten")(x), glorot)
    encoder = keras.Model(images, _heads(x, latent_dim, glorot), name="encoder")

    latents = keras.Input((latent_dim,))
    x = _residual_stack(latents, glorot)
    x = layers.Dense(rows * columns * widths[-1], kernel_initializer=glorot(), name="positions")(x)
    x = layers.Reshape((rows, columns, widths[-1]), name="unflatten")(x)
    for index, stride in reversed(list(enumerate(strides))):
        x = layers.Activation("silu", name=f"silu_{index}")(x)
        filters = widths[index - 1] if index else channels
        x = layers.Conv2DTranspose(
            filters, stride, stride, kernel_initializer=glorot(), name=f"patches_{index}"
        )(x)
    x = layers.Cropping2D(padding, name="crop")(x)
    return encoder, keras.Model(latents, x, name="decoder")


def post(shape: Shape, latent_dim: int, glorot: Initialiser) -> Halves:
    """The tutorial's network: overlapping convolutions and a softplus standard deviation."""
    height, width, _ = shape
    rows, columns = -(-height // 4), -(-width // 4)

    def conv(kind: type[layers.Layer], x: keras.KerasTensor, index: int, strides: int) -> keras.KerasTensor:
        layer = kind(
            64,
            4,
            strides,
            padding="same",
            activation="relu",
            kernel_initializer=glorot(),
            name=f"conv_{index}",
        )
        return layer(x)

    x = images = keras.Input(shape)
    for index, strides in enumerate((2, 2, 1)):
        x = conv(layers.Conv2D, x, index, strides)
    x = layers.Flatten(name="flatten")(x)
    mean = layers.Dense(latent_dim, kernel_initializer=glorot(), name="mean")(x)
    deviation = layers.Dense(latent_dim, "softplus", kernel_initializer=glorot(), name="deviation")(x)
    encoder = keras.Model(images, (mean, _LogVariance(name="log_var")(deviation)), name="encoder")

    latents = keras.Input((latent_dim,))
    x = _dense_stack(latents, (rows * columns, rows * columns), glorot)
    x = layers.Reshape((rows, columns, 1), name="unflatten")(x)
    for index in range(3):
        x = conv(layers.Conv2DTranspose, x, index, 1)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(math.prod(shape), kernel_initializer=glorot(), name="linear")(x)
    x = layers.Dense(math.prod(shape), kernel_initializer=glorot(), name="logits")(x)
    decoder = keras.Model(latents, layers.Reshape(shape, name="reshape")(x), name="decoder")
    return encoder, decoder


def _dense_stack(x: keras.KerasTensor, widths: tuple[int, ...], glorot: Initialiser) -> keras.KerasTensor:
    """Apply dense layers with ReLU, one per width."""
    for index, width in enumerate(widths):
        x = layers.Dense(width, "relu", kernel_initializer=glorot(), name=f"dense_{index}")(x)
    return x


def _residual_stack(x: keras.KerasTensor, glorot: Initialiser) -> keras.KerasTensor:
    """Apply a dense layer and then residual ones, x + silu(W·x + b)."""
    for index in range(DEPTH):
        layer = layers.Dense(WIDTH, "silu", kernel_initializer=glorot(), name=f"dense_{index}")
        x = layers.Add(name=f"add_{index}")([x, layer(x)]) if index else layer(x)
    return x


def _strides(side: int) -> list[int]:
    """Return the strides that leave at most 8 positions a side, 4 where patches of 7 do.

    >>> _strides(5), _strides(28), _strides(32), _strides(64), _strides(200)
    ([2], [7], [8], [8], [8, 2, 2])
    """
    strides = [min(-(-side // 4), 8)]
    while side > 8 * math.prod(strides):
        strides.append(2)
    return strides


def _heads(
    x: keras.KerasTensor, latent_dim: int, glorot: Initialiser
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Give mean and log_var, both close to 0 before training: every posterior is the prior."""
    mean = layers.Dense(latent_dim, kernel_initializer=glorot(SMALL), name="mean")(x)
    log_var = layers.Dense(latent_dim, kernel_initializer=glorot(SMALL), name="log_var")(x)
    return mean, log_var


@keras.saving.register_keras_serializable("vaecli")
class _LogVariance(layers.Layer):
    """Turn a standard deviation into a log-variance, with a floor that keeps log finite."""

    def call(self, deviation: keras.KerasTensor) -> keras.KerasTensor:
        return 2.0 * keras.ops.log(keras.ops.maximum(deviation, 1e-5))


_BUILDERS: dict[str, Callable[[Shape, int, Initialiser], Halves]] = {
    "conv": conv,
    "dense": dense,
    "post": post,
}
