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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from vaecli.data.files.codecs import CODECS, codec_of
from vaecli.data.names import tidy
from vaecli.data.plain import open_plain, require_plain
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
    """A folder and all that is below it; links are followed, but no folder is read twice.

    What cannot be read in it is left out, and said.

    Raises:
        DataError: If the folder itself cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.words = path, f"the folder {path}"
        walk = _Walk(path)
        self._seen, self.notes = walk.found, walk.notes
        self.files = {name: size for name, (size, _) in self._seen.items()}
        self.stamp = repr(sorted((name, *seen) for name, seen in self._seen.items()))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file of the folder."""
        _refuse_large(name, self.files[name])
        try:
            with open_plain(self.path / name) as stream:
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
            require_plain(path)
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise _not_a_zip(path, error) from error
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
            raise DataError(f"{name}: encrypted: unpack it with its password, and name the folder.")
        _refuse_large(name, member.file_size)
        try:
            content = self._zip.read(member)
        except NotImplementedError as error:
            method = {9: "Deflate64", 93: "Zstandard"}.get(
                member.compress_type, f"method {member.compress_type}"
            )
            raise DataError(
                f"{name}: packed by {method}, which is not read: pack it again as usual."
            ) from error
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


def _not_a_zip(path: Path, error: Exception) -> DataError:
    """Say why a file cannot be read as a zip, by how it begins."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        start = b""
    if start.lstrip()[:1] == b"<":
        return DataError(f"{path}: a web page, not a zip that can be read.", mend="Download the file itself.")
    if start.startswith(b"PK\x03\x04"):
        what = "not a zip that can be read: its end is missing, as of a download that was cut short."
        return DataError(f"{path}: {what}", mend="Download it again.")
    return DataError(f"{path}: not a zip that can be read: {error}.")


def _refuse_large(name: str, size: int) -> None:
    if size > LARGEST_MEMBER:
        raise DataError(f"{name}: {size:,} bytes are too many for an image file.")


class _Walk:
    """All files below a folder, each real folder read once: first what is in it, then what links lead to.

    Attributes:
        found: Name → size and time of each file.
        notes: What could not be read, in words.
    """

    def __init__(self, folder: Path) -> None:
        self.found: dict[str, tuple[int, int]] = {}
        self._faults: list[str] = []
        self._folders: set[tuple[int, int]] = set()
        self._links: list[tuple[Path, str]] = []
        try:
            self._enter(folder, "")
        except OSError as error:
            raise DataError(f"{folder}: cannot be read: {error.strerror or error}.") from error
        while self._links:
            self._try(self._enter, *self._links.pop(0))

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, in words."""
        if not self._faults:
            return ()
        more = f"; and {len(self._faults) - 3:,} more" if len(self._faults) > 3 else ""
        return (f"{len(self._faults):,} left out that cannot be read: {'; '.join(self._faults[:3])}{more}.",)

    def _enter(self, folder: Path, prefix: str) -> None:
        """Read a folder, unless it was read before."""
        status = folder.stat()
        here = (status.st_dev, status.st_ino)
        if here in self._folders:
            return
        self._folders.add(here)
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if not entry.name.startswith("."):
                    self._try(self._look, entry, folder, prefix + entry.name)

    def _look(self, entry: os.DirEntry[str], folder: Path, name: str) -> None:
        """Take a file, read a folder, or note a link to one."""
        if entry.is_dir():
            if entry.is_symlink():
                self._links.append((folder / entry.name, f"{name}/"))
            else:
                self._try(self._enter, folder / entry.name, f"{name}/")
        elif entry.is_file():  # which a broken link, a pipe or a device is not
            self.found[name] = _size_and_time(entry.stat())

    def _try(self, work: Callable[..., None], *what: Any) -> None:
        """Do something; what the system refuses is a fault, not the end."""
        try:
            work(*what)
        except OSError as error:
            name = error.filename and os.path.basename(error.filename)  # noqa: PTH119 - may be bytes
            self._faults.append(f"{tidy(os.fsdecode(name or str(what[-1])))}: {error.strerror or error}")
