"""Arrays in files of other programs: NPZ, NPY, HDF5 and IDX. Pickles are never read.

The name of an array says what it is, see `choosing`; or it is the only one; or the user names it.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.files.choosing import choose
from vaecli.data.files.containers import Container
from vaecli.data.files.npy import check_header, map_npy, shape_of
from vaecli.data.idx import decode, decode_integers, unpack
from vaecli.data.names import tidy
from vaecli.data.plain import open_plain, require_plain
from vaecli.errors import DataError

ENDINGS = (".npz", ".npy", ".h5", ".hdf5")
LARGEST = 1 << 33  # bytes that one array may have
_IDX = re.compile(r"(.*?)[-_.]?(images|labels)[-.]idx[1-4]-(ubyte|int)(\.gz)?", re.IGNORECASE)
_Array = NDArray[Any]


@dataclass(frozen=True)
class Arrays:
    """The arrays of a set as a file has them, unchecked.

    Attributes:
        images: Those to train on, or all; or files of images in an array.
        labels: Of these; None where there are none.
        heldout_images: The held-out ones; None where there is no split.
        heldout_labels: Of these.
        class_names: The name of each label, where the file has them.
        notes: Which arrays were left alone.
    """

    images: _Array | Container
    labels: _Array | None = None
    heldout_images: _Array | Container | None = None
    heldout_labels: _Array | None = None
    class_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def read_arrays(path: Path, inner: str = "") -> Arrays:
    """Return the arrays of a file, or of a folder of IDX files.

    Args:
        path: `.npz`, `.npy`, `.h5`, an IDX file or a gzipped one, or a folder of these.
        inner: The names of the arrays in it, separated by commas: images; images and labels; or these of
            both splits. Of an HDF5 file it may be that of a group.

    Raises:
        DataError: If it cannot be read, holds pickles, or it is not clear which array is meant.
    """
    try:
        if path.is_dir() or is_idx(path.name):
            return _read_idx(path)
        require_plain(path)
        if path.suffix.lower() == ".npy":
            return Arrays(map_npy(path, LARGEST))
        if path.suffix.lower() == ".npz":
            return _read_npz(path, inner)
        return _read_h5(path, inner)
    except MemoryError as error:
        raise DataError(f"{path}: claims to be larger than this machine's memory.") from error
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, TypeError, ArithmeticError) as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, error) from error


def is_idx(name: str) -> bool:
    """Tell whether a file's name is that of an IDX file of images or labels.

    >>> is_idx("train-images-idx3-ubyte.gz"), is_idx("train-images.idx3-ubyte"), is_idx("a.png")
    (True, True, False)
    """
    return _IDX.fullmatch(name) is not None


def _read_npz(path: Path, inner: str) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        members = {
            member.filename.removesuffix(".npy"): member
            for member in archive.infolist()
            if member.filename.endswith(".npy")
        }
        shapes = {name: shape for name, member in members.items() if (shape := _npz_shape(archive, member))}

        def read(name: str) -> _Array:
            with archive.open(members[name]) as member:
                check_header(member, members[name].file_size, LARGEST, f"{path}: {name}")
            with archive.open(members[name]) as member:
                return np.asarray(np.lib.format.read_array(member, allow_pickle=False))

        if len(members) == 1 or not shapes:
            shapes = dict.fromkeys(members, (0,)) if members else {}  # whatever is wrong is said of this one
        return _chosen(shapes, read, str(path), inner)


def _npz_shape(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, ...] | None:
    """Return the shape of an array; None if it is none of numbers or words."""
    with suppress(ValueError, EOFError, KeyError, zipfile.BadZipFile), archive.open(member) as npy:
        return shape_of(npy)
    return None


def _read_h5(path: Path, inner: str) -> Arrays:
    import h5py

    from vaecli.data.files.hdf5 import arrays_of, node_at

    with h5py.File(path, "r") as file:
        names = [name for name in inner.split(",") if name.strip("/")]
        node = node_at(file, names[0] if len(names) == 1 else "", str(path))
        if isinstance(node, h5py.Dataset):
            return Arrays(_h5_array(path, node))
        shapes = {name: node[name].shape or () for name in arrays_of(node)}
        wanted = inner if len(names) > 1 else ""
        return _chosen(
            shapes,
            lambda name: _h5_array(path, node[name]),
            f"{path}{f':{inner}' if inner and not wanted else ''}",
            wanted,
        )


def _h5_array(path: Path, node: Any) -> _Array | Container:
    from vaecli.data.files.hdf5 import EncodedImages, array_at, is_encoded

    if is_encoded(node):
        return EncodedImages(path, [node.name])
    return array_at(node, f"{path}:{node.name}", LARGEST)


def _chosen(
    shapes: Mapping[str, tuple[int, ...]], read: Callable[[str], Any], where: str, inner: str
) -> Arrays:
    """Return the arrays that their names, or the user, say are images and labels."""
    choice = choose(shapes, where, [name for name in inner.split(",") if name])
    notes: list[str] = []

    def beside(name: str | None) -> Any:
        """Return an array of labels or names; what cannot be read is left alone, and said."""
        try:
            return None if name is None else read(name)
        except DataError as error:
            notes.append(f"Left alone: {error.what}")
            return None

    rest = [name for name in shapes if name not in choice.used]
    return Arrays(
        read(choice.images),
        beside(choice.labels),
        None if choice.heldout_images is None else read(choice.heldout_images),
        beside(choice.heldout_labels),
        _words(beside(choice.class_names)),
        (*notes, *([f"Not used: {', '.join(map(tidy, rest[:10]))}."] if rest else [])),
    )


def _words(array: _Array | None) -> tuple[str, ...] | None:
    """Return an array of class names as words, if it is one."""
    if array is None or array.ndim != 1 or array.dtype.kind not in "SU":
        return None
    return tuple(word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in array)


def _read_idx(path: Path) -> Arrays:
    """Return the arrays of a folder of IDX files, or of one and the labels beside it."""
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


def _optional(files: Mapping[tuple[str, str], Path], key: tuple[str, str]) -> _Array | None:
    return _idx_array(files[key]) if key in files else None


def _idx_array(path: Path) -> _Array:
    if path.is_dir():  # as a program that unpacks makes one for each file
        path = path / path.name
    with open_plain(path) as stream:
        if os.fstat(stream.fileno()).st_size > LARGEST:
            raise DataError(f"{path}: larger than {LARGEST:,} bytes.")
        content = stream.read()
    if (match := _IDX.fullmatch(path.name)) and match[3].lower() == "int":
        return decode_integers(content, str(path), LARGEST)
    return decode(unpack(content, str(path), LARGEST), str(path))


def _unreadable(path: Path, error: Exception) -> DataError:
    """Say that a file of arrays cannot be read, and why."""
    reason = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".")
    return DataError(f"{path}: cannot be read: {reason}.")
