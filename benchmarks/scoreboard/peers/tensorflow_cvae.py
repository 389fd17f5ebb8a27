"""The network of TensorFlow's tutorial "Convolutional Variational Autoencoder", with Adam at 1e-4."""

from __future__ import annotations

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.layers import GLOROT
from vaecli.registry import ArchitectureEntry


def tensorflow_cvae(shape: ImageShape, latent_dim: int) -> Halves:
    """Draw the halves; `shape` is `(height, width, channels)` with sides that are multiples of 4.

    The tutorial's convolutions are not padded. Of even sides the padding is below and on the right alone, so
    without the last row and column the padded ones give the same.
    """
    height, width, channels = shape
    rows, columns = height // 4, width // 4

    make = Draft("encoder", "images", shape)
    x = make.conv(make.given, 32, 3, 2, "conv_0", "relu")
    x = make.conv(x, 64, 3, 2, "conv_1", "relu")  # (rows, columns, 64)
    x = make.flat(make.cropped(x, rows - 1, columns - 1))
    encoder = make.half(*make.heads(x, latent_dim, GLOROT, GLOROT))

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.stack(make.given, (rows * columns * 32,))
    x = make.reshaped(x, (rows, columns, 32), "unflatten")
    x = make.transposed(x, 64, 3, 2, "conv_0", "relu")
    x = make.transposed(x, 32, 3, 2, "conv_1", "relu")
    x = make.transposed(x, channels, 3, 1, "logits")  # (height, width, channels)
    return encoder, make.half(x)


ARCHITECTURE = ArchitectureEntry(
    "TensorFlow's CVAE", tensorflow_cvae, learning_rate=1e-4, schedule="constant", is_offered=False
)
