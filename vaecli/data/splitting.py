"""Which images are held out, where a set does not say: a choice that content alone decides.

An image is ranked by a digest of the seed and its bytes. So neither names nor order
matter, a folder and a zip of it are split alike, at every size and number of channels,
and of two equal images never one is trained on and the other held out.

What stays together is a unit: equal images, and all of one group, a patient or an object. Of each class
the same share is held out, as far as whole units allow, and of the whole set its share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TEST_FRACTION, TrainConfig
from vaecli.data.blocks import blocks
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
        hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=8).digest()
        for block in blocks(images)
        for image in block
    ]


def hold_out(
    digests: Sequence[bytes],
    labels: NDArray[np.int64],
    fraction: float | None,
    seed: int,
    *,
    groups: Sequence[str | None] | None = None,
    rounding: str = TrainConfig.rounding,
) -> NDArray[np.bool_]:
    """Return which images to hold out, `(n,)`: of each class the same fraction.

    Args:
        digests: What stands for the content of each image.
        labels: `(n,)` classes.
        fraction: The part to hold out, by default a tenth.
        seed: Another seed holds out others.
        groups: The group of each image, all of which goes to one side; None for one without.
        rounding: `set`, where the share of the whole set is rounded; `class`, where that of each class is,
            as it was for early runs.

    Raises:
        DataError: If there are fewer than two different images, or all are of one group.

    >>> digests = [bytes([number]) for number in range(20)]
    >>> int(hold_out(digests, np.zeros(20, np.int64), 0.2, seed=0).sum())
    4
    >>> int(hold_out(digests, np.arange(20) // 2, 0.2, seed=0).sum())
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
    if rounding == "class":
        return _rounded_by_class(number, labels, fraction)
    units = _units(number, groups)
    if len(np.unique(units)) < 2:
        raise DataError("All images are of one group.", "Expected: at least two groups.")
    return _of_units(units, number, labels, fraction)


def _units(number: NDArray[np.uint64], groups: Sequence[str | None] | None) -> NDArray[np.int64]:
    """Return the unit of each image, `(n,)`: equal images and those of one group are in the same.

    >>> _units(np.array([5, 6, 6, 7], np.uint64), ["a", "a", None, None]).tolist()
    [0, 0, 0, 1]
    """
    found: NDArray[np.int64] = np.unique(number, return_inverse=True)[1].astype(np.int64)
    if groups is None:
        return found
    parent = list(range(int(found.max()) + 1))

    def root(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    first: dict[str, int] = {}
    for unit, group in zip(found.tolist(), groups, strict=True):
        if group is not None:
            parent[root(unit)] = root(first.setdefault(group, unit))
    roots = np.array([root(unit) for unit in found.tolist()])
    joined: NDArray[np.int64] = np.unique(roots, return_inverse=True)[1].astype(np.int64)
    return joined


def _of_units(
    units: NDArray[np.int64], number: NDArray[np.uint64], labels: NDArray[np.int64], fraction: float
) -> NDArray[np.bool_]:
    """Return which images to hold out, `(n,)`: whole units in the order of their ranks, as many as fit."""
    order = np.lexsort((labels, number))
    by_rank, first = np.unique(units[order], return_index=True)
    sizes, classes = np.bincount(units).tolist(), labels[order][first].tolist()
    in_order = by_rank[np.argsort(first)].tolist()
    room = _quotas(number, labels, fraction)
    held: set[int] = set()
    for unit in in_order:
        if sizes[unit] <= room[classes[unit]]:
            room[classes[unit]] -= sizes[unit]
            held.add(unit)
    left = sum(room.values())  # where units did not fit into their class
    for unit in in_order:
        if unit not in held and sizes[unit] <= left:
            left -= sizes[unit]
            held.add(unit)
    if not held:
        held = {min(in_order, key=lambda unit: sizes[unit])}
    if len(held) == len(in_order):
        held.remove(in_order[-1])
    return np.isin(units, list(held))


def _quotas(number: NDArray[np.uint64], labels: NDArray[np.int64], fraction: float) -> dict[int, int]:
    """Return how many images of each class to hold out.

    Together they are the share of the whole set; the classes with the largest remainders get one more,
    of equal ones those with the image of the lowest rank.
    """
    classes, place_of, counts = np.unique(labels, return_inverse=True, return_counts=True)
    lowest = np.full(len(classes), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(lowest, place_of, number)
    shares = (fraction * counts).tolist()
    quotas = [int(share) for share in shares]
    more = int(fraction * len(labels) + 0.5) - sum(quotas)
    order = sorted(range(len(classes)), key=lambda place: (quotas[place] - shares[place], lowest[place]))
    for place in order[:more]:
        quotas[place] += 1
    return dict(zip(classes.tolist(), quotas, strict=True))


def _rounded_by_class(
    number: NDArray[np.uint64], labels: NDArray[np.int64], fraction: float
) -> NDArray[np.bool_]:
    """Return which images were held out, `(n,)`, when the share of each class was rounded by itself."""
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
