"""A linear path beside a deep one, from the pixels to the heads and from the latents to the logits.

From `LINEAR_FROM` latents on, what principal components can do is learnt at once, and the deep path adds
to it. With few latents there is little to gain.
"""

from __future__ import annotations

import math

from vaecli.blueprint.drafting import Draft, Node
from vaecli.blueprint.layers import Add, Concatenate, Initial, Rescaling

LINEAR_FROM = 16  # latents
ENLARGED = 8.0


def with_linear_latents(make: Draft, x: Node, latent_dim: int, most: int | None = None) -> Node:
    """Join as many linear functions of the centred pixels as there are latents, if they are many.

    Like the latents in `with_linear_image`, the pixels are enlarged: Adam moves each weight by about
    the learning rate, regardless of the factor that multiplies it, so this path learns several times faster.

    Args:
        make: The encoder that is being drawn.
        x: What they are joined to, `(values,)`.
        latent_dim: How many latents there are.
        most: Images of more values are enlarged less, in proportion: a step moves a sum over all of
            them, and would move it too far.
    """
    if latent_dim < LINEAR_FROM:
        return x
    values = math.prod(make.given.shape)
    factor = ENLARGED if most is None else ENLARGED * min(1.0, most / values)
    centred = make.add(Rescaling, "centred", make.given, factor=factor, offset=-factor / 2)
    linear = make.dense(make.flat(centred, "pixels"), latent_dim, "linear")
    return make.add(Concatenate, "join", x, linear)


def with_linear_image(make: Draft, x: Node) -> Node:
    """Add a linear function of the latents, if they are many, to logits."""
    (latent_dim,) = make.given.shape
    if latent_dim < LINEAR_FROM:
        return x
    enlarged = make.add(Rescaling, "enlarged", make.given, factor=4.0)
    linear = make.dense(enlarged, math.prod(x.shape), "linear", initial=Initial(0.01))
    return make.add(Add, "join", x, make.reshaped(linear, x.shape, "image"))
