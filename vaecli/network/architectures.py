"""The networks by name: each gives an encoder and a decoder for any height × width × channels.

An encoder maps images `(n, height, width, channels)` to mean and log_var `(n, latent_dim)`, a
decoder maps latents to logits of the pixels. Both are plain Keras models; every layer has
a fixed name, since weights are stored by name and their initial values follow from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras
from keras import layers

from vaecli.network import randomness

Shape = tuple[int, int, int]
Tensor: TypeAlias = keras.KerasTensor
Halves = tuple[keras.Model, keras.Model]

LINEAR_FROM = 16  # latents
POST_DENSE_AT_MOST = 1024  # values of an image; the tutorial's have 784


def build(architecture: str, shape: Shape, latent_dim: int, seed: int) -> Halves:
    """Return the encoder and the decoder of an architecture, with their initial weights.

    Args:
        architecture: `conv`, `dense`, `post` or `residual`.
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        seed: The initial weights follow from it.
    """
    return _BUILDERS[architecture](shape, latent_dim, seed)


def conv(shape: Shape, latent_dim: int, seed: int) -> Halves:
    """Patches, then depth: the default, for a low −ELBO in little time on a few cores.

    Overlapping convolutions on few channels are what costs on a CPU, and depth in the dense
    part is what pays. So images are cut into patches by convolutions whose stride is their
    size, each wider than the one before, and eight residual dense layers do the rest. The
    decoder is the mirror. Padding gives the strides what they need; the decoder crops it.

    From 16 latents on, a linear path runs beside the deep one, from the pixels to the heads
    and from the latents to the logits: what principal components can do is learnt at once, and
    the deep path adds to it. With few latents there is little to gain.
    """
    height, width, channels = shape
    strides = _strides(max(height, width))
    filters = [64 * 2**index for index in range(len(strides))]
    rows, columns = (-(-side // math.prod(strides)) for side in (height, width))

    make = _Layers("encoder", seed)
    x = images = keras.Input(shape)
    for index, stride in enumerate(strides):
        x = make.conv(x, filters[index], stride, stride, f"patches_{index}", "silu")
    x = make.residual(make.flat(x), 192, 8)
    x = make.with_linear_latents(x, images, latent_dim)
    encoder = keras.Model(images, make.heads(x, latent_dim), name="encoder")

    make = _Layers("decoder", seed)
    latents = keras.Input((latent_dim,))
    x = make.residual(latents, 192, 8)
    x = make.dense(x, rows * columns * filters[-1], "positions", "silu")
    x = layers.Reshape((rows, columns, filters[-1]), name="unflatten")(x)
    for index in range(len(strides) - 1, 0, -1):
        x = make.transposed(x, filters[index - 1], strides[index], strides[index], f"patches_{index}", "silu")
    x = make.cropped(make.transposed(x, channels, strides[0], strides[0], "logits"), height, width)
    return encoder, keras.Model(latents, make.with_linear_image(x, latents), name="decoder")


def dense(shape: Shape, latent_dim: int, seed: int) -> Halves:
    """Fully connected, 512-256-256 to the latent and back: the fastest per image."""
    make = _Layers("encoder", seed)
    images = keras.Input(shape)
    x = make.stack(make.flat(images), (512, 256, 256))
    encoder = keras.Model(images, make.heads(x, latent_dim), name="encoder")

    make = _Layers("decoder", seed)
    latents = keras.Input((latent_dim,))
    x = make.stack(latents, (256, 256, 512))
    x = make.dense(x, math.prod(shape), "logits")
    return encoder, keras.Model(latents, layers.Reshape(shape, name="image")(x), name="decoder")


def post(shape: Shape, latent_dim: int, seed: int) -> Halves:
    """The tutorial's network: overlapping convolutions and a softplus standard deviation.

    Its two last layers grow with the square of the image. Beyond the size that they were made
    for, transposed convolutions take their place, with strides that mirror the encoder's.
    """
    height, width, channels = shape
    dense_end = math.prod(shape) <= POST_DENSE_AT_MOST
    rows, columns = -(-height // 4), -(-width // 4)

    make = _Layers("encoder", seed)
    x = images = keras.Input(shape)
    for index, stride in enumerate((2, 2, 1)):
        x = make.conv(x, 64, 4, stride, f"conv_{index}", "relu")
    x = make.flat(x)
    mean = make.dense(x, latent_dim, "mean")
    deviation = make.dense(x, latent_dim, "deviation", "softplus")
    encoder = keras.Model(images, (mean, _LogVariance(name="log_var")(deviation)), name="encoder")

    make = _Layers("decoder", seed)
    latents = keras.Input((latent_dim,))
    x = make.stack(latents, (rows * columns, rows * columns))
    x = layers.Reshape((rows, columns, 1), name="unflatten")(x)
    for index, stride in enumerate((1, 1, 1) if dense_end else (1, 2, 2)):
        x = make.transposed(x, 64, 4, stride, f"conv_{index}", "relu")
    if dense_end:
        x = make.dense(make.flat(x), math.prod(shape), "linear")
        x = layers.Reshape(shape, name="image")(make.dense(x, math.prod(shape), "logits"))
    else:
        x = make.cropped(make.transposed(x, channels, 4, 1, "logits"), height, width)
    return encoder, keras.Model(latents, x, name="decoder")


def residual(shape: Shape, latent_dim: int, seed: int) -> Halves:
    """Residual blocks between halvings of the sides, for images of 64 × 64 and more.

    Sides are halved until at most 4 positions are left. The largest have 16 channels, as
    arithmetic is dearest there, the next 32, and 32 more each time. Blocks are those of He et al.
    (2016, pre-activation) with group normalisation (Wu and He, 2018); the decoder grows by
    nearest-neighbour resizing followed by convolutions, which leaves no checkerboards as
    transposed convolutions do (Odena et al., 2016). The linear path is that of `conv`.
    """
    height, width, channels = shape
    levels = max(1, math.ceil(math.log2(max(height, width) / 4)))
    rows, columns = (-(-side // 2**levels) for side in (height, width))
    filters = [max(16, 32 * level) for level in range(levels)]

    make = _Layers("encoder", seed)
    images = keras.Input(shape)
    x = make.conv(images, filters[0], 4, 2, "half_0", "linear")
    for level in range(1, levels):
        x = make.conv(x, filters[level], 4, 2, f"half_{level}", "linear")
        x = make.block(x, f"block_{level}")
    x = make.dense(make.flat(make.normal(x, "last")), 256, "neck", "silu")
    x = make.with_linear_latents(x, images, latent_dim)
    encoder = keras.Model(images, make.heads(x, latent_dim), name="encoder")

    make = _Layers("decoder", seed)
    latents = keras.Input((latent_dim,))
    x = make.dense(latents, 256, "neck", "silu")
    x = make.dense(x, rows * columns * filters[-1], "positions")
    x = layers.Reshape((rows, columns, filters[-1]), name="unflatten")(x)
    for level in range(levels - 1, 0, -1):
        x = make.block(x, f"block_{level}")
        x = make.conv(x, filters[level - 1], 1, 1, f"narrow_{level}", "linear")
        x = layers.UpSampling2D(2, interpolation="nearest", name=f"double_{level}")(x)
    x = make.block(x, "block_0")
    x = layers.UpSampling2D(2, interpolation="nearest", name="double_0")(make.normal(x, "last"))
    x = make.cropped(make.conv(x, channels, 3, 1, "logits", "linear", scale=1e-2), height, width)
    return encoder, keras.Model(latents, make.with_linear_image(x, latents), name="decoder")


_BUILDERS: dict[str, Callable[[Shape, int, int], Halves]] = {
    "conv": conv,
    "dense": dense,
    "post": post,
    "residual": residual,
}


class _Layers:
    """Layers of one half of a network, each seeded by the names of its half and its own."""

    def __init__(self, half: str, seed: int) -> None:
        self._half, self._seed = half, seed

    def glorot(self, name: str, scale: float = 1.0) -> keras.initializers.Initializer:
        """Return Glorot and Bengio's uniform initialiser (2010, eq. 16), its variance scaled."""
        seed = randomness.number(self._seed, 0, f"{self._half}/{name}")
        return keras.initializers.VarianceScaling(scale, "fan_avg", "uniform", seed=seed)

    def dense(
        self, x: Tensor, units: int, name: str, activation: str | None = None, scale: float = 1.0
    ) -> Tensor:
        """Apply a dense layer."""
        return layers.Dense(units, activation, kernel_initializer=self.glorot(name, scale), name=name)(x)

    def conv(
        self,
        x: Tensor,
        filters: int,
        size: int,
        stride: int,
        name: str,
        activation: str,
        scale: float = 1.0,
    ) -> Tensor:
        """Apply a convolution, padded so that sides shrink to ⌈side / stride⌉."""
        kernel = self.glorot(name, scale)
        layer = layers.Conv2D(filters, size, stride, "same", kernel_initializer=kernel, name=name)
        return layers.Activation(activation, name=f"{name}_{activation}")(layer(x))

    def transposed(
        self, x: Tensor, filters: int, size: int, stride: int, name: str, activation: str = "linear"
    ) -> Tensor:
        """Apply a transposed convolution; sides grow by the stride."""
        kernel = self.glorot(name)
        layer = layers.Conv2DTranspose(filters, size, stride, "same", kernel_initializer=kernel, name=name)
        return layers.Activation(activation, name=f"{name}_{activation}")(layer(x))

    def cropped(self, x: Tensor, height: int, width: int) -> Tensor:
        """Cut off below and on the right what the strides added."""
        over = (0, x.shape[1] - height), (0, x.shape[2] - width)
        return layers.Cropping2D(over, name="crop")(x)

    def flat(self, x: Tensor) -> Tensor:
        """Join height, width and channels."""
        return layers.Flatten(name="flatten")(x)

    def stack(self, x: Tensor, widths: Sequence[int]) -> Tensor:
        """Apply dense layers with ReLU, one per width."""
        for index, width in enumerate(widths):
            x = self.dense(x, width, f"dense_{index}", "relu")
        return x

    def residual(self, x: Tensor, width: int, depth: int) -> Tensor:
        """Apply a dense layer and then residual ones, x + silu(W·x + b), `depth` in all.

        The residual ones start with a share of the variance each: at 1e-3 the loss of a deep
        stack would leap up every few epochs otherwise.
        """
        x = self.dense(x, width, "dense_0", "silu")
        for index in range(1, depth):
            step = self.dense(x, width, f"dense_{index}", "silu", 1.0 / depth)
            x = layers.Add(name=f"add_{index}")([x, step])
        return x

    def with_linear_latents(self, x: Tensor, images: Tensor, latent_dim: int) -> Tensor:
        """Join as many linear functions of the centred pixels as there are latents, if they are many.

        Like the latents in `with_linear_image`, the pixels are enlarged: Adam moves each weight by about
        the learning rate, whatever it is multiplied with, so this path learns several times faster.
        """
        if latent_dim < LINEAR_FROM:
            return x
        centred = layers.Rescaling(8.0, -4.0, name="centred")(images)
        linear = self.dense(layers.Flatten(name="pixels")(centred), latent_dim, "linear")
        return layers.Concatenate(name="join")([x, linear])

    def with_linear_image(self, x: Tensor, latents: Tensor) -> Tensor:
        """Add a linear function of the latents, if they are many, to logits."""
        if latents.shape[1] < LINEAR_FROM:
            return x
        enlarged = layers.Rescaling(4.0, name="enlarged")(latents)
        linear = self.dense(enlarged, math.prod(x.shape[1:]), "linear", scale=0.01)
        return layers.Add(name="join")([x, layers.Reshape(x.shape[1:], name="image")(linear)])

    def normal(self, x: Tensor, name: str) -> Tensor:
        """Apply group normalisation with 8 groups, and silu."""
        x = layers.GroupNormalization(8, name=f"{name}_normal")(x)
        return layers.Activation("silu", name=f"{name}_silu")(x)

    def block(self, x: Tensor, name: str) -> Tensor:
        """Apply a residual block of two 3 × 3 convolutions; the second starts near 0."""
        filters = x.shape[-1]
        step = self.conv(self.normal(x, f"{name}_a"), filters, 3, 1, f"{name}_a", "linear")
        step = self.conv(self.normal(step, f"{name}_b"), filters, 3, 1, f"{name}_b", "linear", scale=1e-2)
        return layers.Add(name=f"{name}_add")([x, step])

    def heads(self, x: Tensor, latent_dim: int) -> tuple[Tensor, Tensor]:
        """Give mean and log_var, both near 0 before training: every posterior is the prior."""
        return self.dense(x, latent_dim, "mean", scale=1e-4), self.dense(x, latent_dim, "log_var", scale=1e-4)


@keras.saving.register_keras_serializable("vaecli")
class _LogVariance(layers.Layer):
    """Turn a standard deviation into a log-variance; a floor keeps logarithm and gradient finite."""

    def call(self, deviation: Tensor) -> Tensor:
        return 2.0 * keras.ops.log(keras.ops.maximum(deviation, 1e-5))


def _strides(side: int) -> list[int]:
    """Return strides that leave at most 8 positions a side; images of 28 pixels have 4.

    >>> _strides(5), _strides(28), _strides(64), _strides(200)
    ([2], [7], [8], [8, 2, 2])
    """
    strides = [min(-(-side // 4), 8)]
    while side > 8 * math.prod(strides):
        strides.append(2)
    return strides
