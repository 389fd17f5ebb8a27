"""What the tests of all likelihoods look at: the distribution of one pixel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.blueprint import arrays
from vaecli.blueprint.likelihood import Likelihood

Floats = NDArray[np.float32]

LEVELS = (np.arange(256) / 255).astype(np.float32)
DENSE = ((np.arange(20_000) + 0.5) / 20_000).astype(np.float32)  # midpoints of [0, 1]


def pixels(values: Floats) -> Floats:
    """Return one image of one pixel per value."""
    return values.reshape(-1, 1, 1, 1)


class Pixel:
    """A likelihood in NumPy with a state, by default that before any training."""

    def __init__(self, kind: Likelihood, state: Mapping[str, Any] | None = None) -> None:
        self.kind = kind
        initial = {weight.name: np.full(weight.shape, weight.initial, np.float32) for weight in kind.weights}
        self.state = initial | {name: np.float32(value) for name, value in (state or {}).items()}
        self.loss = partial(self._with_state, "loss")

    def _with_state(self, function: str, *given: Any, **more: Any) -> Any:
        return getattr(self.kind, function)(arrays, *given, self.state, **more)

    def learn(self, images: Floats, logits: Floats) -> None:
        """Take a training step."""
        self.state |= self._with_state("learn", images, logits)

    def scale(self) -> float:
        """Return the spread that all pixels share."""
        return float(self._with_state("scale"))

    def probability(self, x: Floats, logit: float) -> NDArray[np.float64]:
        """Return p(x) of a pixel for each value, in double precision."""
        logits = np.full((len(x), 1, 1, 1), logit, np.float32)
        return np.exp(-self.loss(pixels(x), logits).astype(np.float64))

    def mean(self, logit: float) -> float:
        """Return the expected value of a pixel."""
        return float(self._with_state("mean", np.full((1, 1, 1, 1), logit, np.float32))[0, 0, 0, 0])

    def drawn(self, logit: float) -> Floats:
        """Return 20,000 draws of a pixel, from evenly spread uniform numbers."""
        logits = np.full((len(DENSE), 1, 1, 1), logit, np.float32)
        return self._with_state("sample", logits, pixels(DENSE)).ravel()
