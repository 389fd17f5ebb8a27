"""Folders and zips of files, read alike: names, and the bytes behind a name.

Nothing of a zip is ever unpacked to the disk. What a member declares to hold is judged
before it is read, and reading never goes beyond it.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from vaecli.data.files.codecs import CODECS, codec_of
from vaecli.errors import DataError

LARGEST_MEMBER = 1 << 28  # bytes; of all that one image file may hold
_MOST_MEMBERS = 5_000_000
_DENSEST = 64  # times the bytes of a zip may all its members hold; photographs hold about 1
_IS_UTF8 = 1 << 11  # the flag of a member whose name is UTF-8
_FREE = 1 << 30  # bytes that any zip may hold, however small it is


class Container(ABC):
    """Files under names that are relative and separated by `/`.

    Attributes:
        path: Where it is.
        words: What to call it.
        files: Name → bytes that the file has, in no certain order.
        stamp: Changes whenever a file does.
        notes: What was assumed of it.
    """

    path: Path
    words: str
    files: Mapping[str, int]
    stamp: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self.files)

    @abstractmethod
    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file, seekable, for reading.

        Raises:
            DataError: If it cannot be read.
        """


class Folder(Container):
    """A folder and all that is below it; links are followed, loops are not."""

    def __init__(self, path: Path) -> None:
        self.path, self.words = path, f"the folder {path}"
        self._seen = {name: _size_and_time(status) for name, status in _walk(path, "", frozenset())}
        self.files = {name: size for name, (size, _) in self._seen.items()}
        self.stamp = repr(sorted((name, *seen) for name, seen in self._seen.items()))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file of the folder."""
        _refuse_large(name, self.files[name])
        try:
            with (self.path / name).open("rb") as stream:
                if _size_and_time(os.fstat(stream.fileno())) != self._seen[name]:
                    raise DataError(f"{name}: changed since the folder was opened.")
                yield stream
        except OSError as error:
            raise DataError(f"{name}: {error.strerror or error}.") from error


class Zip(Container):
    """A zip archive; its members are read one by one, into memory.

    Raises:
        DataError: If it is not a readable zip, or declares to hold more than a set of images.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.words = path, f"the zip {path}"
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise DataError(f"{path}: not a zip that can be read: {error}.") from error
        members = [member for member in self._zip.infolist() if not member.is_dir()]
        status = path.stat()
        total = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or total > _FREE + _DENSEST * status.st_size:
            raise DataError(
                f"{path}: declares {len(members):,} members of {total:,} bytes in total.",
                f"Expected: at most {_DENSEST} times the bytes of the zip itself.",
            )
        codec = codec_of(raw for member in members if (raw := _raw_name(member)) is not None)
        self._members = {_name(member, codec).replace("\\", "/"): member for member in members}
        if codec in CODECS:
            self.notes = (f"The names in the zip are read as {CODECS[codec]}.",)
        self.files = {name: member.file_size for name, member in self._members.items()}
        self.stamp = repr((status.st_size, status.st_mtime_ns))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a member, read whole and checked by its CRC."""
        member = self._members[name]
        if member.flag_bits & 1:
            raise DataError(f"{name}: encrypted.")
        _refuse_large(name, member.file_size)
        try:
            content = self._zip.read(member)
        except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(f"{name}: damaged in the zip.") from error
        yield io.BytesIO(content)


def open_container(path: Path) -> Container:
    """Return the folder or the zip at a path.

    Raises:
        DataError: If it cannot be read.
    """
    return Folder(path) if path.is_dir() else Zip(path)


def _raw_name(member: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a name that does not say in which code it is written; None if it does."""
    return None if member.flag_bits & _IS_UTF8 else member.orig_filename.encode("cp437", "replace")


def _name(member: zipfile.ZipInfo, codec: str) -> str:
    """Return the name of a member, in a code where it says none."""
    raw = _raw_name(member)
    return member.filename if raw is None else raw.decode(codec, "replace").partition("\0")[0]


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    """Return what changes whenever a file does."""
    return status.st_size, status.st_mtime_ns


def _refuse_large(name: str, size: int) -> None:
    if size > LARGEST_MEMBER:
        raise DataError(f"{name}: {size:,} bytes are too many for an image file.")


def _walk(
    folder: Path, prefix: str, above: frozenset[tuple[int, int]]
) -> Iterator[tuple[str, os.stat_result]]:
    """Yield each file below a folder with its status; folders that contain themselves end."""
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror or error}.") from error
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(folder / entry.name, f"{prefix}{entry.name}/", above | {here})
        elif entry.is_file():  # which a broken link, a pipe or a device is not
            yield f"{prefix}{entry.name}", entry.stat()
