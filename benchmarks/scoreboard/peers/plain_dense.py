"""A plain dense network: layers of 512 and 256 units, and back."""

from __future__ import annotations

import math

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.layers import GLOROT
from vaecli.registry import ArchitectureEntry


def plain_dense(shape: ImageShape, latent_dim: int) -> Halves:
    """Draw the halves; `shape` is `(height, width, channels)`."""
    make = Draft("encoder", "images", shape)
    x = make.stack(make.flat(make.given), (512, 256))
    encoder = make.half(*make.heads(x, latent_dim, GLOROT, GLOROT))

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.stack(make.given, (256, 512))
    x = make.dense(x, math.prod(shape), "logits")
    return encoder, make.half(make.reshaped(x, shape, "image"))


ARCHITECTURE = ArchitectureEntry(
    "plain layers", plain_dense, learning_rate=5e-4, schedule="constant", is_offered=False
)
