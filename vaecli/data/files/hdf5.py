"""Arrays in HDF5 files of other programs, and encoded images in them.

Links out of the file are never followed, and what an array claims is judged before it is read. An array
whose elements are JPEG or PNG files, as large collections are kept, is a container of image files.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import h5py
import numpy as np
from numpy.typing import NDArray

from vaecli.data.blocks import forget
from vaecli.data.files.containers import LARGEST_MEMBER, Container
from vaecli.data.progress import Progress
from vaecli.data.scratch import room_for
from vaecli.errors import DataError

_TOGETHER = 1 << 22  # bytes read at a time, unless a chunk has more
_LARGEST_CHUNK = 1 << 26  # bytes that are unpacked together, as the file's maker chose
_MOST_CHUNKS = 5_000_000


class EncodedImages(Container):
    """Arrays of HDF5 whose elements are image files: each is read when it is opened.

    Args:
        path: The file.
        inners: The names of the arrays in it, which do not lead out of it.
    """

    def __init__(self, path: Path, inners: Sequence[str]) -> None:
        self.path, self.inners, self.words = path, tuple(inners), str(path)
        file = h5py.File(path, "r")
        self._nodes, self._lock = {inner: file[inner] for inner in inners}, Lock()
        self.files = {
            self.name(inner, number): 1 for inner in inners for number in range(len(self._nodes[inner]))
        }
        status = path.stat()
        self.stamp = repr((status.st_size, status.st_mtime_ns))

    @staticmethod
    def name(inner: str, number: int) -> str:
        """Return what an image is called: the array and the position in it, for example `images[3]`."""
        return f"{inner.strip('/')}[{number}]"

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open an image of the array."""
        inner, _, number = name.removesuffix("]").rpartition("[")
        try:
            with self._lock:
                content = np.asarray(self._nodes[f"/{inner}"][int(number)], np.uint8).tobytes()
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{name}: cannot be read: {error}.") from error
        if len(content) > LARGEST_MEMBER:
            raise DataError(f"{name}: {len(content):,} bytes are too many for an image file.")
        yield io.BytesIO(content)


def node_at(file: Any, inner: str, where: str) -> Any:
    """Return what is at a path in an HDF5 file, without following links out of it.

    Raises:
        DataError: If there is nothing.
    """
    node = file
    for part in filter(None, inner.split("/")):
        if not isinstance(node, h5py.Group) or not is_inside(node, part):
            held = ", ".join(list(node)[:10]) if isinstance(node, h5py.Group) else "an array"
            raise DataError(f"{where} has no {inner}.", f"Found at {node.name}: {held}.")
        node = node[part]
    return node


def arrays_of(group: Any, deepest: int = 3) -> list[str]:
    """Return the names of the arrays in a group and in the groups below it, as `train/images`."""
    found: list[str] = []
    for name in group:
        if not is_inside(group, name):
            continue
        node = group[name]
        if isinstance(node, h5py.Dataset):
            found.append(name)
        elif isinstance(node, h5py.Group) and deepest > 1:
            found += [f"{name}/{below}" for below in arrays_of(node, deepest - 1)]
    return found


def is_inside(group: Any, name: str) -> bool:
    """Tell whether a name in a group leads to something in the same file: through no other link than one."""
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.SoftLink):
        return isinstance(link, h5py.HardLink)
    node = group.file if link.path.startswith("/") else group
    for part in filter(None, link.path.split("/")):
        if not isinstance(node, h5py.Group) or not isinstance(node.get(part, getlink=True), h5py.HardLink):
            return False
        node = node[part]
    return True


def is_encoded(node: Any) -> bool:
    """Tell whether an array's elements are bytes of varying number, as image files have."""
    return bool(node.ndim == 1 and h5py.check_vlen_dtype(node.dtype) == np.uint8)


def array_at(node: Any, where: str, largest: int, progress: Progress) -> NDArray[Any]:
    """Return an array of numbers or words, on the disk where it is large.

    Args:
        node: The array in the file.
        where: What to call it in an error.
        largest: The most bytes that it may have.
        progress: Called with what is unfolded, the bytes so far, and all.

    Raises:
        DataError: If it is elsewhere, too large, or something else.
        EnvironmentFailure: If the cache has no room for it.
    """
    if node.is_virtual or node.external:
        raise DataError(f"{where} is stored in other files.", "Expected: a plain array in the file itself.")
    if node.size is None or node.size * node.dtype.itemsize > largest:
        raise DataError(f"{where} claims to hold more than {largest:,} bytes.")
    if node.dtype.kind != "O":
        return _unfolded(node, where, progress)
    if h5py.check_string_dtype(node.dtype) is not None and node.ndim == 1:
        return np.asarray(node.asstr(errors="replace")[()].astype(np.str_))
    is_reference = h5py.check_ref_dtype(node.dtype) is not None
    kind = "references to other arrays" if is_reference else "lists of different lengths"
    raise DataError(
        f"{where} holds {kind}.", "Expected: one array of numbers, or of JPEG or PNG files as bytes (uint8)."
    )


def _unfolded(node: Any, where: str, progress: Progress) -> NDArray[Any]:
    """Return the numbers of an array, unpacked chunk by chunk."""
    if not node.ndim or not node.size:
        return np.asarray(node[()])
    array, done = room_for(node.shape, node.dtype), 0
    for part in _parts(node, where):
        array[part] = node[part]
        done += array[part].nbytes
        forget(array)
        progress("unfolding the arrays", done, array.nbytes)
    return array


def _parts(node: Any, where: str) -> Iterator[Any]:
    """Yield which parts of an array to read together: whole chunks, of which each is unpacked once.

    Raises:
        DataError: If a chunk is too large, or there are too many.
    """
    row = math.prod(node.shape[1:]) * node.dtype.itemsize
    chunk = node.chunks or (1, *node.shape[1:])
    size = math.prod(chunk) * node.dtype.itemsize
    count = math.prod(-(-side // step) for side, step in zip(node.shape, chunk, strict=True))
    if node.chunks and (size > _LARGEST_CHUNK or count > _MOST_CHUNKS):
        raise DataError(
            f"{where} is stored in {count:,} chunks of {size:,} bytes.",
            f"Expected: at most {_MOST_CHUNKS:,} of at most {_LARGEST_CHUNK:,} bytes.",
        )
    if node.chunks and chunk[0] * row > _LARGEST_CHUNK:
        yield from node.iter_chunks()
        return
    step = chunk[0] * max(1, _TOGETHER // (chunk[0] * row))
    for start in range(0, len(node), step):
        yield slice(start, min(start + step, len(node)))
