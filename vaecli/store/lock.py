"""Who trains a run: a lock that the kernel drops the moment its holder dies.

The lock is a `flock` on `run.lock`. The file's text, pid and host of the holder, is
only for messages: the kernel says whether the run is being trained.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from vaecli.errors import Busy, EnvironmentFailure, VaecliError
from vaecli.store import durable
from vaecli.store.faults import DamagedFile
from vaecli.store.formats import LOCK_FILE

_ATTEMPTS = 20  # a reader's question holds the lock for an instant: ask again before giving up
_PAUSE = 0.01  # seconds


def acquire(folder: Path) -> int:
    """Take the lock of a run and return its descriptor; closing that releases it.

    Raises:
        Busy: If another process holds it; the message says which.
        DamagedFile: If a link stands in the place of the run, or anything but a file in that of the lock.
        EnvironmentFailure: If the lock file cannot be opened.
    """
    for attempt in range(_ATTEMPTS):
        descriptor = _open(folder)
        if _try(descriptor, fcntl.LOCK_EX) and _is_there(descriptor, folder / LOCK_FILE):
            with suppress(OSError):  # a lock can be held on a full disk, too
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode())
            return descriptor
        os.close(descriptor)
        if attempt < _ATTEMPTS - 1:
            time.sleep(_PAUSE)
    raise Busy(
        f"Run {folder.name} is being trained by {holder(folder)}.",
        "Expected: one training per run.",
        "Wait for it, or stop it first.",
    )


def is_held(folder: Path) -> bool:
    """Tell whether a process trains the run now; writes nothing.

    Raises:
        UnreadableFile: If the lock cannot be queried.
    """
    try:
        with durable.opened(folder, LOCK_FILE) as descriptor:
            return not _try(descriptor, fcntl.LOCK_SH)
    except DamagedFile:  # what is missing or not a file is not held
        return False


def holder(folder: Path) -> str:
    """Return who wrote the lock file last, in words."""
    try:
        pid, host = durable.read_file(folder, LOCK_FILE, 300).decode("ascii").split()
    except (VaecliError, ValueError):
        return "another process"
    return f"process {pid} on {host}"


def _open(folder: Path) -> int:
    path = folder / LOCK_FILE
    with durable.reading(folder):
        is_link = folder.is_symlink()
    if is_link:
        raise DamagedFile(folder, "is a symbolic link", "Expected: the run's own directory.")
    try:
        durable.require_own(folder, LOCK_FILE)
    except DamagedFile as error:
        mend = "Remove it: the lock file holds nothing that is needed."
        raise DamagedFile(path, error.why, "Expected: the file that a training locks.", mend) from error
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        return os.open(path, flags, 0o644)
    except OSError as error:
        raise EnvironmentFailure(
            f"{path}: {error.strerror}.", "Expected: a lock that can be taken."
        ) from error


def _is_there(descriptor: int, path: Path) -> bool:
    """Tell whether the locked file still stands under its name: its run may be removed meanwhile."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    return False


def _try(descriptor: int, kind: int) -> bool:
    """Lock without waiting, and tell whether that worked."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
