"""Weights that an epoch keeps to be drawn with: half the size of those that training resumes from.

A pixel has 256 levels and float16 a precision of 2⁻¹¹, so what a decoder draws from rounded weights is the
same to the eye. A tensor that float16 cannot hold to that precision stays as it is: one with a number
beyond 65,504, which would become infinite, and one whose numbers are all so small that they would
lose their digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaecli.store.faults import DamagedContent

if TYPE_CHECKING:
    from vaecli.store.tensors import Arrays

_LARGEST, _SMALLEST = 65504.0, 2.0**-14  # float16 numbers between these keep all their digits


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
