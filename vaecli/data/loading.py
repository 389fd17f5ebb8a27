"""From a word to a dataset in memory."""

from __future__ import annotations

from pathlib import Path

from vaecli.data.catalogue import CATALOGUE, NamedSet, Progress, canonical_name
from vaecli.data.dataset import Dataset
from vaecli.data.finding import find
from vaecli.data.idx import decode
from vaecli.data.shapes import make_shapes
from vaecli.errors import UsageError


def load_dataset(
    name: str,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    limit: int | None = None,
    size: str | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Load a dataset by its name, from wherever it can be found.

    Args:
        name: `fashion`, `mnist` or `shapes`, or another of their names.
        data_dir: A folder to look in first; by default `VAECLI_DATA`, if that is set.
        offline: Whether to look on this machine only.
        limit: At most this many training images, spread evenly over the classes, and at
            most as many held-out ones.
        size: Height × width of the images of shapes, for example `64x48`.
        channels: Channels of the images of shapes: 1 or 3.
        progress: Told about what arrives: what, bytes so far, bytes in all if known.

    Raises:
        UsageError: If size or channels are given for a set that has its own.
        DataError: If the name is unknown, or a file is not what it must be.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If the set could be found nowhere.
    """
    named = CATALOGUE[canonical_name(name)]
    if not named.files:
        dataset = make_shapes(size, channels)
    elif size is not None or channels is not None:
        raise UsageError(
            f"Images of {named.name} have their own size and channels.",
            "Expected: --size and --channels with shapes only, for now.",
        )
    else:
        dataset = load_named(named, data_dir=data_dir, offline=offline, progress=progress)
    return dataset.limited(limit) if limit is not None else dataset


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
