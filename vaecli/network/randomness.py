"""Everything random follows from (seed, epoch, purpose, step); nothing remembers a state.

So weights, optimizer and the number of the epoch are all that a resumed training needs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _sequence(seed: int, epoch: int, purpose: str, step: int) -> np.random.SeedSequence:
    """Mix the four into NumPy's hash of entropy, the same on every machine."""
    return np.random.SeedSequence([seed, epoch, step, *purpose.encode()])


def key(seed: int, epoch: int, purpose: str, step: int = 0) -> NDArray[np.int32]:
    """Return the `(2,)` seed that TensorFlow's stateless random functions take.

    >>> key(0, 3, "noise").tolist() == key(0, 3, "noise").tolist()
    True
    >>> key(0, 3, "noise").tolist() == key(0, 4, "noise").tolist()
    False
    """
    return _sequence(seed, epoch, purpose, step).generate_state(2, np.uint32).view(np.int32)


def number(seed: int, epoch: int, purpose: str, step: int = 0) -> int:
    """Return the one non-negative integer that a Keras initialiser takes as its seed.

    >>> number(0, 0, "initial weights", 1) == number(0, 0, "initial weights", 2)
    False
    """
    return int(_sequence(seed, epoch, purpose, step).generate_state(1, np.uint32)[0] >> 1)


def permutation(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Return the order `(count,)` in which an epoch sees the training images.

    >>> sorted(permutation(0, 1, 5).tolist())
    [0, 1, 2, 3, 4]
    """
    return np.random.default_rng(_sequence(seed, epoch, "shuffle", 0)).permutation(count)
