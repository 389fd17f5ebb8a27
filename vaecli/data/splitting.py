"""Which images are held out, where a set does not say: a choice that content alone decides.

An image is ranked by a digest of the seed and its bytes. So neither names nor order
matter, a folder and a zip of it are split alike, at every size and number of channels,
and of two equal images never one is trained on and the other held out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TEST_FRACTION
from vaecli.errors import DataError

_ENDS = 1 << 16  # bytes at both ends of a file that stand for all of it, beside its length


def file_digest(stream: BinaryIO) -> bytes:
    """Return 8 bytes that stand for a file's content: its length, its beginning and its end."""
    size = stream.seek(0, 2)
    digest = hashlib.blake2b(str(size).encode(), digest_size=8)
    stream.seek(0)
    digest.update(stream.read(_ENDS))
    if size > _ENDS:
        stream.seek(max(_ENDS, size - _ENDS))
        digest.update(stream.read(_ENDS))
    stream.seek(0)
    return digest.digest()


def array_digests(images: NDArray[np.generic]) -> list[bytes]:
    """Return 8 bytes for each image `(n, …)` that stand for its values."""
    return [
        hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=8).digest() for image in images
    ]


def hold_out(
    digests: Sequence[bytes], labels: NDArray[np.int64], fraction: float | None, seed: int
) -> NDArray[np.bool_]:
    """Return which images to hold out, `(n,)`: of each class the same fraction.

    Args:
        digests: What stands for the content of each image.
        labels: `(n,)` classes.
        fraction: The part to hold out, by default a tenth.
        seed: Another seed holds out others.

    Raises:
        DataError: If there are fewer than two different images.

    >>> digests = [bytes([number]) for number in range(20)]
    >>> int(hold_out(digests, np.zeros(20, np.int64), 0.2, seed=0).sum())
    4
    """
    fraction = TEST_FRACTION if fraction is None else fraction
    salt = str(seed).encode()
    ranks = [hashlib.blake2b(digest, digest_size=8, key=salt).digest() for digest in digests]
    if len(set(ranks)) < 2:
        raise DataError(
            "There is only 1 usable image."
            if len(ranks) == 1
            else f"There are only {len(ranks):,} usable images, all equal.",
            "Expected: at least two different ones, one to train on and one to hold out.",
        )
    number = np.array([int.from_bytes(rank, "big") for rank in ranks], np.uint64)
    last = np.zeros(int(labels.max()) + 1, np.uint64)  # of each class, the last rank to hold out
    for label in np.unique(labels):
        own = np.sort(number[labels == label])
        if count := round(fraction * len(own)):
            last[label] = own[count - 1]
    held = number <= last[labels]
    held = np.isin(number, number[held])  # an equal image of another class goes with it
    if not held.any():
        held = number == number.min()
    if held.all():
        held = number != number.max()
    return held
