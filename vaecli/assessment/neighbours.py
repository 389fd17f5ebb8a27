"""Whether images of a class lie together in latent space: the accuracy of a vote among neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

K = 20  # neighbours that vote

_BLOCK = 8_000_000  # distances in memory at a time


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
    points, known = np.asarray(points, np.float64), np.asarray(known, np.float64)
    labels, known_labels = np.asarray(labels), np.asarray(known_labels)
    k, classes = min(k, len(known)), int(max(labels.max(), known_labels.max())) + 1
    squares, step = np.square(known).sum(axis=1), max(1, _BLOCK // len(known))
    correct = np.empty(len(points))
    for start in range(0, len(points), step):
        distances = squares - 2 * points[start : start + step] @ known.T  # less |point|², the same for all
        nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
        votes = np.zeros((len(nearest), classes), np.int64)
        np.add.at(votes, (np.arange(len(nearest))[:, None], known_labels[nearest]), 1)
        correct[start : start + step] = votes.argmax(axis=1) == labels[start : start + step]
    return correct
