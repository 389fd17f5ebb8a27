"""Normal pixels around the decoder's image, all with one standard deviation."""

from __future__ import annotations

import math

from vaecli.blueprint.likelihood import Likelihood, Operations, State, Tensor, Weight
from vaecli.registry import LikelihoodEntry

#: log σ is bent to stay above −6, as Rybkin et al. (2021) do: σ is at least two thirds of a grey level.
LOG_SIGMA_FLOOR = -6.0

MEMORY = 0.95  # share of the running squared error that a step keeps


class Gaussian(Likelihood):
    """Normal pixels around σ(l), all with one standard deviation.

    By default that is the optimal one: the root of the mean squared error of the batch that is
    being trained on, for which the likelihood is largest (Rybkin et al., 2021, the optimal σ-VAE). It is
    frozen for all else: held-out images are judged with a running mean over the training steps.

    Args:
        sigma: A fixed standard deviation instead, in units of the range [0, 1].
    """

    def __init__(self, sigma: float | None = None) -> None:
        self.sigma = sigma
        if sigma is None:  # sums of squared errors and of weights, fading as Adam's moments do
            self.weights = (Weight("squared_error", (2,), 0.0, is_trained=False),)

    def loss(
        self, ops: Operations, images: Tensor, logits: Tensor, state: State, *, training: bool = False
    ) -> Tensor:
        """Return −log of the density of each image."""
        squared = ops.square(images - ops.sigmoid(logits))
        if training and self.sigma is None:
            log_sigma = _log_sigma(ops, ops.mean(squared))
        else:
            log_sigma = ops.log(self.scale(ops, state))
        density = 0.5 * squared * ops.exp(-2.0 * log_sigma) + log_sigma + 0.5 * math.log(2.0 * math.pi)
        return ops.sum_per_image(density)

    def mean(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return σ(l)."""
        return ops.sigmoid(logits)

    def sample(self, ops: Operations, logits: Tensor, uniform: Tensor, state: State) -> Tensor:
        """Draw normal pixels; those beyond black or white are clipped."""
        tails = ops.normal_quantile(ops.clip(uniform, 1e-7, 1.0 - 1e-7))
        return ops.clip(ops.sigmoid(logits) + self.scale(ops, state) * tails, 0.0, 1.0)

    def scale(self, ops: Operations, state: State) -> Tensor:
        """Return the standard deviation; before any training that of uniform pixels, 12^−½."""
        if self.sigma is not None:
            return ops.constant(self.sigma)
        total, weight = state["squared_error"][0], state["squared_error"][1]
        error = ops.where(weight > 0.0, ops.maximum(total, 0.0) / ops.maximum(weight, 1e-6), 1.0 / 12.0)
        return ops.exp(_log_sigma(ops, error))

    def natural(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return σ(l) over the variance."""
        return ops.sigmoid(logits) / ops.square(self.scale(ops, state))

    def learn(self, ops: Operations, images: Tensor, logits: Tensor, state: State) -> State:
        """Return the running squared error after a training step."""
        if self.sigma is not None:
            return {}
        error = ops.mean(ops.square(images - ops.sigmoid(logits)))
        return {"squared_error": remembered(ops, state["squared_error"], error)}


def remembered(ops: Operations, squared_error: Tensor, error: Tensor) -> Tensor:
    """Return a running squared error, `(2,)`, after a step whose mean squared error is `error`.

    >>> import numpy as np
    >>> from vaecli.blueprint import arrays
    >>> total, weight = remembered(arrays, np.zeros(2, np.float32), np.float32(0.2))
    >>> round(float(total / weight), 6)  # the first step counts in full
    0.2
    """
    seen = ops.stack([ops.stop_gradient(error), 1.0])
    return MEMORY * squared_error + (1.0 - MEMORY) * seen


def _log_sigma(ops: Operations, error: Tensor) -> Tensor:
    """Return log σ of a mean squared error, smoothly above `LOG_SIGMA_FLOOR`."""
    above = 0.5 * ops.log(error + 1e-12) - LOG_SIGMA_FLOOR
    return LOG_SIGMA_FLOOR + ops.softplus(above)


LIKELIHOOD = LikelihoodEntry("normal, one σ for all", Gaussian, default_for=(3,))
