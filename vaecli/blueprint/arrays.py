"""The functions of `Operations` for NumPy arrays, and the activations of layers.

All take and return float32, even where NumPy would promote to float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]

exp, expm1, log, log1p = np.exp, np.expm1, np.log, np.log1p
sinh, tanh, square, absolute, sign = np.sinh, np.tanh, np.square, np.abs, np.sign
rint, maximum, clip = np.rint, np.maximum, np.clip


def where(condition: NDArray[np.bool_], chosen: ArrayLike, other: ArrayLike) -> Floats:
    """Return `chosen` where the condition holds, and `other` elsewhere."""
    return np.where(condition, np.asarray(chosen, np.float32), np.asarray(other, np.float32))


def softplus(x: Floats) -> Floats:
    """Return log(1 + eˣ).

    >>> softplus(np.float32([-200, 0, 200])).tolist()
    [0.0, 0.6931471824645996, 200.0]
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def log_sigmoid(x: Floats) -> Floats:
    """Return log σ(x)."""
    return -softplus(-x)


def sigmoid(x: Floats) -> Floats:
    """Return σ(x) = 1 / (1 + e⁻ˣ).

    >>> sigmoid(np.float32([-200, 0, 200])).tolist()
    [0.0, 0.5, 1.0]
    """
    with np.errstate(over="ignore"):  # an infinite e⁻ˣ gives the 0 that it should
        return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def normal_quantile(p: Floats) -> Floats:
    """Return the x below which a share p of the standard normal distribution lies.

    Wichura's algorithm AS 241 (1988), PPND7, to about seven digits, for p from 1e-10 on.

    >>> np.round(normal_quantile(np.float32([0.5, 0.975, 1e-6])), 3).tolist()
    [0.0, 1.9600000381469727, -4.752999782562256]
    """
    q = p - np.float32(0.5)
    r = 0.180625 - np.square(np.clip(q, -0.425, 0.425))
    above = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    central = q * above / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    r = np.sqrt(-np.log(np.minimum(p, 1 - p))) - 1.6
    above = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
    tail = np.sign(q) * above / ((0.12021132975 * r + 0.73700164250) * r + 1.0)
    return where(np.abs(q) <= 0.425, central, tail)


def constant(number: float) -> Floats:
    """Return a number as a float32 scalar."""
    return np.asarray(number, np.float32)


def mean(x: Floats) -> Floats:
    """Return the mean of all values."""
    return np.asarray(x.mean(), np.float32)


def sum_per_image(x: Floats) -> Floats:
    """Return `(n,)`, the sums of `(n, height, width, channels)`."""
    return np.asarray(x.sum(axis=(1, 2, 3)), np.float32)


def stack(numbers: Sequence[ArrayLike]) -> Floats:
    """Return numbers as an array `(numbers,)`."""
    return np.asarray(numbers, np.float32)


def stop_gradient(x: Floats) -> Floats:
    """Return the same; arrays have no gradients."""
    return x


#: What `layers.Activation` may be.
ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x * sigmoid(x),
    "softplus": softplus,
}
