"""Fully connected, to the latent and back: the fastest per image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vaecli.blueprint.architectures.conv import KEEP, LOG_VAR, LOGITS, MEAN
from vaecli.blueprint.drafting import Draft, Halves, ImageShape, Node
from vaecli.registry import ArchitectureEntry


def dense(shape: ImageShape, latent_dim: int, *, widths: Sequence[int] = (512, 256, 256)) -> Halves:
    """Draw the halves.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        widths: Units of the encoder's layers; the decoder has them in reverse.
    """
    make = Draft("encoder", "images", shape)
    x = make.flat(make.given)  # (height·width·channels,)
    x = _stack(make, x, widths)  # (widths[-1],)
    encoder = make.half(*make.heads(x, latent_dim, MEAN, LOG_VAR))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = _stack(make, make.given, widths[::-1])  # (widths[0],)
    x = make.dense(x, math.prod(shape), "logits", initial=LOGITS)  # (height·width·channels,)
    return encoder, make.half(make.reshaped(x, shape, "image"))  # (height, width, channels)


def _stack(make: Draft, x: Node, widths: Sequence[int]) -> Node:
    for index, width in enumerate(widths):
        x = make.dense(x, width, f"dense_{index}", "silu", KEEP)
    return x


ARCHITECTURE = ArchitectureEntry(
    "fully connected", dense, learning_rate=2e-3, schedule="cosine", kl_warmup=0.1, ema=0.9995, clip=2.0
)
