"""Pixels of every shade, with a density of the Bernoulli's form."""

from __future__ import annotations

import math

from vaecli.blueprint.likelihood import Likelihood, Operations, State, Tensor
from vaecli.registry import LikelihoodEntry

#: The natural parameter l stays within ±255: the mean of a pixel, 1/|l| for a far one, is then within
#: one grey level of black or white, and its density at most 255.
NATURAL_BOUND = 255.0


class ContinuousBernoulli(Likelihood):
    """The Bernoulli's form made a proper density on [0, 1] (Loaiza-Ganem and Cunningham, 2019).

    p(x) = e^(l·x) / ∫₀¹ e^(l·t) dt, so −log p(x) = log((eˡ − 1) / l) − l·x. Its mean is not σ(l)
    but 1 / (1 − e^−l) − 1 / l. A black pixel wants an l of −255, a hundred times as far as
    a Bernoulli's logit ever goes: units of the decoder die on such a way. So its logits u give
    l = 3·sinh(b·tanh(u / b)), where b = asinh(255 / 3) bounds l as `NATURAL_BOUND` says. Then the mean is
    within 0.03 of σ(u), black and white are as near as they are for the other kinds, and u = 0 is grey.
    """

    def loss(
        self, ops: Operations, images: Tensor, logits: Tensor, state: State, *, training: bool = False
    ) -> Tensor:
        """Return −log of the density of each image."""
        natural = _natural(ops, logits)
        size = ops.absolute(natural)
        safe = ops.where(size < 0.1, 1.0, size)  # what `where` does not choose still has a gradient
        far = ops.maximum(natural, 0.0) + ops.log(-ops.expm1(-safe) / safe)
        near = natural / 2 + ops.square(natural) / 24 - ops.square(ops.square(natural)) / 2880
        return ops.sum_per_image(ops.where(size < 0.1, near, far) - natural * images)

    def mean(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return 1 / (1 − e^−l) − 1 / l, by its series near 0."""
        natural = _natural(ops, logits)
        safe = ops.where(ops.absolute(natural) < 0.1, 1.0, natural)
        far = ops.sign(safe) / -ops.expm1(-ops.absolute(safe)) - 1.0 / safe + ops.where(safe < 0, 1.0, 0.0)
        near = 0.5 + natural / 12 - natural**3 / 720
        return ops.where(ops.absolute(natural) < 0.1, near, far)

    def sample(self, ops: Operations, logits: Tensor, uniform: Tensor, state: State) -> Tensor:
        """Return log(1 + u·(eˡ − 1)) / l, mirrored so that no power overflows."""
        size = ops.maximum(ops.absolute(_natural(ops, logits)), 1e-3)  # as near to 0 as float32 can tell
        dark = ops.log1p(uniform * ops.expm1(-size)) / -size
        return ops.where(logits < 0, dark, 1.0 - dark)

    def natural(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return l."""
        return _natural(ops, logits)


def _natural(ops: Operations, logits: Tensor) -> Tensor:
    """Return the natural parameter, smoothly within ±`NATURAL_BOUND`."""
    bound = math.asinh(NATURAL_BOUND / 3.0)
    return 3.0 * ops.sinh(bound * ops.tanh(logits / bound))


LIKELIHOOD = LikelihoodEntry("a density of all shades", lambda sigma: ContinuousBernoulli())
