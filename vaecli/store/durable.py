"""One way to the disk: whole or absent, and permanent once it is reported.

Everything is built under a temporary name beside its target, flushed to the disk,
renamed into place, and the folder that holds the name is flushed too. A process that
dies at any point leaves the target whole or absent, and at most a temporary name that
`clear_leftovers` removes. All of it goes through a handful of functions of `os`; the
tests replace them to kill, refuse or forget at any one of them.
"""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vaecli.errors import EnvironmentFailure
from vaecli.files import flush
from vaecli.store.faults import DamagedFile, MissingFile, UnreadableFile

TEMPORARY = ".tmp-"

_MEND = {
    errno.ENOSPC: "Free some space, then resume; everything saved before is unharmed.",
    errno.EDQUOT: "Free some of your quota, then resume; everything saved before is unharmed.",
    errno.EFBIG: "Allow larger files (ulimit -f), then resume; everything saved before is unharmed.",
    errno.EROFS: "Choose a writable place with --artifacts.",
    errno.EACCES: "Choose a place that you may use with --artifacts.",
    errno.EPERM: "Choose a place that you may use with --artifacts.",
    errno.ENAMETOOLONG: "Choose a shorter name with --artifacts.",
    errno.ENOTDIR: "Choose a writable place with --artifacts.",
}


def write_file(target: Path, data: bytes) -> None:
    """Write a new file durably; the caller holds the lock of the folder.

    Raises:
        FileExistsError: If the target exists: nothing is ever overwritten.
        EnvironmentFailure: If the disk refuses; nothing of it is left behind.
    """
    temporary = beside(target)
    with translated(target):
        try:
            _write_flushed(temporary, data)
            move(temporary, target)
        except BaseException:
            discard(temporary)
            raise


def write_directory(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a new directory of files durably, whole or not at all.

    Raises:
        FileExistsError: If the target exists: nothing is ever overwritten.
        EnvironmentFailure: If the disk refuses; nothing half-finished is left behind.
    """
    temporary = beside(target)
    with translated(target):
        try:
            temporary.mkdir()
            for name, data in files.items():
                _write_flushed(temporary / name, data)
            flush(temporary)
            move(temporary, target)
        except BaseException:
            discard(temporary)
            raise


def make_directory(target: Path) -> None:
    """Make a new directory durably.

    Raises:
        FileExistsError: If the name is taken; the caller says by what.
        EnvironmentFailure: If the disk refuses.
    """
    with translated(target):
        target.mkdir()
        try:
            flush(target.parent)
        except BaseException:
            discard(target)
            raise


def make_directories(target: Path) -> None:
    """Make a directory and what is missing above it, durably; nothing if it is there.

    Raises:
        EnvironmentFailure: If the disk refuses, or a file stands in the way.
    """
    if target.is_dir():
        return
    if target.parent != target:
        make_directories(target.parent)
    try:
        make_directory(target)
    except FileExistsError:
        if not target.is_dir():
            raise EnvironmentFailure(f"{target} is not a directory.", mend=_MEND[errno.ENOTDIR]) from None


def own_directory(folder: Path, name: str) -> Path:
    """Return a directory in a directory, made if it is missing: a real one, where what is written stays.

    Raises:
        DamagedFile: If a link or anything else that is not a directory has its name.
        EnvironmentFailure: If the disk refuses.
    """
    require_own(folder, name, directory=True)
    if not is_there(folder / name):
        make_directory(folder / name)
    return folder / name


def require_own(folder: Path, name: str, *, directory: bool = False) -> None:
    """Raise `DamagedFile` if a name is there and is not that of a regular file, or of a directory.

    Raises:
        UnreadableFile: If that cannot be determined.
    """
    path = folder / name
    if is_there(path):
        with reading(path):
            _require_kind(path.lstat().st_mode, path, directory=directory)


def open_to_append(folder: Path, name: str) -> BinaryIO:
    """Open a regular file to write at its end, and make it if need be; no link is followed.

    Raises:
        DamagedFile: If anything else has its name.
        EnvironmentFailure: If the disk refuses.
    """
    path = folder / name
    require_own(folder, name)
    with translated(path):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.fdopen(os.open(path, flags, 0o644), "ab")


def require_writable(target: Path) -> None:
    """Raise early what making a directory, or files in it, would raise; nothing is made.

    It goes by what may be done now to the directory, or to the nearest one above that
    exists: only making it is certain.

    Raises:
        EnvironmentFailure: If it cannot be written to.
    """
    with translated(target):
        for folder in (target.absolute(), *target.absolute().parents):
            with suppress(FileNotFoundError):
                if not stat.S_ISDIR(folder.stat().st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise EnvironmentFailure(f"{folder} is not writable.", mend=_MEND[errno.EACCES])
                return


def move(source: Path, target: Path) -> None:
    """Give a file or directory another name, durably; what stands there stays.

    Raises:
        FileExistsError: If the target exists.
        EnvironmentFailure: If the disk refuses; the name is as before.
    """
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    with translated(target):
        source.rename(target)
        try:
            for folder in {target.parent, source.parent}:
                flush(folder)
        except BaseException:
            with suppress(OSError):
                target.rename(source)
            raise


def remove_directory(target: Path) -> None:
    """Remove a directory so that no moment shows half of it."""
    temporary = beside(target)
    with translated(target):
        target.rename(temporary)
        flush(target.parent)
        _remove(temporary)


def clear_leftovers(folder: Path) -> None:
    """Remove what a process that died left under temporary names in a folder."""
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            if entry.name.startswith(TEMPORARY):
                discard(entry)


def read_file(folder: Path, name: str, limit: int) -> bytes:
    """Read a regular file without following a link or waiting for a pipe.

    Args:
        folder: What the file is in; what stands above the name is trusted.
        name: The file, with slashes where it lies deeper. No part may be a symbolic link.
        limit: The most bytes that it may hold.

    Raises:
        MissingFile: If it is not there.
        DamagedFile: If it is not a regular file, or larger than `limit`.
        UnreadableFile: If it cannot be read.
    """
    with opened(folder, name) as descriptor:
        size = os.fstat(descriptor).st_size
        if size > limit:
            raise DamagedFile(folder / name, f"holds {size} bytes", f"Expected: at most {limit}.")
        return _read(descriptor, size)


def names_in(folder: Path, name: str) -> list[str]:
    """Return the names in a directory, sorted; none if it does not exist.

    Args:
        folder: What the directory is in.
        name: The directory, as in `read_file`.

    Raises:
        DamagedFile: If it is not a directory.
        UnreadableFile: If it cannot be read.
    """
    if not is_there(folder / name):
        return []
    with opened(folder, name, directory=True) as descriptor:
        return sorted(os.listdir(descriptor))  # noqa: PTH208 - a descriptor has no path


def is_there(path: Path) -> bool:
    """Tell whether anything has this name, even a link that leads nowhere.

    Raises:
        UnreadableFile: If that cannot be determined.
    """
    with reading(path):
        try:
            path.lstat()
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
                return False
            raise
        return True


@contextmanager
def opened(folder: Path, name: str, *, directory: bool = False) -> Iterator[int]:
    """Give a descriptor of the regular file, or the directory, of a name; see `read_file`."""
    path = folder / name
    with reading(path), ExitStack() as kept:
        try:
            descriptor = _open(folder, os.O_DIRECTORY, kept)
            *above, last = name.split("/")
            for part in above:
                descriptor = _open(part, os.O_NOFOLLOW | os.O_DIRECTORY, kept, descriptor)
            _require_kind(_mode(last, descriptor), path, directory=directory)
            descriptor = _open(last, os.O_NOFOLLOW | os.O_DIRECTORY * directory, kept, descriptor)
        except FileNotFoundError as error:
            raise MissingFile(path, "is missing") from error
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                raise
            why = "is missing: a file or a link stands where its folder was"
            raise MissingFile(path, why) from error
        yield descriptor


def _open(path: Path | str, flags: int, kept: ExitStack, parent: int | None = None) -> int:
    """Open for reading without waiting, and have it closed with the others that are kept."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags, dir_fd=parent)
    kept.callback(os.close, descriptor)
    return descriptor


def _mode(name: str, parent: int) -> int:
    return os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode


def _require_kind(mode: int, path: Path, *, directory: bool) -> None:
    """Raise `DamagedFile` unless a mode is that of a regular file, or of a directory."""
    if stat.S_ISLNK(mode):
        raise DamagedFile(path, "is a symbolic link", "Expected: what vaecli wrote.")
    if not (stat.S_ISDIR(mode) if directory else stat.S_ISREG(mode)):
        raise DamagedFile(path, f"is not a {'directory' if directory else 'regular file'}")


def _read(descriptor: int, size: int) -> bytes:
    parts = []
    while size and (part := os.read(descriptor, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def flush_directory(folder: Path) -> None:
    """Flush a directory's names to the disk; see `flush`.

    Raises:
        EnvironmentFailure: If the disk refuses.
    """
    with translated(folder):
        flush(folder)


def beside(target: Path) -> Path:
    """Return a new temporary name in the folder of the target."""
    return target.with_name(f"{TEMPORARY}{target.name}-{uuid.uuid4().hex[:12]}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into `EnvironmentFailure`."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise FileExistsError(error.errno, os.strerror(error.errno), str(path)) from error
        mend = _MEND.get(error.errno or 0, "Everything saved before is unharmed.")
        raise EnvironmentFailure(f"{path}: {error.strerror or error}.", mend=mend) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what keeps a file from being read into `UnreadableFile`."""
    try:
        yield
    except MemoryError as error:
        raise _unreadable(path, errno.ENOMEM) from error
    except OSError as error:
        raise _unreadable(path, error.errno or 0) from error


def _unreadable(path: Path, code: int) -> UnreadableFile:
    if code in (errno.EACCES, errno.EPERM):
        return UnreadableFile(path, "may not be read", "Its owner can grant access; nothing was changed.")
    why = f"could not be read: {os.strerror(code)}"
    return UnreadableFile(path, why, "It may be intact: try again once that is fixed; nothing was changed.")


def _write_flushed(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(path: Path) -> None:
    """Remove as much of a temporary name as can be removed, ignoring errors."""
    with suppress(OSError):
        _remove(path)


def _remove(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        for entry in list(path.iterdir()):
            _remove(entry)
        path.rmdir()
    else:
        path.unlink()
