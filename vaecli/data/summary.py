"""What was found, in words and as plain values: said before anything is trained on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.dataset import UNLABELLED, Dataset
from vaecli.data.streamed import Streamed
from vaecli.images import ImageSource

_CHUNK = 4096  # images looked at together
_MOST_CLASSES = 20
_DARK = 128  # where the largest of 0…255 is less, that is worth a word


def describe(dataset: Dataset) -> list[str]:
    """Return what a dataset is, in a few lines.

    Count, size and range first, then the classes, then what was converted or left out.
    """
    facts = facts_of(dataset)
    count = facts["train"] + facts["heldout"]
    low, high = facts["range"]
    lines = [
        f"{dataset.name}: {count:,} images of {' × '.join(map(str, facts['shape']))}, "
        f"{facts['train']:,} to train on and {facts['heldout']:,} held out; values {low}…{high}.",
        _classes(facts["class_counts"]),
        *dataset.notes,
    ]
    if high < _DARK:
        lines.append(
            f"Dark: the largest value is {high} of 255; if that is meant to be white: --range LOW,HIGH."
        )
    if facts["constant"]:
        are = "image is" if facts["constant"] == 1 else "images are"
        lines.append(f"{facts['constant']:,} {are} of one value throughout.")
    return [line for line in lines if line]


def facts_of(dataset: Dataset) -> dict[str, Any]:
    """Return what a dataset is as plain values that JSON can hold."""
    splits = (dataset.train, dataset.heldout)
    extremes = [extremes_of(split.images) for split in splits]
    labels = np.concatenate([split.labels for split in splits])
    counts = np.bincount(labels, minlength=len(dataset.class_names)).tolist()
    return {
        "name": dataset.name,
        "dataset": dataset.word,
        "source": dataset.source,
        "fingerprint": dataset.fingerprint,
        "train": len(dataset.train),
        "heldout": len(dataset.heldout),
        "shape": list(dataset.shape),
        "range": [min(low for low, _, _ in extremes), max(high for _, high, _ in extremes)],
        "constant": sum(constant for _, _, constant in extremes),
        "class_counts": dict(zip(dataset.class_names, counts, strict=True)),
        "notes": list(dataset.notes),
    }


def extremes_of(images: ImageSource) -> tuple[int, int, int]:
    """Return the smallest and the largest value, and how many images have but one value.

    >>> extremes_of(np.array([[[[3]], [[3]]], [[[0]], [[9]]]], np.uint8))
    (0, 9, 1)
    """
    if isinstance(images, Streamed) and images.extremes is not None:
        return images.extremes
    low, high = np.empty((2, len(images)), np.uint8)
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = images[part]
        chunk = chunk.reshape(len(chunk), -1)
        low[part], high[part] = chunk.min(axis=1), chunk.max(axis=1)
    return extremes_between(low, high)


def extremes_between(low: NDArray[np.uint8], high: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Return what `extremes_of` does, from the smallest and the largest value of each image, `(n,)`."""
    return int(low.min()), int(high.max()), int((low == high).sum())


def _classes(counts: dict[str, int]) -> str:
    """Return the classes and their counts in one line, the largest of many."""
    if tuple(counts) == UNLABELLED:
        return "No labels."
    shown = list(counts.items())
    if len(shown) > _MOST_CLASSES:
        shown = sorted(shown, key=lambda item: -item[1])[:_MOST_CLASSES]
    listed = ", ".join(f"{name} {count:,}" for name, count in shown)
    more = f", and {len(counts) - len(shown):,} smaller ones" if len(counts) > len(shown) else ""
    return f"{len(counts)} class{'es' if len(counts) > 1 else ''}: {listed}{more}."
