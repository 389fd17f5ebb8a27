"""Patches, then dense layers: the default, for a low −ELBO in little time on a few cores."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vaecli.blueprint.drafting import Draft, Halves, ImageShape, Node
from vaecli.blueprint.layers import Initial
from vaecli.blueprint.linear_path import with_linear_image, with_linear_latents
from vaecli.registry import ArchitectureEntry

KEEP = Initial(2.0, "in")  # He et al. (2015, eq. 10); near enough for silu
MEAN = Initial(1e-3, "in")  # near 0, but not so near that latents are never used
LOG_VAR = Initial(1e-4, "in")
LOGITS = Initial(1e-3, "in")  # every image is grey
MOST_VALUES = 32 * 32 * 3  # of images that the linear path enlarges in full


def conv(
    shape: ImageShape, latent_dim: int, *, filters: int = 64, widths: Sequence[int] = (256, 256, 256)
) -> Halves:
    """Draw the halves.

    Overlapping convolutions on few channels are what costs on a CPU. So images are cut into patches by
    convolutions whose stride is their size, each wider than the one before, and dense layers do the
    rest. The decoder goes back by transposed convolutions whose kernels overlap by half, which leave no
    seams. A deeper residual stack learns as much, but its −ELBO leaps by several nats at this learning rate.

    Kernels begin with a variance by their fan-in. By the mean of fan-in and fan-out the few values of
    the latents would hardly move the wide layers that follow, and most latents would never be used.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        filters: Channels at the largest positions; each halving of the sides doubles them.
        widths: Units of the encoder's dense layers; the decoder has them in reverse.
    """
    make = Draft("encoder", "images", shape)
    x = patches(make, filters)  # (rows·columns·channels,)
    x = dense_stack(make, x, widths)  # (widths[-1],)
    x = with_linear_latents(make, x, latent_dim, most=MOST_VALUES)  # (widths[-1],), or as many latents more
    encoder = make.half(*make.heads(x, latent_dim, MEAN, LOG_VAR))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = dense_stack(make, make.given, widths[::-1])  # (widths[0],)
    return encoder, make.half(with_linear_image(make, enlarged(make, x, shape, filters)))


def patches(make: Draft, filters: int) -> Node:
    """Cut the images that an encoder is given into patches that do not overlap.

    Args:
        make: The encoder that is being drawn.
        filters: Channels of the first patches; each halving of the sides doubles them.
    """
    x = make.given  # (height, width, channels)
    for index, stride in enumerate(strides(max(x.shape[:2]), 4)):
        x = make.conv(x, filters * 2**index, stride, stride, f"patches_{index}", "silu", KEEP)
    return make.flat(x)  # (rows·columns·channels,)


def enlarged(make: Draft, x: Node, shape: ImageShape, filters: int) -> Node:
    """Make values into positions and these into logits of the shape of an image.

    Args:
        make: The decoder that is being drawn.
        x: The values, `(values,)`.
        shape: `(height, width, channels)` of an image.
        filters: Channels at the most positions; where there are fewer, twice as many each time.
    """
    height, width, channels = shape
    last, *others = strides(max(height, width), 8)
    widest = filters * 2 ** len(others)
    rows, columns = (-(-side // math.prod([last, *others])) for side in (height, width))
    x = make.dense(x, rows * columns * widest, "positions", "silu", KEEP)
    x = make.reshaped(x, (rows, columns, widest), "unflatten")
    for index in range(len(others), 0, -1):  # twice the sides, half the channels
        x = make.transposed(x, filters * 2 ** (index - 1), 4, 2, f"patches_{index}", "silu", KEEP)
    x = make.transposed(x, channels, 2 * last, last, "logits", initial=LOGITS)
    return make.cropped(x, height, width)  # (height, width, channels)


def strides(side: int, positions: int) -> list[int]:
    """Return a stride that leaves about so many positions a side, and halvings while more than 8 are left.

    >>> strides(5, 4), strides(28, 4), strides(64, 4), strides(200, 4)
    ([2], [7], [8], [8, 2, 2])
    >>> strides(5, 8), strides(28, 8), strides(64, 8), strides(200, 8)
    ([2], [4], [8], [8, 2, 2])
    """
    found = [min(max(-(-side // positions), 2), 8)]
    while side > 8 * math.prod(found):
        found.append(2)
    return found


def dense_stack(make: Draft, x: Node, widths: Sequence[int]) -> Node:
    """Add dense layers, one per width."""
    for index, width in enumerate(widths):
        x = make.dense(x, width, f"dense_{index}", "silu", KEEP)
    return x


ARCHITECTURE = ArchitectureEntry(
    "the default",
    conv,
    learning_rate=2e-3,
    schedule="cosine",
    kl_warmup=0.25,
    ema=0.9995,
    clip=2.0,
    weight_decay=0.5,
)
