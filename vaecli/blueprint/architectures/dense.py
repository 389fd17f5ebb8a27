"""Fully connected, to the latent and back: the fastest per image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vaecli.blueprint.architectures.conv import LOG_VAR, LOGITS, MEAN, MOST_VALUES, dense_stack
from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.linear_path import with_linear_image, with_linear_latents
from vaecli.registry import ArchitectureEntry


def dense(shape: ImageShape, latent_dim: int, *, widths: Sequence[int] = (512, 256, 256)) -> Halves:
    """Draw the halves.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        widths: Units of the encoder's layers; the decoder has them in reverse.
    """
    make = Draft("encoder", "images", shape)
    x = dense_stack(make, make.flat(make.given), widths)  # (widths[-1],)
    x = with_linear_latents(make, x, latent_dim, most=MOST_VALUES)  # (widths[-1],), or as many latents more
    encoder = make.half(*make.heads(x, latent_dim, MEAN, LOG_VAR))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = dense_stack(make, make.given, widths[::-1])  # (widths[0],)
    x = make.dense(x, math.prod(shape), "logits", initial=LOGITS)  # (height·width·channels,)
    x = make.reshaped(x, shape, "unflatten")  # (height, width, channels)
    return encoder, make.half(with_linear_image(make, x))


ARCHITECTURE = ArchitectureEntry(
    "fully connected",
    dense,
    learning_rate=2e-3,
    schedule="cosine",
    kl_warmup=0.25,
    ema=0.9995,
    clip=2.0,
    weight_decay=0.5,
)
