"""The network of keras.io's example "Variational AutoEncoder", trained with Adam at Keras' default."""

from __future__ import annotations

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.layers import GLOROT
from vaecli.registry import ArchitectureEntry


def keras_io(shape: ImageShape, latent_dim: int) -> Halves:
    """Draw the halves; `shape` is `(height, width, channels)` with sides that are multiples of 4."""
    height, width, channels = shape
    rows, columns = height // 4, width // 4

    make = Draft("encoder", "images", shape)
    x = make.conv(make.given, 32, 3, 2, "conv_0", "relu")
    x = make.conv(x, 64, 3, 2, "conv_1", "relu")  # (rows, columns, 64)
    x = make.stack(make.flat(x), (16,))
    encoder = make.half(*make.heads(x, latent_dim, GLOROT, GLOROT))

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.stack(make.given, (rows * columns * 64,))
    x = make.reshaped(x, (rows, columns, 64), "unflatten")
    x = make.transposed(x, 64, 3, 2, "conv_0", "relu")
    x = make.transposed(x, 32, 3, 2, "conv_1", "relu")
    x = make.transposed(x, channels, 3, 1, "logits")  # (height, width, channels)
    return encoder, make.half(x)


ARCHITECTURE = ArchitectureEntry(
    "keras.io's", keras_io, learning_rate=1e-3, schedule="constant", is_offered=False
)
