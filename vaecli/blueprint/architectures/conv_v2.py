"""`conv` as it was when runs began to keep averaged weights: a deep residual stack."""

from __future__ import annotations

from vaecli.blueprint.architectures.conv import KEEP, LOG_VAR, MEAN, MOST_VALUES, enlarged, patches
from vaecli.blueprint.drafting import Draft, Halves, ImageShape, Node
from vaecli.blueprint.layers import Add, Initial
from vaecli.blueprint.linear_path import with_linear_image, with_linear_latents
from vaecli.registry import ArchitectureEntry


def conv_v2(
    shape: ImageShape, latent_dim: int, *, filters: int = 64, units: int = 192, depth: int = 8
) -> Halves:
    """Draw the halves.

    Overlapping convolutions on few channels are what costs on a CPU, and depth in the dense
    part is what pays. So images are cut into patches by convolutions whose stride is their
    size, each wider than the one before, and residual dense layers do the rest. The decoder goes back by
    transposed convolutions whose kernels overlap by half, which leave no seams.

    Args:
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        filters: Channels at the largest positions; each halving of the sides doubles them.
        units: Of each dense layer.
        depth: Dense layers of a half.
    """
    make = Draft("encoder", "images", shape)
    x = patches(make, filters)  # (rows·columns·channels,)
    x = _residual(make, x, units, depth)  # (units,)
    x = with_linear_latents(make, x, latent_dim, most=MOST_VALUES)  # (units,) or (units + latent_dim,)
    encoder = make.half(*make.heads(x, latent_dim, MEAN, LOG_VAR))  # (latent_dim,) twice

    make = Draft("decoder", "latents", (latent_dim,))
    x = _residual(make, make.given, units, depth)  # (units,)
    return encoder, make.half(with_linear_image(make, enlarged(make, x, shape, filters)))


def _residual(make: Draft, x: Node, units: int, depth: int) -> Node:
    """Add a dense layer and then residual ones, x + silu(W·x + b), `depth` in all.

    The residual ones share the variance of one layer, so that the stack does not enlarge what passes.
    """
    x = make.dense(x, units, "dense_0", "silu", KEEP)
    for index in range(1, depth):
        step = make.dense(x, units, f"dense_{index}", "silu", Initial(KEEP.scale / depth, "in"))
        x = make.add(Add, f"add_{index}", x, step)
    return x


ARCHITECTURE = ArchitectureEntry(
    "conv of early runs",
    conv_v2,
    learning_rate=2e-3,
    schedule="cosine",
    kl_warmup=0.1,
    ema=0.9995,
    clip=2.0,
    is_offered=False,
)
