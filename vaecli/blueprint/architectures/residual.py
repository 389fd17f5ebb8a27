"""Residual blocks between halvings of the sides, for images of 64 × 64 and more."""

from __future__ import annotations

import math

from vaecli.blueprint.drafting import Draft, Halves, ImageShape, Node
from vaecli.blueprint.layers import Activation, Add, GroupNormalization, Initial, Upsampling
from vaecli.blueprint.linear_path import with_linear_image, with_linear_latents
from vaecli.registry import ArchitectureEntry


def residual(
    shape: ImageShape, latent_dim: int, *, positions: int = 4, filters: int = 32, units: int = 256
) -> Halves:
    """Draw the halves.

    The largest arrays have few channels, as arithmetic is dearest there. Blocks are those of He et al.
    (2016, pre-activation) with group normalisation (Wu and He, 2018); the decoder grows by
    nearest-neighbour resizing followed by convolutions, which leaves no checkerboards as
    transposed convolutions do (Odena et al., 2016). The linear path is that of `conv`.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        positions: Sides are halved until at most this many are left.
        filters: The largest arrays have half as many channels, the next as many, and as many more each time.
        units: Of the dense layer between convolutions and latents.
    """
    height, width, channels = shape
    levels = max(1, math.ceil(math.log2(max(height, width) / positions)))
    rows, columns = (-(-side // 2**levels) for side in (height, width))
    widths = [max(filters // 2, filters * level) for level in range(levels)]

    make = Draft("encoder", "images", shape)
    x = make.conv(make.given, widths[0], 4, 2, "half_0")  # (⌈height / 2⌉, ⌈width / 2⌉, widths[0])
    for level in range(1, levels):
        x = make.conv(x, widths[level], 4, 2, f"half_{level}")  # half the sides, widths[level]
        x = _block(make, x, f"block_{level}")
    x = make.flat(_normal(make, x, "last"))  # (rows·columns·widths[-1],)
    x = make.dense(x, units, "neck", "silu")  # (units,)
    x = with_linear_latents(make, x, latent_dim)  # (units,) or (units + latent_dim,)
    encoder = make.half(*make.heads(x, latent_dim))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.dense(make.given, units, "neck", "silu")  # (units,)
    x = make.dense(x, rows * columns * widths[-1], "positions")
    x = make.reshaped(x, (rows, columns, widths[-1]), "unflatten")
    for level in range(levels - 1, 0, -1):
        x = _block(make, x, f"block_{level}")
        x = make.conv(x, widths[level - 1], 1, 1, f"narrow_{level}")
        x = make.add(Upsampling, f"double_{level}", x, factor=2)  # twice the sides, widths[level - 1]
    x = _normal(make, _block(make, x, "block_0"), "last")
    x = make.add(Upsampling, "double_0", x, factor=2)  # (2**levels·rows, 2**levels·columns, widths[0])
    x = make.conv(x, channels, 3, 1, "logits", initial=Initial(1e-2))
    x = make.cropped(x, height, width)  # (height, width, channels)
    return encoder, make.half(with_linear_image(make, x))


def _normal(make: Draft, x: Node, name: str) -> Node:
    """Add group normalisation with 8 groups, and silu."""
    x = make.add(GroupNormalization, f"{name}_normal", x, groups=8)
    return make.add(Activation, f"{name}_silu", x, function="silu")


def _block(make: Draft, x: Node, name: str) -> Node:
    """Add a residual block of two 3 × 3 convolutions; the second starts near 0."""
    filters = x.shape[2]
    step = make.conv(_normal(make, x, f"{name}_a"), filters, 3, 1, f"{name}_a")
    step = make.conv(_normal(make, step, f"{name}_b"), filters, 3, 1, f"{name}_b", initial=Initial(1e-2))
    return make.add(Add, f"{name}_add", x, step)


ARCHITECTURE = ArchitectureEntry("for 64 pixels and more", residual, learning_rate=1e-3, schedule="cosine")
