"""The images of a training; in validation, a part of the training images takes the place of the test set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import vaecli
from benchmarks.scoreboard.trainings import CIFAR
from vaecli.errors import UsageError

SPLITS = ("test", "validation")

_MANY = 50_000  # training images, of which the last ones are held out; of fewer, every tenth
_LAST = 5_000


def images_of(config: vaecli.TrainConfig, split: str, folder: Path | None = None) -> vaecli.Dataset:
    """Load the images of a config.

    Args:
        config: Its dataset, the settings that shape images, and its limits count.
        split: `test`, or `validation` for training images that are held out.
        folder: Where the CIFAR subset lies.

    Raises:
        UsageError: If the CIFAR subset is wanted, and no folder is given.
    """
    word = config.dataset
    if word == CIFAR:
        if folder is None:
            raise UsageError(f"{CIFAR} is no named set.", mend="Say where it lies: --images FOLDER")
        word = str(folder / CIFAR)
    dataset = vaecli.load_dataset(word, **config.image_settings())
    if split == "validation":
        dataset = _held_out(dataset)
    return dataset.limited(config.limit, config.heldout_limit)


def _held_out(dataset: vaecli.Dataset) -> vaecli.Dataset:
    """Return a set of the training images alone: the last 5,000 of many held out, or every tenth of few.

    It has a name and a fingerprint of its own, so that none of its runs is taken for one on the whole set.
    """
    count = len(dataset.train)
    position = np.arange(count)
    held = position >= count - _LAST if count >= _MANY else position % 10 == 9
    train, heldout = (dataset.train.take(np.flatnonzero(chosen)) for chosen in (~held, held))
    return vaecli.Dataset.from_arrays(
        f"{dataset.name}-validation",
        train.images[:],
        train.labels,
        heldout_images=heldout.images[:],
        heldout_labels=heldout.labels,
        class_names=dataset.class_names,
        source=dataset.source,
    )
