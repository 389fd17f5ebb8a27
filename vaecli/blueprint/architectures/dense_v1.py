"""`dense` as it was in runs of the formats 1 and 2: ReLU, and Glorot's variance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.registry import ArchitectureEntry


def dense_v1(shape: ImageShape, latent_dim: int, *, widths: Sequence[int] = (512, 256, 256)) -> Halves:
    """Draw the halves.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        widths: Units of the encoder's layers; the decoder has them in reverse.
    """
    make = Draft("encoder", "images", shape)
    x = make.flat(make.given)  # (height·width·channels,)
    x = make.stack(x, widths)  # (widths[-1],)
    encoder = make.half(*make.heads(x, latent_dim))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.stack(make.given, widths[::-1])  # (widths[0],)
    x = make.dense(x, math.prod(shape), "logits")  # (height·width·channels,)
    return encoder, make.half(make.reshaped(x, shape, "image"))  # (height, width, channels)


ARCHITECTURE = ArchitectureEntry(
    "dense of early runs", dense_v1, learning_rate=1e-3, schedule="cosine", is_offered=False
)
