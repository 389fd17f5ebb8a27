"""Where decoded images go: into memory, or into one memory-mapped file of the cache.

A set that is larger than it is wise to hold in memory is decoded once, straight into a file
of plain bytes, and mapped from there ever after: the system keeps of it in memory what
is in use. An entry of the cache is made under another name and renamed, whole or absent.

::

    decoded/<digest of what it was made from>/
      images.u8     all images, those to train on first, `(n, height, width, channels)` bytes
      facts.json    the shape, the labels, what was left out, and the digest of the images

No entry is trusted: each time one is used, its size and digests are checked, which takes a
fraction of a second per GB that is read anyway. One that is not whole is removed and made again.
Images that are streamed, decoded whenever they are taken, leave only their facts.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from vaecli import files
from vaecli.data.progress import Progress, silent
from vaecli.data.sealed import digest_of_file, sealed, unsealed
from vaecli.errors import EnvironmentFailure

#: Decoded images of fewer bytes stay in memory and are decoded again each time.
IN_MEMORY = 1 << 25
IN_MEMORY_RATHER_THAN_STREAMED = 1 << 28
_IMAGES, _FACTS = "images.u8", "facts.json"
_VERSION = 3
_COMPACTED = 1 << 24  # bytes moved at a time


class Decoded:
    """Room for the images of a set, to be written once.

    Args:
        shape: `(n, height, width, channels)`.
        key: What the images are made from; None keeps them in memory.

    Attributes:
        images: uint8 of that shape, to be filled.

    Raises:
        EnvironmentFailure: If the cache has no room for them, or cannot be written.
    """

    def __init__(self, shape: tuple[int, int, int, int], key: str | None) -> None:
        self._entry = None if key is None else entry_of(key)
        self._unfinished: files.Unfinished | None = None
        if self._entry is None:
            self.images: NDArray[np.uint8] = np.empty(shape, np.uint8)
        else:
            self._unfinished, self.images = _reserve(self._entry.parent, shape)

    def keep(self, rows: NDArray[np.int64], channels: int) -> NDArray[np.uint8]:
        """Drop all images but some, and all channels but the first few; return what is left.

        Args:
            rows: Ascending positions of the images to keep.
            channels: How many channels to keep.
        """
        kept = (len(rows), *self.images.shape[1:3], channels)
        if kept != self.images.shape:
            flat = self.images.reshape(-1)
            per_image = int(np.prod(kept[1:]))
            step = max(1, _COMPACTED // self.images[:1].size)
            for start in range(0, len(rows), step):  # never reaches what is not yet moved
                moved = self.images[rows[start : start + step], ..., :channels]
                flat[start * per_image : start * per_image + moved.size] = moved.reshape(-1)
            self.images = flat[: len(rows) * per_image].reshape(kept)
        return self.images

    def finish(self, facts: Mapping[str, Any]) -> NDArray[np.uint8]:
        """Make the entry of the cache whole, if there is one; return its images, read-only.

        Raises:
            EnvironmentFailure: If the disk refuses; nothing is left behind.
        """
        if self._unfinished is None or self._entry is None:
            return self.images
        shape, path = self.images.shape, self._unfinished.path / _IMAGES
        try:
            if isinstance(self.images, np.memmap):
                self.images.flush()
            self.images = np.empty(0, np.uint8)  # unmapped before the file gets shorter
            with path.open("r+b") as stream:
                stream.truncate(int(np.prod(shape)))
                os.fsync(stream.fileno())
            digest = digest_of_file(path)
            self.images = np.memmap(
                path, np.uint8, "r", shape=shape
            )  # stays readable even if the entry is removed
            _publish(self._unfinished, self._entry, {"facts": facts, "shape": shape, "sha256": digest})
        except OSError as error:
            raise refused(self._entry.parent, error) from error
        return self.images

    def close(self) -> None:
        """Remove what was not finished."""
        if self._unfinished is not None:
            self._unfinished.close()


def entry_of(key: str) -> Path:
    """Return the place in the cache of what was made from `key`."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return platformdirs.user_cache_path("vaecli") / "decoded" / digest[:32]


def remembered(key: str, progress: Progress = silent) -> tuple[NDArray[np.uint8], dict[str, Any]] | None:
    """Return the images of an entry, mapped read-only, and its facts, if it is there and whole.

    Args:
        key: What the images were made from.
        progress: Called while they are being checked.
    """
    entry = entry_of(key)
    try:
        document = _document_of(entry)
        shape, path = tuple(int(side) for side in document["shape"]), entry / _IMAGES
        images = np.memmap(path, np.uint8, "r", shape=shape)
        _check(path, images.nbytes, document["sha256"], progress)
        return images, dict(document["facts"])
    except _NOT_WHOLE:
        _take_away(entry)
    except OSError:
        pass  # what cannot be read now is made again, and left as it is
    return None


def keep_facts(key: str, facts: Mapping[str, Any]) -> None:
    """Remember what was found out about images that are not kept themselves.

    Raises:
        EnvironmentFailure: If the cache cannot be written.
    """
    entry = _entry_of_facts(key)
    try:
        with _begun(entry.parent) as unfinished:
            _publish(unfinished, entry, {"facts": facts})
    except OSError as error:
        raise refused(entry.parent, error) from error


def remembered_facts(key: str) -> dict[str, Any] | None:
    """Return what `keep_facts` was given, if it is there and whole."""
    entry = _entry_of_facts(key)
    try:
        return dict(_document_of(entry)["facts"])
    except _NOT_WHOLE:
        _take_away(entry)
    except OSError:
        pass
    return None


#: What reading an entry raises if it is not what was written. Other errors are those of the disk.
_NOT_WHOLE = (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, KeyError, TypeError)


def _entry_of_facts(key: str) -> Path:
    return entry_of(f"facts alone: {key}")


def _begun(folder: Path) -> files.Unfinished:
    """Begin an entry in the folder of all of them, after removing what dead processes left there."""
    folder.mkdir(parents=True, exist_ok=True)
    files.clear_abandoned(folder)
    return files.Unfinished(folder, is_folder=True)


def _publish(unfinished: files.Unfinished, entry: Path, document: Mapping[str, Any]) -> None:
    """Add the facts to an entry and give it its name, unless another process was faster."""
    with (unfinished.path / _FACTS).open("x", encoding="utf-8") as text:
        text.write(sealed({"version": _VERSION, **document}))
        text.flush()
        os.fsync(text.fileno())
    files.flush(unfinished.path)
    try:
        unfinished.publish(entry)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
    files.flush(entry.parent)


def _document_of(entry: Path) -> dict[str, Any]:
    document = unsealed((entry / _FACTS).read_text(encoding="utf-8"))
    if document["version"] != _VERSION:
        raise ValueError(f"{entry} is of another version")
    return document


def _check(path: Path, size: int, digest: str, progress: Progress) -> None:
    """Raise `ValueError` if a file is not of this size and digest."""
    if path.stat().st_size != size:
        raise ValueError(f"{path} is not whole")
    if digest_of_file(path, lambda done: progress("checking the decoded images", done, size)) != digest:
        raise ValueError(f"{path} is not what was written")


def _take_away(entry: Path) -> None:
    """Make room for an entry that is whole; where that cannot be, the images are made again each time."""
    with suppress(OSError):
        files.take_away(entry)


def _reserve(folder: Path, shape: tuple[int, int, int, int]) -> tuple[files.Unfinished, NDArray[np.uint8]]:
    """Return a mapped file whose bytes are on the disk already: none can be missing later."""
    size = int(np.prod(shape))
    try:
        unfinished = _begun(folder)
        try:
            with (unfinished.path / _IMAGES).open("xb") as stream:
                allocate(stream.fileno(), size)
            return unfinished, np.memmap(unfinished.path / _IMAGES, np.uint8, "r+", shape=shape)
        except BaseException:
            unfinished.close()
            raise
    except OSError as error:
        raise refused(folder, error, size) from error


def allocate(descriptor: int, size: int) -> None:
    """Give a file its bytes now, so that writing to the map cannot fail for lack of room."""
    os.ftruncate(descriptor, size)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    elif os.fstatvfs(descriptor).f_bavail * os.fstatvfs(descriptor).f_frsize < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refused(folder: Path, error: OSError, size: int = 0) -> EnvironmentFailure:
    """Say that the cache takes no decoded images, and what helps."""
    amount = f" takes no {size / 1e9:.1f} GB of decoded images" if size else " cannot be written"
    return EnvironmentFailure(
        f"The cache {folder}{amount}: {error.strerror or error}.",
        mend="Add --stream, ask for a smaller --size, or point XDG_CACHE_HOME to a folder with room.",
    )
