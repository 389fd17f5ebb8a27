"""Arrays in files of other programs: NPZ, NPY, HDF5 and IDX. Pickles are never read.

The name of an array says what it is, see `choosing`; or it is the only one; or the user names it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vaecli.data.files.choosing import choose
from vaecli.data.files.claims import LARGEST, Arrays, most_in
from vaecli.data.files.containers import Container
from vaecli.data.files.idx_files import is_idx, read_idx
from vaecli.data.files.npy import map_npy, read_npy, shape_of
from vaecli.data.names import tidy
from vaecli.data.plain import require_plain
from vaecli.data.progress import Progress, silent
from vaecli.errors import DataError

ENDINGS = (".npz", ".npy", ".h5", ".hdf5")
_Array = NDArray[Any]


def read_arrays(path: Path, inner: str = "", progress: Progress = silent) -> Arrays:
    """Return the arrays of a file, or of a folder of IDX files; large ones are mapped.

    Args:
        path: `.npz`, `.npy`, `.h5`, an IDX file or a gzipped one, or a folder of these.
        inner: The names of the arrays in it, separated by commas: images; images and labels; or these of
            both splits. Of an HDF5 file it may be that of a group.
        progress: Called while packed arrays are unfolded.

    Raises:
        DataError: If it cannot be read, holds pickles, claims too much, or it is not clear which array is
            meant.
        EnvironmentFailure: If the cache has no room for what has to be unfolded.
    """
    try:
        if path.is_dir() or is_idx(path.name):
            return read_idx(path)
        require_plain(path)
        if path.suffix.lower() == ".npy":
            return Arrays(map_npy(path, LARGEST))
        if path.suffix.lower() == ".npz":
            return _read_npz(path, inner, progress)
        return _read_h5(path, inner, progress)
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, TypeError, ArithmeticError) as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, error) from error


def _read_npz(path: Path, inner: str, progress: Progress) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        members = {
            member.filename.removesuffix(".npy"): member
            for member in archive.infolist()
            if member.filename.endswith(".npy")
        }
        shapes = {name: shape for name, member in members.items() if (shape := _npz_shape(archive, member))}

        def read(name: str) -> _Array:
            with archive.open(members[name]) as npy:
                return read_npy(npy, members[name].file_size, most_in(path), f"{path}: {name}", progress)

        if len(members) == 1 or not shapes:
            shapes = dict.fromkeys(members, (0,)) if members else {}  # whatever is wrong is said of this one
        return _chosen(shapes, read, str(path), inner)


def _npz_shape(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, ...] | None:
    """Return the shape of an array; None if it is none of numbers or words."""
    with suppress(ValueError, EOFError, KeyError, zipfile.BadZipFile), archive.open(member) as npy:
        return shape_of(npy)
    return None


def _read_h5(path: Path, inner: str, progress: Progress) -> Arrays:
    import h5py

    from vaecli.data.files.hdf5 import arrays_of, node_at

    with h5py.File(path, "r") as file:
        names = [name for name in inner.split(",") if name.strip("/")]
        node = node_at(file, names[0] if len(names) == 1 else "", str(path))
        if isinstance(node, h5py.Dataset):
            return Arrays(_h5_array(path, node, progress))
        shapes = {name: node[name].shape or () for name in arrays_of(node)}
        wanted = inner if len(names) > 1 else ""
        return _chosen(
            shapes,
            lambda name: _h5_array(path, node[name], progress),
            f"{path}{f':{inner}' if inner and not wanted else ''}",
            wanted,
        )


def _h5_array(path: Path, node: Any, progress: Progress) -> _Array | Container:
    from vaecli.data.files.hdf5 import EncodedImages, array_at, is_encoded

    if is_encoded(node):
        return EncodedImages(path, [node.name])
    return array_at(node, f"{path}:{node.name}", most_in(path), progress)


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


def _unreadable(path: Path, error: Exception) -> DataError:
    """Say that a file of arrays cannot be read, and why."""
    reason = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".")
    return DataError(f"{path}: cannot be read: {reason}.")
