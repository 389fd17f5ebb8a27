"""Labels as people save them → numbers from 0, and the name of each."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import DataError

MOST_CLASSES = 10_000


def read_labels(
    splits: Sequence[NDArray[np.generic]], counts: Sequence[int], where: str
) -> tuple[list[NDArray[np.int64]], list[str]]:
    """Return the labels of some splits as numbers from 0, and the classes in their order.

    Labels are integers, whole floats, text, columns `(n, 1)` or `(n, 1, 1, 1)`, and one-hot rows
    `(n, classes)`.

    Args:
        splits: The labels of each split.
        counts: How many images each split has.
        where: What to call them in an error.

    Raises:
        DataError: If they are not, or there is not one for each image.

    >>> read_labels([np.array(["dog", "cat"])], [2], "a.npz")
    ([array([1, 0])], ['cat', 'dog'])
    """
    flat = [_flat(labels, count, where) for labels, count in zip(splits, counts, strict=True)]
    values = np.unique(np.concatenate(flat))
    if len(values) > MOST_CLASSES:
        raise DataError(
            f"{where}: its labels have {len(values):,} values.",
            f"Expected: at most {MOST_CLASSES:,} classes.",
        )
    numbers = [np.searchsorted(values, labels).astype(np.int64) for labels in flat]
    return numbers, [str(value) for value in values]


def _flat(labels: NDArray[np.generic], count: int, where: str) -> NDArray[np.generic]:
    """Return labels as `(n,)` integers or text."""
    if labels.ndim > 1 and labels.size == len(labels):
        labels = labels.reshape(-1)
    elif labels.ndim == 2 and labels.dtype.kind in "buif":
        if not ((np.sort(labels, axis=1)[:, -2:] == [0, 1]).all() and (labels.sum(axis=1) == 1).all()):
            raise _wrong(labels, count, where)
        labels = labels.argmax(axis=1)
    if labels.shape != (count,) or labels.dtype.kind not in "buifSU":
        raise _wrong(labels, count, where)
    if labels.dtype.kind == "f":
        whole = labels.astype(np.float64)
        if not np.isfinite(whole).all() or (whole % 1).any():
            raise _wrong(labels, count, where)
        return whole.astype(np.int64)
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")  # type: ignore[arg-type]
    if labels.dtype.kind == "U":
        return np.array([normalize("NFC", word) for word in labels.tolist()])
    return labels.astype(np.int64) if labels.dtype.kind == "b" else labels


def _wrong(labels: NDArray[np.generic], count: int, where: str) -> DataError:
    return DataError(
        f"{where}: its labels are {labels.dtype} of shape {labels.shape}.",
        f"Expected: {count:,} integers or words, one for each image.",
    )
