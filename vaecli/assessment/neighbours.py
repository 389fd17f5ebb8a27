"""Whether images of a class lie together in latent space: the accuracy of a vote among neighbours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

K = 20  # neighbours that vote

_BLOCK = 8_000_000  # distances in memory at a time
_GROUP = 32  # known points in a group of which the nearest is looked at first


def neighbour_accuracy(
    points: NDArray[np.floating],
    labels: NDArray[np.integer],
    known: NDArray[np.floating],
    known_labels: NDArray[np.integer],
    k: int = K,
) -> NDArray[np.float64]:
    """Return whether the k nearest known points give each point its own label, 1 or 0.

    The most frequent label wins, the smallest of several (Cover and Hart, 1967, for k = 1).

    Args:
        points: `(n, dims)`, which are not among the known ones.
        labels: `(n,)`, their labels.
        known: `(m, dims)`.
        known_labels: `(m,)`.
        k: How many neighbours vote; all where there are fewer.

    Returns:
        `(n,)`.

    >>> neighbour_accuracy([[0.0], [3.0]], [0, 0], [[0.1], [2.9]], [0, 1], k=1).tolist()
    [1.0, 0.0]
    """
    labels, known_labels = np.asarray(labels), np.asarray(known_labels)
    k, classes = min(k, len(known)), int(max(labels.max(), known_labels.max())) + 1
    correct = np.empty(len(points))
    for start, nearest in _nearest(np.asarray(points), np.asarray(known), k):
        rows = slice(start, start + len(nearest))
        own = classes * np.arange(len(nearest))[:, None] + known_labels[nearest]
        votes = np.bincount(own.ravel(), minlength=classes * len(nearest)).reshape(-1, classes)
        correct[rows] = votes.argmax(axis=1) == labels[rows]
    return correct


def _nearest(
    points: NDArray[np.floating], known: NDArray[np.floating], k: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield the position of each block of points and their k nearest known ones, `(≤ n, k)`, in any order.

    Distances are matrix products. The known points are dealt into groups, and only the k groups whose least
    distances are least are searched: the k nearest points cannot lie in more groups than that.
    """
    centre = known.mean(axis=0, dtype=np.float64)
    groups = -(-len(known) // _GROUP)
    halves = np.full(_GROUP * groups, np.inf, np.float32)  # ½·|known|², and no point is near those that pad
    others = np.zeros((len(halves), known.shape[1]), np.float32)
    others[: len(known)] = known - centre
    halves[: len(known)] = 0.5 * np.square(others[: len(known)]).sum(axis=1)
    step = max(1, _BLOCK // len(halves))
    for start in range(0, len(points), step):
        part = np.asarray(points[start : start + step] - centre, np.float32)
        distances = halves - part @ others.T  # half of the squares, less ½·|point|², the same for all
        candidates = np.broadcast_to(np.arange(len(halves)), distances.shape)
        if k < groups:
            least = distances.reshape(len(part), _GROUP, groups).min(axis=1)
            chosen = np.argpartition(least, k - 1, axis=1)[:, :k]
            candidates = (chosen[:, :, None] + groups * np.arange(_GROUP)).reshape(len(part), -1)
            distances = np.take_along_axis(distances, candidates, axis=1)
        order = np.argpartition(distances, k - 1, axis=1)[:, :k]
        yield start, np.take_along_axis(candidates, order, axis=1)
