"""A dataset: images, labels, and what identifies them.

Arrays are checked once, when a dataset is made; everything behind that door may rely
on uint8 `(n, height, width, channels)` images and labels that have a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaecli.data.streamed import Streamed
from vaecli.errors import DataError
from vaecli.images import ImageSource

#: The one class of images that came without labels.
UNLABELLED = ("unlabelled",)
_CHUNK = 4096  # images digested together


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels.

    Attributes:
        images: `(n, height, width, channels)` uint8: an array, or files that are decoded when taken.
        labels: `(n,)` int64.
        index: `(n,)` int64, the position of each image in the whole split it comes from.
        factors: Name → `(n,)`: what the images were made from, where that is known.
        files: `n` names of the files that the images come from; none where they are not files.
    """

    images: ImageSource
    labels: NDArray[np.int64]
    index: NDArray[np.int64]
    factors: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def take(self, positions: NDArray[np.int64]) -> Split:
        """Return the images at some positions, in that order."""
        images = self.images
        return Split(
            images.only(positions) if isinstance(images, Streamed) else images[positions],
            self.labels[positions],
            self.index[positions],
            {name: values[positions] for name, values in self.factors.items()},
            tuple(self.files[position] for position in positions.tolist()) if self.files else (),
        )

    def spread(self, count: int) -> Split:
        """Return at most `count` images, spread evenly over the classes, in their order.

        The first images of each class come first.
        """
        return self if count >= len(self) else self.take(_spread(self.labels, count))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on, and held-out ones that training never sees.

    Attributes:
        name: What runs are called after.
        train: The images to train on.
        heldout: The held-out images.
        class_names: The name of each label.
        fingerprint: SHA-256 over the arrays of both splits, before any limit: the same set
            has the same fingerprint wherever it was found.
        source: In words, where it was found.
        word: What `load_dataset` finds it again by; for files their absolute path.
        notes: What was converted or left out on the way, a sentence each.
    """

    name: str
    train: Split
    heldout: Split
    class_names: tuple[str, ...]
    fingerprint: str
    source: str
    word: str = ""
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(height, width, channels)` of every image."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels

    def limited(self, train: int | None = None, heldout: int | None = None) -> Dataset:
        """Return a set of fewer images.

        Args:
            train: At most this many to train on, spread as `Split.spread` does; by default all.
            heldout: At most this many held-out ones; by default all, so that a figure of a limited
                training can be compared with that of a full one.
        """
        return replace(
            self,
            train=self.train if train is None else self.train.spread(train),
            heldout=self.heldout if heldout is None else self.heldout.spread(heldout),
        )

    @classmethod
    def from_arrays(
        cls,
        name: str,
        images: ArrayLike | Streamed,
        labels: ArrayLike | None = None,
        *,
        heldout_images: ArrayLike | Streamed,
        heldout_labels: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        factors: tuple[Mapping[str, NDArray[np.float64]], Mapping[str, NDArray[np.float64]]] = ({}, {}),
        source: str = "arrays",
        word: str = "",
        notes: Sequence[str] = (),
        fingerprint: str | None = None,
        files: tuple[Sequence[str], Sequence[str]] = ((), ()),
    ) -> Dataset:
        """Make a dataset of arrays, checked.

        Args:
            name: What runs are called after.
            images: `(n, height, width, channels)` or `(n, height, width)` uint8, channels 1 or 3.
            labels: `(n,)` integers from 0; without them all images are of one class.
            heldout_images: As `images`; the same height, width and channels.
            heldout_labels: As `labels`; both or neither.
            class_names: The name of each label; by default its digits.
            factors: What the images of the two splits were made from, if that is known.
            source: In words, where the arrays come from.
            word: What `load_dataset` finds the set again by; by default its name.
            notes: What was converted or left out on the way.
            fingerprint: The digest of the arrays, where it is known already.
            files: The names of the files that the images of the two splits come from, if they do.

        Raises:
            DataError: If an array has the wrong type or shape, or they do not match.
        """
        if (labels is None) != (heldout_labels is None):
            raise DataError(f"{name}: only one of the two splits has labels.", "Expected: both or neither.")
        train = _split(f"{name}: training", images, labels, factors[0], files[0])
        heldout = _split(f"{name}: held-out", heldout_images, heldout_labels, factors[1], files[1])
        if train.images.shape[1:] != heldout.images.shape[1:]:
            raise DataError(
                f"{name}: held-out images are {_times(heldout.images.shape[1:])}.",
                f"Expected: {_times(train.images.shape[1:])}, as the training images are.",
            )
        highest = int(max(train.labels.max(), heldout.labels.max()))
        if class_names is None:
            class_names = UNLABELLED if labels is None else [str(label) for label in range(highest + 1)]
        if highest >= len(class_names):
            raise DataError(
                f"{name}: a label is {highest}.",
                f"Expected: less than {len(class_names)}, the number of classes.",
            )
        fingerprint = fingerprint or fingerprint_of(
            train.images, train.labels, heldout.images, heldout.labels
        )
        return cls(name, train, heldout, tuple(class_names), fingerprint, source, word or name, tuple(notes))


def _split(
    words: str,
    images: ArrayLike | Streamed,
    labels: ArrayLike | None,
    factors: Mapping[str, NDArray[np.float64]],
    files: Sequence[str],
) -> Split:
    """Return a checked split; `words` begin the errors about it."""
    if isinstance(images, Streamed):
        return Split(
            images, _labels(words, labels, len(images)), np.arange(len(images)), factors, tuple(files)
        )
    pixels = np.asarray(images)
    if pixels.ndim == 3:
        pixels = pixels[..., np.newaxis]
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[-1] not in {1, 3}:
        raise DataError(
            f"{words} images are {pixels.dtype} of shape {np.shape(images)}.",
            "Expected: uint8 of shape (n, height, width) or (n, height, width, channels), channels 1 or 3.",
        )
    if pixels.size == 0:
        raise DataError(
            f"{words} images are empty: shape {np.shape(images)}.", "Expected: at least one image."
        )
    return Split(pixels, _labels(words, labels, len(pixels)), np.arange(len(pixels)), factors, tuple(files))


def _labels(words: str, labels: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """Return checked labels, `(count,)`; all 0 where there are none."""
    if labels is None:
        return np.zeros(count, np.int64)
    values = np.asarray(labels)
    if values.shape != (count,) or values.dtype.kind not in "iu":
        raise DataError(
            f"{words} labels are {values.dtype} of shape {values.shape}.",
            f"Expected: integers of shape ({count},), one for each image.",
        )
    if values.min() < 0:
        raise DataError(f"{words} labels contain {values.min()}.", "Expected: integers from 0.")
    return values.astype(np.int64)


def _spread(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return ascending positions of at most `count` labels, as even over the classes as can be.

    >>> _spread(np.array([0, 0, 0, 0, 1, 2, 2]), 4)
    array([0, 1, 4, 5])
    """
    by_class = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[by_class], labels[by_class])  # where its class begins
    rank = np.arange(len(labels)) - first  # position within its class
    return np.sort(by_class[np.argsort(rank, kind="stable")[:count]])


def fingerprint_of(*arrays: NDArray[np.generic] | ImageSource) -> str:
    """Return the SHA-256 over the type, shape and bytes of arrays.

    A dataset's are its training images and labels, its held-out images and labels.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        for start in range(0, len(array), _CHUNK):
            digest.update(np.ascontiguousarray(array[start : start + _CHUNK]).data)
    return digest.hexdigest()


def _times(shape: Sequence[int]) -> str:
    """Return a shape in words, for example `28 × 28 × 1`."""
    return " × ".join(str(size) for size in shape)
