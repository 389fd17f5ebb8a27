"""Arrays in files of other programs: NPZ, NPY, HDF5 and IDX. Pickles are never read.

The name of an array says what it is, see `choosing`; or it is the only one; or the user names it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
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
    with readable(path):
        if path.is_dir() or is_idx(path.name):
            return read_idx(path)
        require_plain(path)
        if path.suffix.lower() == ".npy":
            return Arrays(map_npy(path, LARGEST))
        if path.suffix.lower() == ".npz":
            return _read_npz(path, inner, progress)
        return _read_h5(path, inner, progress)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what is raised while a file is read into a `DataError` that names it."""
    try:
        yield
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, TypeError, ArithmeticError) as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, error) from error


def _read_npz(path: Path, inner: str, progress: Progress) -> Arrays:
    return chosen(_in_npz(path, progress), str(path), inner)


@dataclass(frozen=True)
class Source:
    """An array of a file that is read when it is wanted.

    Attributes:
        shape: Its shape.
        read: Returns it.
    """

    shape: tuple[int, ...]
    read: Callable[[], Any]


def sources_of(path: Path, progress: Progress) -> dict[str, Source]:
    """Return name → each array of a file of a folder; the only one of its file is called as the file is.

    Raises:
        DataError: If the file cannot be read.
    """
    with readable(path):
        require_plain(path)
        if path.suffix.lower() == ".npy":
            array = map_npy(path, LARGEST)
            return {path.stem: Source(array.shape, lambda: array)}
        found = _in_npz(path, progress) if path.suffix.lower() == ".npz" else _in_h5(path, progress)
        return {path.stem if len(found) == 1 else f"{path.stem}/{name}": each for name, each in found.items()}


def _in_npz(path: Path, progress: Progress) -> dict[str, Source]:
    """Return the arrays of an NPZ file."""

    def read(member: zipfile.ZipInfo, where: str) -> _Array:
        with zipfile.ZipFile(path) as archive, archive.open(member) as npy:
            return read_npy(npy, member.file_size, most_in(path), where, progress)

    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        shapes = {member.filename: _npz_shape(archive, member) for member in members}
    if len(members) == 1 or not any(shapes.values()):
        shapes = {name: shape or (0,) for name, shape in shapes.items()}  # what is wrong is said of this one
    found = {}
    for member in members:
        name, shape = member.filename.removesuffix(".npy"), shapes[member.filename]
        if shape:
            found[name] = Source(shape, partial(read, member, f"{path}: {name}"))
    return found


def _in_h5(path: Path, progress: Progress) -> dict[str, Source]:
    """Return the arrays of numbers of an HDF5 file."""
    import h5py

    from vaecli.data.files.hdf5 import array_at, arrays_of

    def read(name: str) -> _Array:
        with h5py.File(path, "r") as file:
            return array_at(file[name], f"{path}:/{name}", most_in(path), progress)

    with h5py.File(path, "r") as file:
        return {name: Source(file[name].shape or (), partial(read, name)) for name in arrays_of(file)}


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
        sources = {
            name: Source(node[name].shape or (), partial(_h5_array, path, node[name], progress))
            for name in arrays_of(node)
        }
        wanted = inner if len(names) > 1 else ""
        return chosen(sources, f"{path}{f':{inner}' if inner and not wanted else ''}", wanted)


def _h5_array(path: Path, node: Any, progress: Progress) -> _Array | Container:
    from vaecli.data.files.hdf5 import EncodedImages, array_at, is_encoded

    if is_encoded(node):
        return EncodedImages(path, [node.name])
    return array_at(node, f"{path}:{node.name}", most_in(path), progress)


def chosen(sources: Mapping[str, Source], where: str, inner: str = "") -> Arrays:
    """Return the arrays that their names, or the user, say are images and labels.

    Args:
        sources: Name → each array that there is.
        where: What to call the file or folder in an error.
        inner: The names that the user gave, separated by commas.

    Raises:
        DataError: If it is not clear which is meant, or one cannot be read.
    """
    shapes = {name: source.shape for name, source in sources.items()}
    choice = choose(shapes, where, [name for name in inner.split(",") if name])
    notes: list[str] = []

    def beside(name: str | None) -> Any:
        """Return an array of labels or names; what cannot be read is left alone, and said."""
        try:
            return None if name is None else sources[name].read()
        except DataError as error:
            notes.append(f"Left alone: {error.what}")
            return None

    rest = [name for name in sources if name not in choice.used]
    return Arrays(
        sources[choice.images].read(),
        beside(choice.labels),
        None if choice.heldout_images is None else sources[choice.heldout_images].read(),
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
