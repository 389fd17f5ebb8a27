"""`dense` as it was when runs began to keep averaged weights: without a linear path."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vaecli.blueprint.architectures.conv import LOG_VAR, LOGITS, MEAN, dense_stack
from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.registry import ArchitectureEntry


def dense_v2(shape: ImageShape, latent_dim: int, *, widths: Sequence[int] = (512, 256, 256)) -> Halves:
    """Draw the halves.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        widths: Units of the encoder's layers; the decoder has them in reverse.
    """
    make = Draft("encoder", "images", shape)
    x = dense_stack(make, make.flat(make.given), widths)  # (widths[-1],)
    encoder = make.half(*make.heads(x, latent_dim, MEAN, LOG_VAR))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = dense_stack(make, make.given, widths[::-1])  # (widths[0],)
    x = make.dense(x, math.prod(shape), "logits", initial=LOGITS)  # (height·width·channels,)
    return encoder, make.half(make.reshaped(x, shape, "image"))  # (height, width, channels)


ARCHITECTURE = ArchitectureEntry(
    "dense of early runs",
    dense_v2,
    learning_rate=2e-3,
    schedule="cosine",
    kl_warmup=0.1,
    ema=0.9995,
    clip=2.0,
    is_offered=False,
)
