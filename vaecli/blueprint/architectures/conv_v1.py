"""`conv` as it was in runs of the formats 1 and 2: patches that do not overlap, and Glorot's variance."""

from __future__ import annotations

import math

from vaecli.blueprint.drafting import Draft, Halves, ImageShape, Node
from vaecli.blueprint.layers import Add, Initial
from vaecli.blueprint.linear_path import with_linear_image, with_linear_latents
from vaecli.registry import ArchitectureEntry


def conv_v1(
    shape: ImageShape, latent_dim: int, *, filters: int = 64, units: int = 192, depth: int = 8
) -> Halves:
    """Draw the halves.

    Overlapping convolutions on few channels are what costs on a CPU, and depth in the dense
    part is what pays. So images are cut into patches by convolutions whose stride is their
    size, each wider than the one before, and residual dense layers do the rest. The
    decoder is the mirror. Padding gives the strides what they need; the decoder crops it.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        filters: Channels of the first convolution; each other has twice those of the one before.
        units: Of each dense layer.
        depth: Dense layers of a half.
    """
    height, width, channels = shape
    strides = patch_strides(max(height, width))
    widths = [filters * 2**index for index in range(len(strides))]
    rows, columns = (-(-side // math.prod(strides)) for side in (height, width))

    make = Draft("encoder", "images", shape)
    x = make.given  # (height, width, channels)
    for index, stride in enumerate(strides):
        x = make.conv(x, widths[index], stride, stride, f"patches_{index}", "silu")
    x = make.flat(x)  # (rows·columns·widths[-1],)
    x = _residual(make, x, units, depth)  # (units,)
    x = with_linear_latents(make, x, latent_dim)  # (units,) or (units + latent_dim,)
    encoder = make.half(*make.heads(x, latent_dim))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = _residual(make, make.given, units, depth)  # (units,)
    x = make.dense(x, rows * columns * widths[-1], "positions", "silu")
    x = make.reshaped(x, (rows, columns, widths[-1]), "unflatten")
    for index in range(len(strides) - 1, 0, -1):
        x = make.transposed(x, widths[index - 1], strides[index], strides[index], f"patches_{index}", "silu")
    x = make.transposed(x, channels, strides[0], strides[0], "logits")  # sides are multiples of the strides
    x = make.cropped(x, height, width)  # (height, width, channels)
    return encoder, make.half(with_linear_image(make, x))


def patch_strides(side: int) -> list[int]:
    """Return strides that leave at most 8 positions a side; images of 28 pixels have 4.

    >>> patch_strides(5), patch_strides(28), patch_strides(64), patch_strides(200)
    ([2], [7], [8], [8, 2, 2])
    """
    strides = [min(-(-side // 4), 8)]
    while side > 8 * math.prod(strides):
        strides.append(2)
    return strides


def _residual(make: Draft, x: Node, units: int, depth: int) -> Node:
    """Add a dense layer and then residual ones, x + silu(W·x + b), `depth` in all.

    The residual ones start with a share of the variance each: at 1e-3 the loss of a deep
    stack would leap up every few epochs otherwise.
    """
    x = make.dense(x, units, "dense_0", "silu")
    for index in range(1, depth):
        step = make.dense(x, units, f"dense_{index}", "silu", Initial(1.0 / depth))
        x = make.add(Add, f"add_{index}", x, step)
    return x


ARCHITECTURE = ArchitectureEntry(
    "conv of early runs", conv_v1, learning_rate=1e-3, schedule="cosine", is_offered=False
)
