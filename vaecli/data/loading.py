"""From a word to a dataset: the name of a set, or the path of the user's own images."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from vaecli.config import TrainConfig
from vaecli.data.adapting import adapted
from vaecli.data.dataset import Dataset
from vaecli.data.files.advice import advice_on
from vaecli.data.files.array_files import ENDINGS as ARRAY_ENDINGS
from vaecli.data.files.array_folders import array_files_in
from vaecli.data.files.arrays import load_arrays
from vaecli.data.files.folders import load_folder
from vaecli.data.files.idx_files import is_idx
from vaecli.data.images import is_image, parse_colour
from vaecli.data.libraries.elsewhere import Elsewhere, fetch_elsewhere, parse_elsewhere
from vaecli.data.libraries.kept import read_kept
from vaecli.data.named.catalogue import CATALOGUE, canonical_name, set_names
from vaecli.data.names import short_name
from vaecli.data.progress import Progress
from vaecli.errors import DataError


def load_dataset(
    name: str | Path,
    *,
    limit: int | None = None,
    heldout_limit: int | None = None,
    data_dir: Path | str | None = None,
    offline: bool = False,
    stream: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Dataset:
    """Load a dataset by its name, from wherever it can be found, or by its path.

    How its images should look is given as in a `TrainConfig`: any of `size`, `channels`,
    `fit`, `background`, `classes`, `test_fraction`, `train`, `test`, `range`, `bands`, `frames`, `group` and
    `seed`, or all of a config's, as in `load_dataset(config.dataset, **config.image_settings())`.

    Args:
        name: `fashion`, `mnist`, `shapes`, or another set that `vaecli data list` lists; or the path of a
            folder or a zip of images, or of a file of arrays; or a set of another library, as
            `keras:cifar10`, `tfds:NAME` or `hf:OWNER/NAME`. A name that is also a folder here
            means the named set; the folder is `./name`.
        limit: At most this many training images, spread evenly over the classes.
        heldout_limit: At most this many held-out images, spread likewise.
        data_dir: A folder to look in first; by default `VAECLI_DATA`, if that is set.
        offline: Whether to look on this machine only.
        stream: Whether to decode a large folder's or zip's images each time they are taken,
            rather than once into the cache on the disk.
        progress: Told about what arrives or is read: what, bytes so far, bytes in all if known.
        settings: Fields of `TrainConfig` that shape images; the others are refused.

    Raises:
        UsageError: If a size, colour or other setting makes no sense for this set.
        DataError: If there is no such set, or a file is not as expected.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If no place has the set.
    """
    config = TrainConfig.of_images(settings)
    parse_colour(config.background)
    if not isinstance(name, Path) and (wanted := parse_elsewhere(name)):
        dataset = _load_elsewhere(wanted, config, offline, progress, stream=stream)
    elif (found := path_of(name)) is not None:
        dataset = _load_path(*found, config, progress, stream=stream)
    else:
        named = CATALOGUE[canonical_name(str(name))]
        dataset = named.load(named, config, data_dir=data_dir, offline=offline, progress=progress)
        applied: dict[str, Any] = dict.fromkeys(named.shaped_by)
        dataset = adapted(dataset, replace(config, **applied))
    return dataset.limited(limit, heldout_limit)


def path_of(name: str | Path) -> tuple[Path, str] | None:
    """Return the absolute path that a word is, and the path within an HDF5 file after it.

    Returns:
        None if the word can only be a name.

    Raises:
        DataError: If it is written as a path and nothing is there.
    """
    word, inner = str(name), ""
    if not isinstance(name, Path) and word in set_names():
        return None
    if match := re.fullmatch(r"(.+?\.(?:h5|hdf5|npz)):(.*)", word, re.IGNORECASE):
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


def _load_path(
    path: Path, inner: str, config: TrainConfig, progress: Progress | None, *, stream: bool
) -> Dataset:
    """Load what a path leads to, by its kind."""
    if path.is_dir():
        if any(is_idx(entry.name) for entry in path.iterdir()) or array_files_in(path):
            return load_arrays(path, "", config, progress, stream=stream)
        return load_folder(path, config, progress, stream=stream)
    if is_idx(path.name) or path.suffix.lower() in ARRAY_ENDINGS:
        return load_arrays(path, inner, config, progress, stream=stream)
    if path.suffix.lower() == ".zip":
        return load_folder(path, config, progress, stream=stream)
    raise DataError(
        f"{path}: not a kind of file that images are read from.",
        f"Expected: a folder, .zip, {', '.join(ARRAY_ENDINGS)}, or an IDX file.",
        _instead(path),
    )


def _load_elsewhere(
    wanted: Elsewhere, config: TrainConfig, offline: bool, progress: Progress | None, *, stream: bool
) -> Dataset:
    """Load a set of another library: from our cache, or else by the library, once."""
    folder = fetch_elsewhere(wanted, offline=offline, progress=progress)
    read_files = partial(load_folder, progress=progress, stream=stream)
    return read_kept(folder, wanted.word, short_name(Path(wanted.name)), config, read_files)


def _instead(path: Path) -> str:
    """Say what to do with a file of another kind."""
    if is_image(path.name):
        return f"For the folder that it is in: --dataset {path.parent}"
    return advice_on([path.name])
