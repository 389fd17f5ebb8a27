"""From a word to a dataset: the name of a set, or the path of the user's own images."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from vaecli.data.adapting import adapted
from vaecli.data.catalogue import CATALOGUE, NamedSet, Progress, canonical_name
from vaecli.data.dataset import Dataset
from vaecli.data.finding import find
from vaecli.data.folders import load_folder
from vaecli.data.idx import decode
from vaecli.data.knobs import Knobs
from vaecli.data.shapes import make_shapes
from vaecli.errors import DataError


def load_dataset(
    name: str | Path,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    limit: int | None = None,
    size: str | None = None,
    channels: int | None = None,
    fit: str = "cover",
    background: str = "black",
    classes: str | None = None,
    test_fraction: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Dataset:
    """Load a dataset by its name, from wherever it can be found, or by its path.

    Args:
        name: `fashion`, `mnist` or `shapes`, or another of their names; or the path of a
            folder or a zip of images. A name that is also a folder here means the
            named set; the folder is `./name`.
        data_dir: A folder to look in first; by default `VAECLI_DATA`, if that is set.
        offline: Whether to look on this machine only.
        limit: At most this many training images, spread evenly over the classes, and at
            most as many held-out ones.
        size: Height × width of the images, for example `64x48`, or one number for both.
        channels: 1 (grey) or 3 (colour); by default 1 if all images are grey.
        fit: How an image of other proportions gets its size: `cover`, `contain` or `stretch`.
        background: The colour behind what is transparent, and beside what is contained.
        classes: The classes to keep, parted by commas: their names, or unique parts of them.
        test_fraction: The part of the images to hold out where a set has no split of its
            own, by default 0.1. Which images that are follows from their content and the seed.
        seed: Of that choice.
        progress: Told about what arrives or is read: what, bytes so far, bytes in all if known.

    Raises:
        UsageError: If a size, colour or other wish makes no sense for this set.
        DataError: If there is no such set, or a file is not what it must be.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If the set could be found nowhere.
    """
    knobs = Knobs.parse(
        size=size,
        channels=channels,
        fit=fit,
        background=background,
        classes=classes,
        test_fraction=test_fraction,
        seed=seed,
    )
    if (path := path_of(name)) is not None:
        dataset = load_folder(path, knobs, progress)
    elif (word := canonical_name(str(name))) == "shapes":
        dataset = adapted(make_shapes(size, channels), replace(knobs, size=None, channels=None))
    else:
        dataset = load_named(CATALOGUE[word], data_dir=data_dir, offline=offline, progress=progress)
        dataset = adapted(dataset, knobs)
    return dataset.limited(limit) if limit is not None else dataset


def path_of(name: str | Path) -> Path | None:
    """Return the absolute path that a word is; None if it can only be a name.

    Raises:
        DataError: If it is written as a path and nothing is there.
    """
    word = str(name)
    known = {alias for named in CATALOGUE.values() for alias in (named.name, *named.aliases)}
    if not isinstance(name, Path) and word in known:
        return None
    path = Path(os.path.abspath(Path(word).expanduser()))  # noqa: PTH100 - links keep their names
    if path.exists():
        return path
    if isinstance(name, Path) or "/" in word or path.suffix:
        raise DataError(f"{word}: no such file or folder.", f"Looked for: {path}.")
    return None


def load_named(
    named: NamedSet,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Load a set of files: images and labels, cross-checked.

    Raises:
        DataError: If a file is not what it must be, or images and labels do not fit together.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If the set could be found nowhere.
    """
    found = find(named, data_dir=data_dir, offline=offline, progress=progress)
    images, labels, heldout_images, heldout_labels = (
        decode(found.contents[file.name], file.name) for file in named.files
    )
    return Dataset.from_arrays(
        named.name,
        images,
        labels,
        heldout_images=heldout_images,
        heldout_labels=heldout_labels,
        class_names=named.class_names,
        source=found.source,
    )
