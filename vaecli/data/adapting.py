"""A dataset in memory → the same one with other classes, another size, other channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.classes import choose_classes
from vaecli.data.dataset import Dataset, fingerprint_of
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
    refuse_other_knobs(dataset.name, config, len(dataset.heldout))
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


def refuse_other_knobs(name: str, config: TrainConfig, heldout: int | None) -> None:
    """Refuse knobs that make no sense for arrays of images.

    Args:
        name: What to call the set.
        config: The knobs.
        heldout: How many images its own split holds out; None where it has none.

    Raises:
        UsageError: If another split is asked for, or folders or files of it.
    """
    if heldout is not None and config.test_fraction is not None:
        raise UsageError(
            f"{name} has a split of its own: {heldout:,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    of_files = {
        "--train and --test": config.train,
        "--group": config.group,
        "--frames": config.frames,
        "--labels": config.labels,
    }
    for options, given in of_files.items():
        if given is not None:
            raise UsageError(
                f"{name} is not a folder or a zip of images.", f"Expected: {options} only for these."
            )


def kept_classes(
    name: str, class_names: Sequence[str], labels: Sequence[NDArray[np.int64]], config: TrainConfig
) -> tuple[list[NDArray[np.int64]], tuple[int, ...], list[str]]:
    """Return which images of each split are of the classes that are wanted.

    Returns:
        Ascending positions in each split; the classes, ascending; and a note where some are left out.

    Raises:
        DataError: If a class is not known.
        UsageError: If a split has no image of them.
    """
    chosen = choose_classes(config.class_words, class_names)
    rows = [np.flatnonzero(np.isin(own, chosen)) for own in labels]
    if len(chosen) == len(class_names):
        return rows, chosen, []
    if not all(map(len, rows)):
        raise UsageError(f"{name} has no images of these classes to train on and to hold out.")
    return rows, chosen, [f"{len(chosen)} of {len(class_names)} classes are kept."]


def target_shape(shape: tuple[int, int, int], config: TrainConfig) -> tuple[tuple[int, int, int], list[str]]:
    """Return the size and the channels that are asked for, with a note where images of a shape change."""
    height, width, channels = shape
    wanted = (*(config.sides or (height, width)), config.channels or channels)
    if wanted == shape:
        return shape, []
    return wanted, [f"Converted from {' × '.join(map(str, shape))} to {' × '.join(map(str, wanted))}."]


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
    splits = (dataset.train, dataset.heldout)
    rows, chosen, notes = kept_classes(
        dataset.name, dataset.class_names, [split.labels for split in splits], config
    )
    if not notes:
        return dataset
    found = [split.take(own) for split, own in zip(splits, rows, strict=True)]
    train, heldout = (
        replace(split, labels=np.searchsorted(chosen, split.labels).astype(np.int64)) for split in found
    )
    names = tuple(dataset.class_names[label] for label in chosen)
    return replace(dataset, train=train, heldout=heldout, class_names=names, notes=(*dataset.notes, *notes))


def _converted(dataset: Dataset, config: TrainConfig) -> Dataset:
    """Return the images in the size and the channels that are asked for."""
    shape, notes = target_shape(dataset.shape, config)
    if not notes:
        return dataset
    train, heldout = (
        replace(split, images=scaled_images(split.images, shape, config))
        for split in (dataset.train, dataset.heldout)
    )
    return replace(dataset, train=train, heldout=heldout, notes=(*dataset.notes, *notes))
