"""Pixels that are black or white."""

from __future__ import annotations

from vaecli.blueprint.likelihood import Likelihood, Operations, State, Tensor
from vaecli.registry import LikelihoodEntry


class Bernoulli(Likelihood):
    """Pixels are black or white; a grey one counts as the expectation over both.

    With p = σ(l), −[x·log p + (1 − x)·log(1 − p)] = log(1 + eˡ) − x·l, which is exact for every
    finite logit. A grey x has a floor, its own entropy.

    >>> import numpy as np
    >>> from vaecli.blueprint import arrays
    >>> image = np.array([[[[1.0], [0.0]]]], np.float32)
    >>> float(Bernoulli().loss(arrays, image, np.zeros_like(image), {})[0])  # 2·log 2
    1.3862943649291992
    """

    def loss(
        self, ops: Operations, images: Tensor, logits: Tensor, state: State, *, training: bool = False
    ) -> Tensor:
        """Return the cross-entropy of each image."""
        return ops.sum_per_image(ops.softplus(logits) - images * logits)

    def mean(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return σ(l), the probability of white."""
        return ops.sigmoid(logits)

    def sample(self, ops: Operations, logits: Tensor, uniform: Tensor, state: State) -> Tensor:
        """Draw black or white pixels."""
        return ops.where(uniform < ops.sigmoid(logits), 1.0, 0.0)

    def natural(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return the logits."""
        return logits


LIKELIHOOD = LikelihoodEntry("black or white", lambda sigma: Bernoulli(), default_for=(1,))
