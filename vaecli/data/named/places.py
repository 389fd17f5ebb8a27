"""Where on this machine a dataset may be, in the order of trust.

First the folder that the user names, then our cache, Keras' cache, and the system's.
Looking costs a few `stat` calls; reading verifies every byte.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaecli.data.cache import cache_folder
from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import NamedSet
from vaecli.data.named.verifying import verify
from vaecli.data.plain import open_plain
from vaecli.errors import DataError

#: What Keras calls the four files inside its one archive.
_ARCHIVED = {
    "train-images-idx3-ubyte": "x_train.npy",
    "train-labels-idx1-ubyte": "y_train.npy",
    "t10k-images-idx3-ubyte": "x_test.npy",
    "t10k-labels-idx1-ubyte": "y_test.npy",
}
_MARGIN = 4096  # bytes that gzip or NPY may add around the values


@dataclass(frozen=True)
class Place:
    """A place on the disk that may hold a set.

    Attributes:
        words: What to call it.
        path: The folder, or the one archive.
        files: Those of the set's files that are there: name of the IDX file → path.
        chosen: Whether the user named it, so that a fault in it is an error.
    """

    words: str
    path: Path
    files: Mapping[str, Path]
    chosen: bool = False

    def __str__(self) -> str:
        """Return its name and path, as errors and `Dataset.source` show it."""
        return f"{self.words} ({self.path})"

    def holds(self, named: NamedSet) -> bool:
        """Tell whether all files of a set are here; none of them is read."""
        return bool(named.names) and all(name in self.files for name in named.names)


def places(named: NamedSet, data_dir: Path | str | None = None) -> Iterator[Place]:
    """Yield the places to look for a set, in order, whether it is there or not.

    Args:
        named: The set.
        data_dir: The user's folder; by default `VAECLI_DATA`, if that is set.

    Raises:
        DataError: If the user's folder cannot be read or holds only a part of the set.
    """
    if named.resources:
        yield from _resource_places(named, data_dir)
        return
    if chosen := data_dir or os.environ.get("VAECLI_DATA"):
        yield _chosen(named, _readable(chosen))
    yield _folder("the cache", cache_folder(named.name), named)
    if named.keras:
        yield _keras(named, named.keras)
    if named.system:
        yield _folder("the system", Path(named.system), named)


def locate(named: NamedSet, data_dir: Path | str | None = None) -> Place | None:
    """Return the first place on this machine that holds a whole set, unread.

    Raises:
        DataError: If the user's folder cannot be read or holds only a part of the set.
    """
    return next((place for place in places(named, data_dir) if place.holds(named)), None)


def find_files(folder: Path, files: tuple[IdxFile, ...]) -> dict[str, Path]:
    """Return those of the files that a folder holds, plain or gzipped, by IDX name.

    Both spellings count: `train-images-idx3-ubyte` and `train-images.idx3-ubyte`.
    """
    found = {}
    for file in files:
        dotted = file.name.replace("-idx", ".idx")
        candidates = (folder / f"{name}{end}" for end in ("", ".gz") for name in (file.name, dotted))
        if path := next(filter(_is_file, candidates), None):
            found[file.name] = path
    return found


def read_file(path: Path, file: IdxFile) -> bytes:
    """Return the plain, verified bytes of a file: IDX, gzipped IDX, or Keras' archive.

    Raises:
        DataError: If it cannot be read or is anything but `file`; the message names the path.
    """
    try:
        if path.suffix == ".npz":
            content = _unarchive(path, file)
        else:
            with open_plain(path) as stream:
                content = stream.read(file.size + _MARGIN)
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return verify(content, str(path), file)


def _resource_places(named: NamedSet, data_dir: Path | str | None) -> Iterator[Place]:
    """Yield where the files that a set is made from may be; they have no known digests."""
    folders = [("the cache", cache_folder(named.name))]
    if chosen := data_dir or os.environ.get("VAECLI_DATA"):
        folders.insert(0, ("the data folder", _readable(chosen)))
    for words, folder in folders:
        inside = {name: folder / name for name in named.names}
        yield Place(words, folder, {name: path for name, path in inside.items() if _is_file(path)})
    kept = {resource.name: list(filter(_is_file, map(Path, resource.paths))) for resource in named.resources}
    files = {name: paths[0] for name, paths in kept.items() if paths}
    usual = Path(named.resources[0].paths[0])
    yield Place("the system", next(iter(files.values()), usual).parent, files)


def _readable(chosen: Path | str) -> Path:
    """Return the folder that the user names, if it is one."""
    root = Path(os.path.expanduser(chosen))  # noqa: PTH111 - never fails where no home is known
    if not os.access(root, os.R_OK | os.X_OK) or not root.is_dir():
        raise DataError(
            f"{root}: not a folder that can be read.",
            "Expected: a folder of the set's files, named by --data-dir or VAECLI_DATA.",
        )
    return root


def _chosen(named: NamedSet, root: Path) -> Place:
    """Return what the user's folder holds, directly or in a subfolder named as the set."""
    folders = (*(root / name for name in (named.name, *named.aliases)), root)
    place = next(filter(lambda folder: find_files(folder, named.files), folders), root)
    files = find_files(place, named.files)
    absent = [file.name for file in named.files if file.name not in files]
    if files and absent:
        raise DataError(
            f"{place}: holds only a part of {named.name}.",
            f"Expected also, plain or .gz: {', '.join(absent)}.",
        )
    return Place("the data folder", place, files, chosen=True)


def _folder(words: str, folder: Path, named: NamedSet) -> Place:
    """Return what one folder holds of a set."""
    return Place(words, folder, find_files(folder, named.files))


def _keras(named: NamedSet, inside: str) -> Place:
    """Return what Keras' cache holds of a set."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    path = Path(os.path.expanduser(home)) / inside  # noqa: PTH111 - never fails where no home is known
    if path.suffix != ".npz":
        return _folder("Keras' cache", path, named)
    return Place("Keras' cache", path, {file.name: path for file in named.files if _is_file(path)})


def _unarchive(path: Path, file: IdxFile) -> bytes:
    """Return the IDX file whose values an NPZ archive holds.

    The values are the end of an NPY file, and the digest will tell whether they are the
    right ones: no metadata of the archive needs to be trusted.
    """
    count = file.size - len(file.header)
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(_ARCHIVED[file.name])
        if not count <= member.file_size <= count + _MARGIN:
            raise ValueError(f"{member.filename} holds {member.file_size:,} bytes, not {count:,}")
        return file.header + archive.read(member)[-count:]


def _is_file(path: Path) -> bool:
    """Tell whether a file is there; what may not be looked at is not there."""
    try:
        return path.is_file()
    except OSError:
        return False
