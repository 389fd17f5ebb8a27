"""A dataset in memory → the same one with other classes, another size, other channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.classes import choose_classes
from vaecli.data.dataset import Dataset, Split, fingerprint_of
from vaecli.data.images import fitted
from vaecli.errors import UsageError
from vaecli.images import ImageSource


def adapted(dataset: Dataset, config: TrainConfig) -> Dataset:
    """Return a dataset with the classes, size and channels that are asked for.

    A dataset that already looks as asked is returned unchanged; any other gets a fingerprint of
    its own, and a note on what was done.

    Raises:
        UsageError: If another split is asked for than the one that the set has, or folders of it.
        DataError: If a class is not known.
    """
    if config.test_fraction is not None:
        raise UsageError(
            f"{dataset.name} has a split of its own: {len(dataset.heldout):,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    of_files = {"--train and --test": config.train, "--group": config.group, "--frames": config.frames}
    for options, given in of_files.items():
        if given is not None:
            raise UsageError(
                f"{dataset.name} is not a folder or a zip of images.", f"Expected: {options} only for these."
            )
    if config.range is not None or config.bands is not None:
        option = "bands" if config.range is None else "range"
        raise UsageError(
            f"{dataset.name} has pixels already.", f"Expected: --{option} only for your own files."
        )
    changed = _converted(_with_classes(dataset, config), config)
    if changed is dataset:
        return dataset
    arrays = (changed.train.images, changed.train.labels, changed.heldout.images, changed.heldout.labels)
    return replace(changed, fingerprint=fingerprint_of(*arrays))


def scaled_images(images: ImageSource, shape: tuple[int, int, int], config: TrainConfig) -> NDArray[np.uint8]:
    """Return images `(n, height, width, channels)` in another shape, scaled as the config says."""
    scaled = np.empty((len(images), *shape), np.uint8)
    for number in range(len(images)):
        image = images[number]
        scaled[number] = fitted(
            Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image), shape, config
        )
    return scaled


def _with_classes(dataset: Dataset, config: TrainConfig) -> Dataset:
    """Return the images of some classes, which keep their order and are numbered from 0 again."""
    chosen = choose_classes(config.class_words, dataset.class_names)
    if len(chosen) == len(dataset.class_names):
        return dataset
    train, heldout = (_of_classes(split, chosen) for split in (dataset.train, dataset.heldout))
    if not len(train) or not len(heldout):
        raise UsageError(f"{dataset.name} has no images of these classes to train on and to hold out.")
    names = tuple(dataset.class_names[label] for label in chosen)
    note = f"{len(chosen)} of {len(dataset.class_names)} classes are kept."
    return replace(dataset, train=train, heldout=heldout, class_names=names, notes=(*dataset.notes, note))


def _of_classes(split: Split, chosen: tuple[int, ...]) -> Split:
    found = split.take(np.flatnonzero(np.isin(split.labels, chosen)))
    return replace(found, labels=np.searchsorted(chosen, found.labels).astype(np.int64))


def _converted(dataset: Dataset, config: TrainConfig) -> Dataset:
    """Return the images in the size and the channels that are asked for."""
    height, width, channels = dataset.shape
    shape = (*(config.sides or (height, width)), config.channels or channels)
    if shape == dataset.shape:
        return dataset
    train, heldout = (
        replace(split, images=scaled_images(split.images, shape, config))
        for split in (dataset.train, dataset.heldout)
    )
    words = " × ".join(map(str, dataset.shape)), " × ".join(map(str, shape))
    note = f"Converted from {words[0]} to {words[1]}."
    return replace(dataset, train=train, heldout=heldout, notes=(*dataset.notes, note))
