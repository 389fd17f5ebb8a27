"""Principal components: the linear yardstick that a network should not fall short of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaecli.data.dataset import Dataset
from vaecli.errors import UsageError
from vaecli.images import ImageSource

_CHUNK = 2048  # images taken as floats at a time
_EXTRA = 24  # directions beyond those wanted; they make the iteration converge fast
_ROUNDS = 8


@dataclass(frozen=True)
class Components:
    """The principal components of some images, which are rows of floats in [0, 1] here.

    Attributes:
        mean: `(pixels,)`.
        basis: `(pixels, components)`, orthonormal, the largest variance first.
    """

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]

    def encode(self, images: ImageSource) -> NDArray[np.float32]:
        """Return the scores of images, `(n, components)`."""
        return np.concatenate([(chunk - self.mean) @ self.basis for chunk in _chunks(images)])

    def decode(self, scores: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the pixels of scores `(n, components)`, `(n, pixels)`, which may lie outside of [0, 1]."""
        return np.asarray(scores @ self.basis.T + self.mean, np.float32)

    def squared_errors(self, images: ImageSource) -> NDArray[np.float64]:
        """Return the squared error of each image's projection, `(n,)`, mean over pixels and channels."""
        return np.concatenate([self._squared_errors(chunk) for chunk in _chunks(images)])

    def _squared_errors(self, chunk: NDArray[np.float32]) -> NDArray[np.float64]:
        centred = chunk - self.mean
        return np.asarray(
            np.square(centred - (centred @ self.basis) @ self.basis.T).mean(axis=1, dtype=np.float64)
        )


def pca_error(dataset: Dataset, components: int) -> float:
    """Return the held-out squared error of a PCA of the training images.

    Args:
        dataset: Its training images are fitted, its held-out images are measured.
        components: How many components to keep.

    Returns:
        The squared error of the projections, images in [0, 1], mean over all held-out
        images, pixels and channels.

    Raises:
        UsageError: If there are fewer training images or values in an image than components.
    """
    fitted = principal_components(dataset.train.images, components)
    return float(fitted.squared_errors(dataset.heldout.images).mean())


def most_components(images: ImageSource) -> int:
    """Return how many principal components images can have: fewer than there are, one for each value at most.

    >>> most_components(np.zeros((100, 4, 4, 1), np.uint8)), most_components(np.zeros((9, 4, 4, 1), np.uint8))
    (16, 8)
    """
    return min(math.prod(images.shape[1:]), len(images) - 1)


def principal_components(images: ImageSource, components: int) -> Components:
    """Fit the first principal components of images.

    They are found by subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4), which never
    holds more than a chunk of the images as floats.

    Args:
        images: uint8 `(n, height, width, channels)`.
        components: How many components to keep.

    Raises:
        UsageError: If there are fewer images or values in an image than components.
    """
    most = most_components(images)
    if not 1 <= components <= most:
        raise UsageError(f"pca is {components}.", f"Expected: from 1 to {most} components.")
    total = sum(chunk.sum(axis=0, dtype=np.float64) for chunk in _chunks(images))
    mean = np.asarray(total / len(images), np.float32)
    return Components(mean, _basis(images, mean, components))


def _basis(images: ImageSource, mean: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    """Return the first components of images, `(pixels, components)`, orthonormal."""
    width = min(components + _EXTRA, len(mean))
    basis = np.random.default_rng(0).standard_normal((len(mean), width)).astype(np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(_times_covariance(images, mean, basis))
    inner = basis.T @ _times_covariance(images, mean, basis)  # Rayleigh and Ritz
    _, vectors = np.linalg.eigh((inner + inner.T) / 2)
    chosen: NDArray[np.float32] = basis @ vectors[:, ::-1][:, :components].astype(np.float32)
    return chosen


def _times_covariance(
    images: ImageSource, mean: NDArray[np.float32], basis: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the scatter matrix of images times a basis, without ever making the matrix."""
    product = np.zeros_like(basis)
    for chunk in _chunks(images):
        centred = chunk - mean
        product += centred.T @ (centred @ basis)
    return product


def _chunks(images: ImageSource) -> Iterator[NDArray[np.float32]]:
    """Yield images as rows of floats in [0, 1], some at a time."""
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK]
        yield chunk.reshape(len(chunk), -1).astype(np.float32) / np.float32(255)
