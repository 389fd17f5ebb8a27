"""The network of pytorch/examples: one hidden layer of 400 units, there and back, with Adam at 1e-3."""

from __future__ import annotations

import math

from vaecli.blueprint.drafting import Draft, Halves, ImageShape
from vaecli.blueprint.layers import Initial
from vaecli.registry import ArchitectureEntry

UNITS = 400
USUAL = Initial(1 / 3, "in")  # PyTorch's for dense layers: within ± fan_in^−½


def pytorch_400(shape: ImageShape, latent_dim: int) -> Halves:
    """Draw the halves; `shape` is `(height, width, channels)`."""
    make = Draft("encoder", "images", shape)
    x = make.dense(make.flat(make.given), UNITS, "hidden", "relu", USUAL)
    encoder = make.half(*make.heads(x, latent_dim, USUAL, USUAL))

    make = Draft("decoder", "latents", (latent_dim,))
    x = make.dense(make.given, UNITS, "hidden", "relu", USUAL)
    x = make.dense(x, math.prod(shape), "logits", initial=USUAL)
    return encoder, make.half(make.reshaped(x, shape, "image"))


ARCHITECTURE = ArchitectureEntry(
    "pytorch/examples'", pytorch_400, learning_rate=1e-3, schedule="constant", is_offered=False
)
