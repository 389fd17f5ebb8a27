"""One way to the disk: whole or absent, and there to stay once it is said to be there.

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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from vaecli.errors import DamagedArtifact, EnvironmentFailure

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
        EnvironmentFailure: If the disk refuses; nothing half done is left behind.
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
        FileExistsError: If the name is taken: by whom is for the caller to say.
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


def require_writable(target: Path) -> None:
    """Raise early what making a directory, or files in it, would raise; nothing is made.

    It is told by what may be done now to the directory, or to the nearest one above that
    exists: making it has the last word.

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
        DamagedArtifact: If it is missing, not a regular file, or larger than `limit`.
        EnvironmentFailure: If it cannot be read.
    """
    path = folder / name
    with opened(folder, name) as descriptor:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise DamagedArtifact(f"{path} is not a regular file.")
        if facts.st_size > limit:
            raise DamagedArtifact(f"{path} holds {facts.st_size} bytes.", f"Expected: at most {limit}.")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(facts.st_size)


def names_in(folder: Path, name: str) -> list[str]:
    """Return the names in a directory, sorted; none if it does not exist.

    Args:
        folder: What the directory is in.
        name: The directory, as in `read_file`.

    Raises:
        DamagedArtifact: If it is something else than a directory.
        EnvironmentFailure: If it cannot be read.
    """
    if not os.path.lexists(folder / name):
        return []
    with opened(folder, name, os.O_DIRECTORY) as descriptor:
        return sorted(os.listdir(descriptor))  # noqa: PTH208 - a descriptor has no path


@contextmanager
def opened(folder: Path, name: str, flags: int = 0) -> Iterator[int]:
    """Give a descriptor of what stands under a name; see `read_file`."""
    kept: list[int] = []
    path = folder / name
    with translated(path):
        try:
            kept.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            *folders, last = name.split("/")
            for part in folders:
                kept.append(_open_inside(kept[-1], part, os.O_DIRECTORY))
            kept.append(_open_inside(kept[-1], last, flags))
            yield kept[-1]
        except OSError as error:
            _refuse_shape(path, error)
        finally:
            for descriptor in kept:
                os.close(descriptor)


def _open_inside(parent: int, name: str, flags: int) -> int:
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | flags, dir_fd=parent)


def _refuse_shape(path: Path, error: OSError) -> NoReturn:
    """Raise `DamagedArtifact` where something else stands in a file's place, else the error."""
    if error.errno == errno.ELOOP or path.is_symlink():
        raise DamagedArtifact(f"{path} is a symbolic link.", "Expected: what vaecli wrote.") from error
    if error.errno == errno.ENOENT:
        raise DamagedArtifact(f"{path} is missing.") from error
    if error.errno == errno.ENOTDIR:
        raise DamagedArtifact(f"{path} is missing: a file or a link stands where its folder was.") from error
    if error.errno in (errno.ENXIO, errno.ENODEV):
        raise DamagedArtifact(f"{path} is not a regular file.") from error
    raise error


def flush_directory(folder: Path) -> None:
    """Flush a directory's names to the disk; see `flush`.

    Raises:
        EnvironmentFailure: If the disk refuses.
    """
    with translated(folder):
        flush(folder)


def flush(folder: Path) -> None:
    """Flush a folder's names to the disk, where its file system knows how."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


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
    """Without complaint, remove as much of a temporary name as can be removed."""
    with suppress(OSError):
        _remove(path)


def _remove(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        for entry in list(path.iterdir()):
            _remove(entry)
        path.rmdir()
    else:
        path.unlink()
