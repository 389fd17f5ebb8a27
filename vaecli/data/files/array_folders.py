"""A folder of array files: a file for each class, or one for each part of a set, by their names.

`apple.npy` and `cat.npy` are two classes, as Quick, Draw! comes; `train-imgs.npz`, `train-labels.npz`,
`test-imgs.npz` and `test-labels.npz` are parts, as of KMNIST.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from vaecli.data.blocks import blocks, forget
from vaecli.data.files.array_files import ENDINGS, Source, chosen, readable, sources_of
from vaecli.data.files.claims import LARGEST, Arrays
from vaecli.data.files.splits import role_of
from vaecli.data.images import is_image
from vaecli.data.names import natural, tidy
from vaecli.data.progress import Progress
from vaecli.data.scratch import room_for
from vaecli.errors import DataError


def array_files_in(folder: Path) -> list[Path]:
    """Return the array files of a folder that consists of such files, in the natural order of their names.

    Returns:
        None of them where there is an image, or a folder, beside them.

    Raises:
        OSError: If the folder cannot be read.
    """
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__"))]
    if any(is_image(entry.name) or entry.is_dir() for entry in entries):
        return []
    files = [entry for entry in entries if entry.suffix.lower() in ENDINGS and entry.is_file()]
    return sorted(files, key=lambda file: natural(file.name))


def read_array_folder(folder: Path, progress: Progress) -> Arrays:
    """Return the arrays of a folder of array files.

    Raises:
        DataError: If a file cannot be read, or it is not clear which array is meant.
        EnvironmentFailure: If the cache has no room for what has to be unfolded.
    """
    sources: dict[str, Source] = {}
    for file in array_files_in(folder):
        sources |= sources_of(file, progress)
    if _are_classes(sources):
        return _by_class(sources, folder)
    with readable(folder):
        return chosen(sources, str(folder))


def _are_classes(sources: Mapping[str, Source]) -> bool:
    """Tell whether arrays are images of a class each: of one shape, and not all named after splits."""
    shapes = {source.shape[1:] for source in sources.values()}
    is_alike = len(sources) > 1 and len(shapes) == 1 and shapes != {()}
    return is_alike and not all(role_of(name) for name in sources)


def _by_class(sources: Mapping[str, Source], folder: Path) -> Arrays:
    """Return the images of all files together, each labelled by its file's name."""
    counts = [source.shape[0] for source in sources.values()]
    shape = (sum(counts), *next(iter(sources.values())).shape[1:])
    arrays = [source.read() for source in sources.values()]
    dtype = np.result_type(*arrays)
    if math.prod(shape) * dtype.itemsize > LARGEST:
        raise DataError(f"{folder}: its arrays have more than {LARGEST:,} bytes.", "Expected: fewer classes.")
    room, start = room_for(shape, dtype), 0
    for array in arrays:
        for block in blocks(array):
            room[start : start + len(block)] = block
            start += len(block)
            forget(room)
    names = tuple(tidy(name) for name in _without_common(list(sources)))
    note = f"Each of the {len(names)} files is read as a class."
    return Arrays(room, np.repeat(np.arange(len(names)), counts), class_names=names, notes=(note,))


def _without_common(names: list[str]) -> list[str]:
    """Return names without the words with which all of them begin.

    >>> _without_common(["full_numpy_bitmap_cat", "full_numpy_bitmap_The Eiffel Tower"])
    ['cat', 'The Eiffel Tower']
    >>> _without_common(["cat", "car"])
    ['cat', 'car']
    """
    parts = [re.split(r"(?<=[\W_])", name) for name in names]
    common = 0
    while all(len(own) > common + 1 and own[common] == parts[0][common] for own in parts):
        common += 1
    return ["".join(own[common:]) for own in parts]
