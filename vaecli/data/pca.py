"""Principal components: the linear yardstick that a network should not fall short of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vaecli.data.dataset import Dataset
from vaecli.errors import UsageError
from vaecli.images import ImageSource

_CHUNK = 2048  # images taken as floats at a time
_EXTRA = 24  # directions beyond those wanted; they make the iteration converge fast
_ROUNDS = 8


def pca_error(dataset: Dataset, components: int) -> float:
    """Return the held-out squared error of a PCA of the training images.

    The components are found by subspace iteration (Halko, Martinsson & Tropp 2011,
    algorithm 4.4), which never holds more than a chunk of the images as floats.

    Args:
        dataset: Its training images are fitted, its held-out images are measured.
        components: How many components to keep.

    Returns:
        The squared error of the projections, images in [0, 1], mean over all held-out
        images, pixels and channels.

    Raises:
        UsageError: If there are fewer training images or values in an image than components.
    """
    pixels = int(np.prod(dataset.shape))
    most = min(pixels, len(dataset.train) - 1)
    if not 1 <= components <= most:
        raise UsageError(f"pca is {components}.", f"Expected: from 1 to {most} components.")
    mean = sum(chunk.sum(axis=0, dtype=np.float64) for chunk in _chunks(dataset.train.images)) / len(
        dataset.train
    )
    basis = _basis(dataset.train.images, mean.astype(np.float32), components)
    error = 0.0
    for chunk in _chunks(dataset.heldout.images):
        centred = chunk - mean.astype(np.float32)
        error += float(np.square(centred - (centred @ basis) @ basis.T).sum(dtype=np.float64))
    return error / (len(dataset.heldout) * pixels)


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
