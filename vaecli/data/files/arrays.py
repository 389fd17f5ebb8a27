"""Arrays of a file → a dataset: axes, range, transparency, labels and split are found out."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TrainConfig
from vaecli.data.adapting import kept_classes, refuse_other_knobs, scaled_images, target_shape
from vaecli.data.blocks import blocks
from vaecli.data.classes import choose_classes
from vaecli.data.dataset import UNLABELLED as UNLABELLED_CLASSES
from vaecli.data.dataset import Dataset, fingerprint_of
from vaecli.data.decoded import IN_MEMORY, Decoded, remembered
from vaecli.data.files.array_files import read_arrays
from vaecli.data.files.array_folders import array_files_in, read_array_folder
from vaecli.data.files.channels import opaque, unflattened, with_channels_last
from vaecli.data.files.claims import Arrays
from vaecli.data.files.containers import Container
from vaecli.data.files.folders import load_items
from vaecli.data.files.idx_files import is_idx
from vaecli.data.files.labels import read_labels
from vaecli.data.files.layout import UNLABELLED, Item, Layout
from vaecli.data.images import parse_colour
from vaecli.data.names import short_name
from vaecli.data.progress import Progress, silent
from vaecli.data.ranges import Scale, scales_of_arrays
from vaecli.data.splitting import array_digests, hold_out
from vaecli.errors import DataError


def load_arrays(
    path: Path, inner: str, config: TrainConfig, progress: Progress | None = None, *, stream: bool = False
) -> Dataset:
    """Load the arrays of a file, or of a folder of IDX files.

    Args:
        path: The file or folder; see `read_arrays`.
        inner: The path within an HDF5 file, or nothing.
        config: How to crop, scale, colour and split the images.
        progress: Called while arrays are unfolded, or image files in one are read.
        stream: Whether to keep no pixel on the disk: image files in an array are decoded each time they are
            taken, arrays of numbers are in memory.

    Raises:
        DataError: If it cannot be read, or holds no images.
        UsageError: If the set has a split of its own, but another is asked for.
        EnvironmentFailure: If the cache has no room for large arrays.
    """
    where, tell = f"{path}:{inner}" if inner else str(path), progress or silent
    key = repr(("arrays", str(path), inner, _stamps(path), config.shaping_key()))
    kept = remembered(key, tell)
    if kept is None:
        files = array_files_in(path) if path.is_dir() else []
        found = read_array_folder(path, tell) if files else read_arrays(path, inner, tell)
        if isinstance(found.images, Container):
            return _load_encoded(found, where, config, progress, stream=stream)
        refuse_other_knobs(where, config, None if found.heldout_images is None else len(found.heldout_images))
        kept = _shaped(found, where, config, None if stream else key, tell)
    images, facts = kept
    train, labels = facts["train"], np.array(facts["labels"], np.int64)
    return Dataset.from_arrays(
        short_name(Path(inner)) if inner.strip("/") else short_name(path),
        images[:train],
        labels[:train],
        heldout_images=images[train:],
        heldout_labels=labels[train:],
        class_names=facts["class_names"],
        source=where,
        word=where,
        notes=facts["notes"],
        fingerprint=facts["fingerprint"],
    )


def _stamps(path: Path) -> list[tuple[str, int, int]]:
    """Return what changes whenever a file that is read does; beside an IDX file others are read, too."""
    files = [path]
    if path.is_dir() or is_idx(path.name):
        folder = path if path.is_dir() else path.parent
        files = sorted(entry for entry in folder.iterdir() if is_idx(entry.name)) or array_files_in(folder)
    stamps = []
    for file in files:
        with suppress(OSError):  # a broken link is no file; what is wrong with the others is said later
            status = file.stat()
            stamps.append((file.name, status.st_size, status.st_mtime_ns))
    return stamps


@dataclass(frozen=True)
class _Part:
    """A split, before it is shaped.

    Attributes:
        raw: `(n, height, width, channels)` numbers as a file has them, of these and perhaps others.
        rows: Which of them are of the split, in their order.
        scale: How they become bytes.
        labels: Of the rows.
    """

    raw: NDArray[np.generic]
    rows: NDArray[np.int64]
    scale: Scale
    labels: NDArray[np.int64]


def _shaped(
    found: Arrays, where: str, config: TrainConfig, key: str | None, progress: Progress
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Return the images of both splits, those to train on first, and the facts about them.

    They go from the file to their place block by block: into memory, or into the cache where they are large
    and there is a key.
    """
    found, axes = _with_axes(found, config, where)
    labels, class_names, left = _labels(found, where)
    images = [np.asarray(each) for each in (found.images, found.heldout_images) if each is not None]
    if images[-1].shape[1:] != images[0].shape[1:]:
        raise DataError(
            f"{where}: held-out images are {_times(images[-1])}.",
            f"Expected: {_times(images[0])}, as the training images are.",
        )
    scales, ranges = scales_of_arrays(images, where, config.ends)
    classes = labels or [np.zeros(len(each), np.int64) for each in images]
    parts = _parts(images, scales, classes, config)
    rows, chosen, kept = kept_classes(
        where, class_names or UNLABELLED_CLASSES, [part.labels for part in parts], config
    )
    parts = [
        replace(part, rows=part.rows[own], labels=np.searchsorted(chosen, part.labels[own]))
        for part, own in zip(parts, rows, strict=True)
    ]
    height, width, channels = images[0].shape[1:]
    shape, converted = target_shape((height, width, channels - (channels in {2, 4})), config)
    whole = (sum(len(part.rows) for part in parts), *shape)
    room = Decoded(whole, key if math.prod(whole) > IN_MEMORY else None)
    try:
        _fill(room.images, parts, config, progress)
        train, numbers = len(parts[0].rows), [part.labels.astype(np.int64) for part in parts]
        fingerprint = fingerprint_of(room.images[:train], numbers[0], room.images[train:], numbers[1])
        facts = {
            "train": train,
            "labels": np.concatenate(numbers).tolist(),
            "class_names": [(class_names or UNLABELLED_CLASSES)[number] for number in chosen],
            "notes": [*axes, *ranges, *left, *found.notes, *kept, *converted],
            "fingerprint": fingerprint,
        }
        return room.finish(facts), facts
    finally:
        room.close()


def _parts(
    images: list[NDArray[np.generic]],
    scales: list[Scale],
    labels: list[NDArray[np.int64]],
    config: TrainConfig,
) -> list[_Part]:
    """Return the two splits; where there is one array, some of it is held out, by its content."""
    if len(images) == 2:
        return [
            _Part(raw, np.arange(len(raw)), scale, own)
            for raw, scale, own in zip(images, scales, labels, strict=True)
        ]
    held = hold_out(
        array_digests(images[0]), labels[0], config.test_fraction, config.seed, rounding=config.rounding
    )
    rows = [np.flatnonzero(~held), np.flatnonzero(held)]
    return [_Part(images[0], own, scales[0], labels[0][own]) for own in rows]


def _fill(images: NDArray[np.uint8], parts: list[_Part], config: TrainConfig, progress: Progress) -> None:
    """Put the images of all parts into their places, scaled and converted block by block.

    Each array is read once, from its beginning to its end.
    """
    background, start = parse_colour(config.background), 0
    places: dict[int, tuple[_Part, NDArray[np.int64]]] = {}
    for part in parts:
        _, own = places.setdefault(id(part.raw), (part, np.full(len(part.raw), -1)))
        own[part.rows] = np.arange(start, start + len(part.rows))
        start += len(part.rows)
    height, width, channels = images.shape[1:]
    done = 0
    for part, own in places.values():
        seen = 0
        for block in blocks(part.raw):
            wanted = own[seen : seen + len(block)]
            seen += len(block)
            pixels = opaque(part.scale.pixels(block[wanted >= 0]), background)
            if pixels.shape[1:] != (height, width, channels):
                pixels = scaled_images(pixels, (height, width, channels), config)
            images[wanted[wanted >= 0]] = pixels
            done += len(pixels)
            progress("reading the images", done, len(images))


def _times(images: NDArray[np.generic]) -> str:
    """Return the shape of each image in words, for example `28 × 28 × 1`."""
    return " × ".join(map(str, images.shape[1:]))


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
