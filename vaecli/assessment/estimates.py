"""A number with its standard error, and the values of single images that it is the mean of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number, and how far chance may have moved it.

    Attributes:
        value: The number.
        error: Its standard error over images; None where there is none.
        per_image: `(n,)`, the values that it is the mean of, if it is a mean.
        how: What its protocol has beside that of the whole evaluation, as plain values.
    """

    value: float
    error: float | None = None
    per_image: NDArray[np.float64] | None = None
    how: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {"value": self.value, "standard_error": self.error, **self.how}


def mean_of(per_image: ArrayLike, **how: Any) -> Estimate:
    """Return the mean over images, with its standard error.

    The standard error is the standard deviation (with n − 1) over √n; of one image there is none.

    Args:
        per_image: `(n,)`.
        how: As `Estimate.how`.

    >>> estimate = mean_of([1.0, 2.0, 3.0, 4.0])
    >>> estimate.value, round(estimate.error, 4)
    (2.5, 0.6455)
    """
    values = np.asarray(per_image, np.float64)
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else None
    return Estimate(float(values.mean()), error, values, how)


def ratio_of(above: ArrayLike, below: ArrayLike) -> Estimate:
    """Return the ratio of two means over the same images, with its standard error.

    The standard error is that of the linearised ratio, the standard deviation of aᵢ − r·bᵢ over √n times
    the mean of b (Cochran, Sampling Techniques, 1977, eq. 2.46, without the finite population).

    Args:
        above: `(n,)`.
        below: `(n,)`, with a mean that is not 0.

    >>> ratio_of([2.0, 4.0], [1.0, 2.0]).value, ratio_of([2.0, 4.0], [1.0, 2.0]).error
    (2.0, 0.0)
    """
    first, second = np.asarray(above, np.float64), np.asarray(below, np.float64)
    ratio = float(first.mean() / second.mean())
    rest = mean_of(first - ratio * second).error
    return Estimate(ratio, None if rest is None else rest / abs(float(second.mean())))
