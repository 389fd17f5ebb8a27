"""A plain convolutional network: 4 × 4 convolutions of 32 and 64 channels, a dense layer of 256, and back."""

from __future__ import annotations

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.layers import GLOROT
from vaecli.registry import ArchitectureEntry


def plain_conv(shape: ImageShape, latent_dim: int) -> Halves:
    """Draw the halves; `shape` is `(height, width, channels)` with sides that are multiples of 4."""
    height, width, channels = shape
    rows, columns = height // 4, width // 4

    make = Draft("encoder", "images", shape)
    x = make.conv(make.given, 32, 4, 2, "conv_0", "relu")
    x = make.conv(x, 64, 4, 2, "conv_1", "relu")  # (rows, columns, 64)
    x = make.stack(make.flat(x), (256,))
    encoder = make.half(*make.heads(x, latent_dim, GLOROT, GLOROT))

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.stack(make.given, (256, rows * columns * 32))
    x = make.reshaped(x, (rows, columns, 32), "unflatten")
    x = make.transposed(x, 32, 4, 2, "conv_0", "relu")
    x = make.transposed(x, 16, 4, 2, "conv_1", "relu")
    x = make.transposed(x, channels, 3, 1, "logits")  # (height, width, channels)
    return encoder, make.half(x)


ARCHITECTURE = ArchitectureEntry(
    "plain convolutions", plain_conv, learning_rate=5e-4, schedule="constant", is_offered=False
)
