"""Pixels that are one of 256 grey levels."""

from __future__ import annotations

import math
from typing import ClassVar

from vaecli.blueprint.likelihood import Likelihood, Operations, State, Tensor, Weight
from vaecli.registry import LikelihoodEntry

#: The scale is at least a quarter of a grey level.
LOG_SCALE_FLOOR = math.log(0.25 / 255.0)


class Logistic(Likelihood):
    """256 grey levels, each the share that a logistic distribution around ½ + l/4 has in its bin.

    The place follows the tangent of σ(l), and goes beyond black and white, too: only from there can
    black be certain. The bins are 1/255 wide, those of black and white reach to infinity
    (Salimans et al., 2017, eq. 2, with one component). All pixels share one scale, which is trained
    with the network. With a and b the upper and the lower edge of the bin in units of the scale,
    S(a) − S(b) = S(a)·S(−b)·(1 − e^(b − a)), S the logistic function: no digits cancel.
    """

    weights = (Weight("log_scale", (), math.log(0.1), is_trained=True),)
    is_discrete: ClassVar[bool] = True

    def loss(
        self, ops: Operations, images: Tensor, logits: Tensor, state: State, *, training: bool = False
    ) -> Tensor:
        """Return −log of the probability of each image; each value is a multiple of 1/255."""
        scale, half = self.scale(ops, state), 0.5 / 255.0
        away = images - _place(logits)
        below = ops.where(images > 1.0 - half, 0.0, ops.log_sigmoid((away + half) / scale))
        above = ops.where(images < half, 0.0, ops.log_sigmoid((half - away) / scale))
        inner = ops.where((images >= half) & (images <= 1.0 - half), 1.0, 0.0)
        return -ops.sum_per_image(below + above + inner * ops.log(-ops.expm1(-2.0 * half / scale)))

    def mean(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return the mean of what is clipped at black and white.

        It is ∫₀¹ P(X > t) dt = s·[log(1 + e^(m/s)) − log(1 + e^((m − 1)/s))] around the place m;
        the sum over the 255 edges of the bins differs by less than a fiftieth of a grey level for scales of
        half a level and more.
        """
        place, scale = _place(logits), self.scale(ops, state)
        mean = scale * (ops.softplus(place / scale) - ops.softplus((place - 1.0) / scale))
        return ops.clip(mean, 0.0, 1.0)

    def sample(self, ops: Operations, logits: Tensor, uniform: Tensor, state: State) -> Tensor:
        """Draw grey levels."""
        inside = ops.clip(uniform, 1e-7, 1.0 - 1e-7)
        drawn = _place(logits) + self.scale(ops, state) * (ops.log(inside) - ops.log1p(-inside))
        return ops.rint(255.0 * ops.clip(drawn, 0.0, 1.0)) / 255.0

    def scale(self, ops: Operations, state: State) -> Tensor:
        """Return the scale s; the standard deviation is π / √3 of it."""
        return ops.exp(LOG_SCALE_FLOOR + ops.softplus(state["log_scale"] - LOG_SCALE_FLOOR))


def _place(logits: Tensor) -> Tensor:
    """Return where pixels are centred, in units of the range [0, 1]."""
    return 0.5 + 0.25 * logits


LIKELIHOOD = LikelihoodEntry("256 grey levels", lambda sigma: Logistic())
