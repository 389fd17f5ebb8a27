"""Where decoded images go: into memory, or into one memory-mapped file of the cache.

A set that is larger than it is wise to hold in memory is decoded once, straight into a file
of plain bytes, and mapped from there ever after: the system keeps of it in memory what
is in use. An entry of the cache is made under another name and renamed, whole or absent.

::

    decoded/<digest of what it was made from>/
      images.u8     all images, those to train on first, `(n, height, width, channels)` bytes
      facts.json    the shape, the labels, and what was left out

Images that are streamed, decoded anew whenever they are taken, leave only their facts.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from vaecli.errors import EnvironmentFailure

#: Decoded images of fewer bytes stay in memory and are decoded anew each time.
IN_MEMORY = 1 << 25
IN_MEMORY_RATHER_THAN_STREAMED = 1 << 28
_IMAGES, _FACTS = "images.u8", "facts.json"
_VERSION = 1
_ABANDONED = 7 * 24 * 3600.0  # seconds after which what is unfinished will never be finished
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
        self._temporary: Path | None = None
        if self._entry is None:
            self.images: NDArray[np.uint8] = np.empty(shape, np.uint8)
        else:
            self._temporary = _unfinished(self._entry)
            self.images = _reserve(self._temporary, shape)

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
        if self._temporary is None or self._entry is None:
            return self.images
        shape = self.images.shape
        try:
            if isinstance(self.images, np.memmap):
                self.images.flush()
            self.images = np.empty(0, np.uint8)  # unmapped before the file gets shorter
            with (self._temporary / _IMAGES).open("r+b") as stream:
                stream.truncate(int(np.prod(shape)))
                os.fsync(stream.fileno())
            _publish(self._temporary, self._entry, {**facts, "shape": shape})
            self.images, _ = _mapped(self._entry)
        except OSError as error:
            raise _refused(self._entry.parent, error) from error
        return self.images

    def close(self) -> None:
        """Remove what was not finished."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def entry_of(key: str) -> Path:
    """Return the place in the cache of what was made from `key`."""
    digest = hashlib.sha256(f"{_VERSION} {key}".encode()).hexdigest()
    return platformdirs.user_cache_path("vaecli") / "decoded" / digest[:32]


def remembered(key: str) -> tuple[NDArray[np.uint8], dict[str, Any]] | None:
    """Return the images of an entry, mapped read-only, and its facts, if it is there and whole."""
    try:
        return _mapped(entry_of(key))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_facts(key: str, facts: Mapping[str, Any]) -> None:
    """Remember what was found out about images that are not kept themselves.

    Raises:
        EnvironmentFailure: If the cache cannot be written.
    """
    entry = _entry_of_facts(key)
    temporary = _unfinished(entry)
    try:
        clear_abandoned(entry.parent)
        temporary.mkdir(parents=True)
        _publish(temporary, entry, facts)
    except OSError as error:
        raise _refused(entry.parent, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remembered_facts(key: str) -> dict[str, Any] | None:
    """Return what `keep_facts` was given, if it is there and whole."""
    try:
        return _facts(_entry_of_facts(key))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _entry_of_facts(key: str) -> Path:
    return entry_of(f"facts alone: {key}")


def _unfinished(entry: Path) -> Path:
    """Return a name for an entry that is still being made."""
    return entry.with_name(f"{entry.name}.{uuid.uuid4().hex[:8]}.part")


def _publish(folder: Path, entry: Path, facts: Mapping[str, Any]) -> None:
    """Add the facts to a folder and give it its name."""
    with (folder / _FACTS).open("x", encoding="utf-8") as text:
        json.dump({"version": _VERSION, **facts}, text)
        text.flush()
        os.fsync(text.fileno())
    if not entry.exists():  # another process may have been faster
        folder.rename(entry)


def _facts(entry: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
    if facts["version"] != _VERSION:
        raise ValueError(f"{entry} is of another version")
    return facts


def _mapped(entry: Path) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    facts = _facts(entry)
    shape = tuple(int(side) for side in facts["shape"])
    path = entry / _IMAGES
    if path.stat().st_size != np.prod(shape):
        raise ValueError(f"{entry} is not whole")
    return np.memmap(path, np.uint8, "r", shape=shape), facts


def _reserve(folder: Path, shape: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Return a mapped file whose bytes are on the disk already: none can be missing later."""
    size = int(np.prod(shape))
    try:
        clear_abandoned(folder.parent)
        folder.mkdir(parents=True)
        with (folder / _IMAGES).open("xb") as stream:
            _allocate(stream.fileno(), size)
        return np.memmap(folder / _IMAGES, np.uint8, "r+", shape=shape)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _refused(folder.parent, error, size) from error


def clear_abandoned(folder: Path) -> None:
    """Remove what processes that were killed long ago left unfinished."""
    for path in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def _allocate(descriptor: int, size: int) -> None:
    """Give a file its bytes now, so that writing to the map cannot fail for want of room."""
    os.ftruncate(descriptor, size)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    elif os.fstatvfs(descriptor).f_bavail * os.fstatvfs(descriptor).f_frsize < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _refused(folder: Path, error: OSError, size: int = 0) -> EnvironmentFailure:
    """Say that the cache takes no decoded images, and what helps."""
    amount = f" takes no {size / 1e9:.1f} GB of decoded images" if size else " cannot be written"
    return EnvironmentFailure(
        f"The cache {folder}{amount}: {error.strerror or error}.",
        mend="Add --stream, ask for a smaller --size, or point XDG_CACHE_HOME to a folder with room.",
    )
