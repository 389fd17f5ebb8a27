"""Arrays of a file → a dataset: axes, range, transparency, labels and split are found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TrainConfig
from vaecli.data.adapting import adapted
from vaecli.data.classes import choose_classes
from vaecli.data.dataset import Dataset
from vaecli.data.files.array_files import Arrays, read_arrays
from vaecli.data.files.channels import opaque, unflattened, with_channels_last
from vaecli.data.files.containers import Container
from vaecli.data.files.folders import load_items
from vaecli.data.files.labels import read_labels
from vaecli.data.files.layout import UNLABELLED, Item, Layout
from vaecli.data.images import parse_colour
from vaecli.data.names import short_name
from vaecli.data.progress import Progress
from vaecli.data.ranges import to_pixels
from vaecli.data.splitting import array_digests, hold_out
from vaecli.errors import DataError, UsageError


def load_arrays(
    path: Path, inner: str, config: TrainConfig, progress: Progress | None = None, *, stream: bool = False
) -> Dataset:
    """Load the arrays of a file, or of a folder of IDX files.

    Args:
        path: The file or folder; see `read_arrays`.
        inner: The path within an HDF5 file, or nothing.
        config: How to crop, scale, colour and split the images.
        progress: Called while image files in an array are read.
        stream: Whether to decode many of these each time they are taken.

    Raises:
        DataError: If it cannot be read, or holds no images.
        UsageError: If the set has a split of its own, but another is asked for.
    """
    where = f"{path}:{inner}" if inner else str(path)
    found = read_arrays(path, inner)
    if found.heldout_images is not None and config.test_fraction is not None:
        raise UsageError(
            f"{where} has a split of its own: {len(found.heldout_images):,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    if isinstance(found.images, Container):
        return _load_encoded(found, where, config, progress, stream=stream)
    found, axes = _with_axes(found, config, where)
    labels, class_names, left = _labels(found, where)
    images = [np.asarray(each) for each in (found.images, found.heldout_images) if each is not None]
    pixels, ranges = to_pixels(images, where, config.ends)
    if found.heldout_images is None:
        pixels, labels = _split(images[0], pixels[0], labels, config)
    pixels = [opaque(array, parse_colour(config.background)) for array in pixels]
    dataset = Dataset.from_arrays(
        short_name(Path(inner)) if inner.strip("/") else short_name(path),
        pixels[0],
        labels[0] if labels else None,
        heldout_images=pixels[1],
        heldout_labels=labels[1] if labels else None,
        class_names=class_names,
        source=where,
        word=where,
        notes=(*axes, *ranges, *left, *found.notes),
    )
    return adapted(dataset, replace(config, test_fraction=None, range=None, bands=None))


def _with_axes(found: Arrays, config: TrainConfig, where: str) -> tuple[Arrays, list[str]]:
    """Return the images with axes `(n, height, width, channels)`, and how they were turned and chosen."""
    sides, bands = config.sides, config.band_numbers
    images, notes = with_channels_last(unflattened(np.asarray(found.images), sides), bands, where)
    if found.heldout_images is None:
        return replace(found, images=images), notes
    heldout, _ = with_channels_last(unflattened(np.asarray(found.heldout_images), sides), bands, where)
    return replace(found, images=images, heldout_images=heldout), notes


def _load_encoded(
    found: Arrays, where: str, config: TrainConfig, progress: Progress | None, *, stream: bool
) -> Dataset:
    """Load images that are files in an array, as those of a folder are."""
    from vaecli.data.files.hdf5 import EncodedImages

    labels, names, left = _labels(found, where)
    splits = [each for each in (found.images, found.heldout_images) if isinstance(each, EncodedImages)]
    classes = names or (UNLABELLED,)
    numbers = labels or [np.zeros(len(split), np.int64) for split in splits]
    items = [
        tuple(Item(name, classes[number]) for name, number in zip(split.files, own.tolist(), strict=True))
        for split, own in zip(splits, numbers, strict=True)
    ]
    files = Layout(items[0], items[1] if len(items) > 1 else None, (*left, *found.notes))
    chosen = tuple(classes[number] for number in choose_classes(config.class_words, classes))
    container = EncodedImages(splits[0].path, [inner for split in splits for inner in split.inners])
    dataset = load_items(container, files.only(chosen), chosen, config, progress, stream=stream)
    return replace(dataset, source=where, word=where)


def _labels(found: Arrays, where: str) -> tuple[list[NDArray[np.int64]], tuple[str, ...] | None, list[str]]:
    """Return the labels of each split as numbers, the name of each, and what is left alone.

    Training needs no labels: what cannot be used as such is no error.
    """
    given = [found.labels] if found.heldout_images is None else [found.labels, found.heldout_labels]
    images = [found.images] if found.heldout_images is None else [found.images, found.heldout_images]
    present = [labels for labels in given if labels is not None]
    if not present:
        return [], None, []
    if len(present) != len(given):
        return [], None, ["Labels are left alone: only one of the two splits has them."]
    try:
        numbers, values = read_labels(present, [len(array) for array in images if array is not None], where)
    except DataError as error:
        return [], None, [f"Labels are left alone: {error.what.removeprefix(f'{where}: ')}"]
    names = found.class_names
    if names and all(value.isascii() and value.isdecimal() and int(value) < len(names) for value in values):
        return numbers, tuple(names[int(value)] for value in values), []
    return numbers, tuple(values), []


def _split(
    raw: NDArray[np.generic], pixels: NDArray[np.uint8], labels: list[NDArray[np.int64]], config: TrainConfig
) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.int64]]]:
    """Hold out some of the images, chosen by the content of the file."""
    classes = labels[0] if labels else np.zeros(len(raw), np.int64)
    fraction, seed = config.test_fraction, config.seed
    held = hold_out(array_digests(raw), classes, fraction, seed, rounding=config.rounding)
    return [pixels[~held], pixels[held]], [classes[~held], classes[held]] if labels else []
