"""Files of MNIST's format under the names that people give them: images and labels of each split."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vaecli.data.files.claims import LARGEST, Arrays, most_in
from vaecli.data.idx import decode, decode_integers, unpack
from vaecli.data.plain import open_plain
from vaecli.errors import DataError

_IDX = re.compile(r"(.*?)[-_.]?(images|labels)[-.]idx[1-4]-(ubyte|int)(\.gz)?", re.IGNORECASE)


def is_idx(name: str) -> bool:
    """Tell whether a file's name is that of an IDX file of images or labels.

    >>> is_idx("train-images-idx3-ubyte.gz"), is_idx("train-images.idx3-ubyte"), is_idx("a.png")
    (True, True, False)
    """
    return _IDX.fullmatch(name) is not None


def read_idx(path: Path) -> Arrays:
    """Return the arrays of a folder of IDX files, or of one and the labels beside it.

    Raises:
        DataError: If one is damaged, claims too much, or it is not clear which is meant.
        OSError: If one cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    matches = {
        entry.name: match for entry in sorted(folder.iterdir()) if (match := _IDX.fullmatch(entry.name))
    }
    files = {(match[1].lower(), match[2].lower()): folder / name for name, match in matches.items()}
    prefixes = [prefix for prefix, kind in files if kind == "images"]
    if path.is_dir():
        train = _one(prefixes, ("train",), {prefix: files[prefix, "images"] for prefix in prefixes}, folder)
        heldout = next((prefix for prefix in prefixes if prefix != train and _is_heldout(prefix)), None)
    else:
        train = _idx_prefix(path.name)
        files[train, "images"] = path
        partners = (
            [train.replace("train", word) for word in ("test", "t10k", "val")] if "train" in train else []
        )
        heldout = next((prefix for prefix in partners if prefix in prefixes), None)
    return Arrays(
        _idx_array(files[train, "images"]),
        _optional(files, (train, "labels")),
        None if heldout is None else _idx_array(files[heldout, "images"]),
        None if heldout is None else _optional(files, (heldout, "labels")),
    )


def _idx_prefix(name: str) -> str:
    match = _IDX.fullmatch(name)
    if not match or match[2].lower() != "images":
        raise DataError(f"{name}: an IDX file of labels.", "Expected: one of images.")
    return match[1].lower()


def _one(prefixes: Sequence[str], words: Iterable[str], files: Mapping[str, Path], folder: Path) -> str:
    """Return the prefix of the training images."""
    found = [prefix for prefix in prefixes if any(word in prefix for word in words)] or [
        prefix for prefix in prefixes if not _is_heldout(prefix)
    ]
    if len(found) != 1:
        raise DataError(
            f"{folder}: {len(found)} IDX files of training images.",
            "Expected: one, and one of held-out images.",
            f"Choose one of them: --dataset {files[min(found)]}" if found else "",
        )
    return found[0]


def _is_heldout(prefix: str) -> bool:
    return any(word in prefix for word in ("t10k", "test", "val"))


def _optional(files: Mapping[tuple[str, str], Path], key: tuple[str, str]) -> NDArray[Any] | None:
    return _idx_array(files[key]) if key in files else None


def _idx_array(path: Path) -> NDArray[Any]:
    if path.is_dir():  # as a program that unpacks makes one for each file
        path = path / path.name
    with open_plain(path) as stream:
        if os.fstat(stream.fileno()).st_size > LARGEST:
            raise DataError(f"{path}: larger than {LARGEST:,} bytes.")
        content = stream.read()
    if (match := _IDX.fullmatch(path.name)) and match[3].lower() == "int":
        return decode_integers(content, str(path), most_in(path))
    return decode(unpack(content, str(path), most_in(path)), str(path))
