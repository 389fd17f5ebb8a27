"""Weights that an epoch keeps to be drawn with: half the size of those that training resumes from.

A pixel has 256 levels and float16 a precision of 2⁻¹¹, so what a decoder draws from rounded weights is the
same to the eye. A tensor that float16 cannot hold to that precision stays as it is: one with a number
beyond 65,504, which would become infinite, and one whose numbers are all so small that they would
lose their digits.

Large networks and long trainings would fill disks: where the weights of all epochs are too much, only
some epochs keep theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from vaecli.store.faults import DamagedContent

if TYPE_CHECKING:
    from vaecli.store.tensors import Arrays

ROOM = 1024**3  # bytes that the weights of a run's epochs may take

_LARGEST, _SMALLEST = 65504.0, 2.0**-14  # float16 numbers between these keep all their digits


def epochs_with_weights(parameters: int, total: int, room: int = ROOM) -> Collection[int]:
    """Return the epochs of 0…total that keep their weights: as many as there is room for, evenly spread.

    The first and the last always do. It follows from the total alone, so that a resumed run is the same as
    one that was never stopped.

    Args:
        parameters: Trainable numbers of the network.
        total: The last epoch.
        room: Bytes that all weights together may take.

    >>> sorted(epochs_with_weights(10, 8, room=200)), sorted(epochs_with_weights(10, 8, room=100))
    ([0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 2, 4, 6, 8])
    >>> sorted(epochs_with_weights(10, 7, room=80)), sorted(epochs_with_weights(10, 7, room=0))
    ([0, 2, 5, 7], [0, 7])
    """
    count = max(2, room // size_of(parameters))
    if total < count:
        return range(total + 1)
    gaps = count - 1
    return {(2 * step * total + gaps) // (2 * gaps) for step in range(count)}  # step · total / gaps, rounded


def size_of(parameters: int) -> int:
    """Return about how many bytes the rounded weights of an epoch take."""
    return 2 * max(parameters, 1)


def rounded(weights: Arrays) -> Arrays:
    """Return weights as float16, and as float32 those that float16 cannot hold.

    A number is off by at most 2⁻¹¹ of the largest of its tensor.

    Args:
        weights: Name → float32 array.

    >>> import numpy as np
    >>> tensors = {"kernel": np.float32([0.1, -3]), "large": np.float32([1e5]), "small": np.float32([1e-7])}
    >>> [array.dtype.str for array in rounded(tensors).values()]
    ['<f2', '<f4', '<f4']
    """
    import numpy as np

    found = {}
    for name, array in weights.items():
        largest = float(np.abs(array).max(initial=0.0))
        fits = largest == 0 or _SMALLEST <= largest <= _LARGEST
        found[name] = np.asarray(array, np.float16 if fits else np.float32)
    return found


def widened(arrays: Arrays, where: str) -> Arrays:
    """Return stored weights as float32.

    Args:
        arrays: What `rounded` gave.
        where: The file's name, for messages.

    Raises:
        DamagedArtifact: If an array is of another type.
    """
    import numpy as np

    for name, array in arrays.items():
        if array.dtype not in (np.float16, np.float32):
            raise DamagedContent(where, f"{name[:80]} holds no weights")
    return {name: array.astype(np.float32) for name, array in arrays.items()}
