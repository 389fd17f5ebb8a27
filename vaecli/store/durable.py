"""One way to the disk: whole or absent, and there to stay once it is said to be there.

Everything is built under a temporary name beside its target, flushed to the disk,
renamed into place, and the folder that holds the name is flushed too. A process that
dies at any point leaves the target whole or absent, and at most a temporary name that
`clear_leftovers` removes.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from vaecli.errors import DamagedArtifact, EnvironmentFailure

TEMPORARY = ".tmp-"


def write_file(target: Path, data: bytes) -> None:
    """Write a new file durably; the caller holds the lock of the folder.

    Raises:
        FileExistsError: If the target exists: nothing is ever overwritten.
        EnvironmentFailure: If the disk refuses; nothing of it is left behind.
    """
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    temporary = _beside(target)
    with _translated(target):
        try:
            _write_flushed(temporary, data)
            temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        flush(target.parent)


def write_directory(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a new directory of files durably, whole or not at all.

    Raises:
        FileExistsError: If the target exists: nothing is ever overwritten.
        EnvironmentFailure: If the disk refuses; nothing is left behind.
    """
    temporary = _beside(target)
    with _translated(target):
        try:
            temporary.mkdir()
            for name, data in files.items():
                _write_flushed(temporary / name, data)
            flush(temporary)
            temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        flush(target.parent)


def remove_directory(target: Path) -> None:
    """Remove a directory so that no moment shows half of it."""
    temporary = _beside(target)
    with _translated(target):
        target.rename(temporary)
        shutil.rmtree(temporary)


def make_directory(target: Path) -> None:
    """Make a new directory durably.

    Raises:
        FileExistsError: If the name is taken: by whom is for the caller to say.
        EnvironmentFailure: If the disk refuses.
    """
    with _translated(target):
        target.mkdir()
        flush(target.parent)


def read_file(path: Path, limit: int | None = None) -> bytes:
    """Read a regular file without following a link or waiting for a pipe.

    Args:
        path: The file.
        limit: The most bytes that it may hold.

    Raises:
        DamagedArtifact: If it is missing, not a regular file, or larger than `limit`.
        EnvironmentFailure: If it cannot be read.
    """
    with _translated(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise DamagedArtifact(f"{path} is a symbolic link.", "Expected: a regular file.") from error
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                raise DamagedArtifact(f"{path} is missing.") from error
            raise
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise DamagedArtifact(f"{path} is not a regular file.")
            if limit is not None and facts.st_size > limit:
                raise DamagedArtifact(f"{path} holds {facts.st_size} bytes.", f"Expected: at most {limit}.")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)


def clear_leftovers(folder: Path) -> None:
    """Remove what a process that died left under temporary names in a folder."""
    for entry in folder.glob(f"{TEMPORARY}*"):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink()


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


def _beside(target: Path) -> Path:
    return target.with_name(f"{TEMPORARY}{target.name}-{uuid.uuid4().hex[:12]}")


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into `EnvironmentFailure`."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(error.errno, os.strerror(error.errno), str(path)) from error
        mend = {
            errno.ENOSPC: "Free some space, then resume; everything saved before is unharmed.",
            errno.EDQUOT: "Free some of your quota, then resume; everything saved before is unharmed.",
            errno.EROFS: "Choose a writable place with --artifacts.",
            errno.EACCES: "Choose a place that you may use with --artifacts.",
        }.get(error.errno or 0, "Everything saved before is unharmed.")
        raise EnvironmentFailure(f"{path}: {error.strerror or error}.", mend=mend) from error
