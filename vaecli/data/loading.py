"""From a word to a dataset: the name of a set, or the path of the user's own images."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from vaecli.data.adapting import adapted
from vaecli.data.array_files import ENDINGS as ARRAY_ENDINGS
from vaecli.data.array_files import is_idx
from vaecli.data.arrays import load_arrays
from vaecli.data.catalogue import CATALOGUE, NamedSet, Progress, canonical_name
from vaecli.data.dataset import Dataset
from vaecli.data.elsewhere import load_elsewhere, parse_elsewhere
from vaecli.data.emoji import load_emoji
from vaecli.data.finding import find
from vaecli.data.folders import load_folder
from vaecli.data.idx import decode
from vaecli.data.images import is_image
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
    stream: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Load a dataset by its name, from wherever it can be found, or by its path.

    Args:
        name: `fashion`, `mnist`, `shapes` or `emoji`, or another of their names; or the path of a
            folder or a zip of images, or of a file of arrays; or a set of another library, as
            `keras:cifar10`, `tfds:NAME` or `hf:OWNER/NAME`. A name that is also a folder here
            means the named set; the folder is `./name`.
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
        stream: Whether to decode a large folder's or zip's images each time they are taken,
            rather than once into the cache on the disk.
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
        stream=stream,
    )
    if not isinstance(name, Path) and (wanted := parse_elsewhere(name)):
        dataset = load_elsewhere(wanted, knobs, offline=offline, progress=progress)
    elif (found := path_of(name)) is not None:
        dataset = _load_path(*found, knobs, progress)
    elif (word := canonical_name(str(name))) == "shapes":
        dataset = adapted(make_shapes(size, channels), replace(knobs, size=None, channels=None))
    elif word == "emoji":
        dataset = load_emoji(knobs, data_dir=data_dir, offline=offline, progress=progress)
        dataset = adapted(dataset, replace(knobs, size=None, channels=None, test_fraction=None))
    else:
        dataset = load_named(CATALOGUE[word], data_dir=data_dir, offline=offline, progress=progress)
        dataset = adapted(dataset, knobs)
    return dataset.limited(limit) if limit is not None else dataset


def path_of(name: str | Path) -> tuple[Path, str] | None:
    """Return the absolute path that a word is, and the path within an HDF5 file after it.

    Returns:
        None if the word can only be a name.

    Raises:
        DataError: If it is written as a path and nothing is there.
    """
    word, inner = str(name), ""
    known = {alias for named in CATALOGUE.values() for alias in (named.name, *named.aliases)}
    if not isinstance(name, Path) and word in known:
        return None
    if match := re.fullmatch(r"(.+\.(?:h5|hdf5)):(.*)", word, re.IGNORECASE):
        word, inner = match.groups()
    path = Path(os.path.abspath(os.path.expanduser(word)))  # noqa: PTH100, PTH111 - links keep their names
    try:
        path.stat()
    except (OSError, ValueError) as error:  # ValueError: no file system takes a NUL
        if not (isinstance(name, Path) or "/" in word or path.suffix):
            return None
        is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        reason = "no such file or folder" if is_missing else getattr(error, "strerror", str(error))
        raise DataError(f"{word}: {reason}.", f"Looked for: {path}.") from error
    return path, inner


def _load_path(path: Path, inner: str, knobs: Knobs, progress: Progress | None) -> Dataset:
    """Load what a path leads to, by its kind."""
    if path.is_dir():
        is_arrays = any(is_idx(entry.name) for entry in path.iterdir())
        return load_arrays(path, "", knobs) if is_arrays else load_folder(path, knobs, progress)
    if is_idx(path.name) or path.suffix.lower() in ARRAY_ENDINGS:
        return load_arrays(path, inner, knobs)
    if path.suffix.lower() == ".zip":
        return load_folder(path, knobs, progress)
    raise DataError(
        f"{path}: not a kind of file that images are read from.",
        f"Expected: a folder, .zip, {', '.join(ARRAY_ENDINGS)}, or an IDX file.",
        _instead(path),
    )


def _instead(path: Path) -> str:
    """Say what to do with a file of another kind."""
    if is_image(path.name):
        return f"For the folder that it is in: --dataset {path.parent}"
    if path.suffix.lower() in {".pkl", ".pickle", ".pt", ".pth", ".joblib"}:
        return "Pickles are never read: save arrays, np.savez(path, images=images, labels=labels)."
    return "Unpack it, and name the folder." if path.suffix.lower() in {".tar", ".gz", ".tgz", ".7z"} else ""


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
