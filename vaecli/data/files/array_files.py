"""Arrays in files of other programs: NPZ, NPY, HDF5 and IDX. Pickles are never read.

The name of an array says what it is: Keras' `x_train`, `y_train`, `x_test`, `y_test`,
or `train_images` and so on; without a split `images` and `labels`, or `x` and `y`; or it
is the only one.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.idx import decode, unpack
from vaecli.errors import DataError

ENDINGS = (".npz", ".npy", ".h5", ".hdf5")
LARGEST = 1 << 33  # bytes that one array may have
_IDX = re.compile(r"(.*?)[-_.]?(images|labels)[-.]idx[1-4]-ubyte(\.gz)?", re.IGNORECASE)
_SPLITS = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("train_x", "train_y", "test_x", "test_y"),
)
_SINGLE = (("images", "labels"), ("image", "label"), ("x", "y"), ("data", "labels"), ("data", "target"))
_CLASS_NAMES = ("class_names", "label_names", "classes")

_Array = NDArray[Any]


@dataclass(frozen=True)
class Arrays:
    """The arrays of a set as a file has them, unchecked.

    Attributes:
        images: Those to train on, or all.
        labels: Of these; None where there are none.
        heldout_images: The held-out ones; None where there is no split.
        heldout_labels: Of these.
        class_names: The name of each label, where the file has them.
        notes: Which arrays were left alone.
    """

    images: _Array
    labels: _Array | None = None
    heldout_images: _Array | None = None
    heldout_labels: _Array | None = None
    class_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def read_arrays(path: Path, inner: str = "") -> Arrays:
    """Return the arrays of a file, or of a folder of IDX files.

    Args:
        path: `.npz`, `.npy`, `.h5`, an IDX file or a gzipped one, or a folder of these.
        inner: Of an HDF5 file: the path of the array, or of the group, in it.

    Raises:
        DataError: If it cannot be read, holds pickles, or it is not clear which array is meant.
    """
    try:
        if path.is_dir() or is_idx(path.name):
            return _read_idx(path)
        if path.suffix.lower() == ".npy":
            return _read_npy(path)
        if path.suffix.lower() == ".npz":
            return _read_npz(path)
        return _read_h5(path, inner)
    except MemoryError as error:
        raise DataError(f"{path}: claims to be larger than this machine's memory.") from error
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, error) from error


def is_idx(name: str) -> bool:
    """Tell whether a file's name is that of an IDX file of images or labels.

    >>> is_idx("train-images-idx3-ubyte.gz"), is_idx("train-images.idx3-ubyte"), is_idx("a.png")
    (True, True, False)
    """
    return _IDX.fullmatch(name) is not None


def _read_npy(path: Path) -> Arrays:
    with path.open("rb") as file:
        _refuse_objects(file, path)
    return Arrays(np.lib.format.open_memmap(path, mode="r"))


def _read_npz(path: Path) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        large = [member.filename for member in members.values() if member.file_size > LARGEST]
        if large:
            raise DataError(f"{path}: {large[0]} claims to hold more than {LARGEST:,} bytes.")

        def read(name: str) -> _Array:
            with archive.open(members[name]) as member:
                _refuse_objects(member, path)
            with archive.open(members[name]) as member:
                return np.asarray(np.lib.format.read_array(member, allow_pickle=False))

        return _choose(list(members), read, str(path))


def _refuse_objects(npy: IO[bytes], path: Path) -> None:
    """Read the header of an array, which says what it is an array of.

    Raises:
        DataError: If it is one of Python objects, which NumPy keeps as a pickle.
    """
    version = np.lib.format.read_magic(npy)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    if read(npy)[2].hasobject:
        raise DataError(
            f"{path}: contains pickled objects, which are never read.",
            "Expected: plain arrays of numbers.",
            "Save it again with np.savez(path, images=np.stack(images), labels=labels).",
        )


def _read_h5(path: Path, inner: str) -> Arrays:
    import h5py

    with h5py.File(path, "r") as file:
        node = _node(file, inner, str(path))
        if isinstance(node, h5py.Dataset):
            return Arrays(_h5_array(node, f"{path}:{inner}"))
        names = [name for name in node if isinstance(node.get(name, getlink=True), h5py.HardLink)]
        arrays = [name for name in names if isinstance(node[name], h5py.Dataset)]
        return _choose(arrays, lambda name: _h5_array(node[name], f"{path}:{node.name}/{name}"), str(path))


def _node(file: Any, inner: str, where: str) -> Any:
    """Return what is at a path in an HDF5 file, without following external links."""
    import h5py

    node = file
    for part in filter(None, inner.split("/")):
        found = node.get(part, getlink=True) if isinstance(node, h5py.Group) else None
        if not isinstance(found, h5py.HardLink):
            held = ", ".join(list(node)[:10]) if isinstance(node, h5py.Group) else "an array"
            raise DataError(f"{where} has no {inner}.", f"Found at {node.name}: {held}.")
        node = node[part]
    return node


def _h5_array(node: Any, where: str) -> _Array:
    if node.is_virtual or node.external:
        raise DataError(f"{where} is stored in other files.", "Expected: a plain array in the file itself.")
    if node.size is None or node.size * node.dtype.itemsize > LARGEST:
        raise DataError(f"{where} claims to hold more than {LARGEST:,} bytes.")
    values = node.asstr()[()].astype(np.str_) if node.dtype.kind == "O" and node.ndim == 1 else node[()]
    return np.asarray(values)


def _choose(names: Sequence[str], read: Callable[[str], _Array], where: str) -> Arrays:
    """Return the arrays that names say are images and labels."""
    by_word = {name.lower(): name for name in names}

    def get(word: str) -> _Array | None:
        return read(by_word[word]) if word in by_word else None

    used: tuple[str, ...]
    for images, labels, heldout_images, heldout_labels in _SPLITS:
        if images in by_word and heldout_images in by_word:
            used = (images, labels, heldout_images, heldout_labels)
            found = Arrays(*(read(by_word[images]), get(labels), get(heldout_images), get(heldout_labels)))
            break
    else:
        pair = next((pair for pair in _SINGLE if pair[0] in by_word), (*list(by_word)[:1], "labels"))
        if pair[0] not in by_word or (len(by_word) > 1 and pair not in _SINGLE):
            raise DataError(
                f"{where} holds {', '.join(names[:10]) or 'nothing'}.",
                "Expected: x_train, y_train, x_test, y_test; or images and labels; or a single array.",
            )
        pair = next((other for other in _SINGLE if other[0] == pair[0] and other[1] in by_word), pair)
        used, found = pair, Arrays(read(by_word[pair[0]]), get(pair[1]))
    word = next((word for word in _CLASS_NAMES if word in by_word), None)
    rest = [name for name in names if name.lower() not in {*used, word}]
    notes = (f"Not used: {', '.join(rest[:10])}.",) if rest else ()
    return replace(found, class_names=_words(get(word)) if word else None, notes=notes)


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
    if not path.is_dir():
        prefix = _idx_prefix(path.name)
        return Arrays(_idx_array(path), _optional(files, (prefix, "labels")))
    prefixes = [prefix for prefix, kind in files if kind == "images"]
    train = _one(prefixes, ("train",), folder)
    heldout = next((prefix for prefix in prefixes if prefix != train and _is_heldout(prefix)), None)
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


def _one(prefixes: Sequence[str], words: Iterable[str], folder: Path) -> str:
    """Return the prefix of the training images."""
    found = [prefix for prefix in prefixes if any(word in prefix for word in words)] or [
        prefix for prefix in prefixes if not _is_heldout(prefix)
    ]
    if len(found) != 1:
        raise DataError(
            f"{folder}: {len(found)} IDX files of training images.",
            "Expected: one, and one of held-out images.",
        )
    return found[0]


def _is_heldout(prefix: str) -> bool:
    return any(word in prefix for word in ("t10k", "test", "val"))


def _optional(files: Mapping[tuple[str, str], Path], key: tuple[str, str]) -> _Array | None:
    return _idx_array(files[key]) if key in files else None


def _idx_array(path: Path) -> _Array:
    if path.stat().st_size > LARGEST:
        raise DataError(f"{path}: larger than {LARGEST:,} bytes.")
    return decode(unpack(path.read_bytes(), str(path), LARGEST), str(path))


def _unreadable(path: Path, error: Exception) -> DataError:
    """Say that a file of arrays cannot be read, and why."""
    reason = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".")
    return DataError(f"{path}: cannot be read: {reason}.")
