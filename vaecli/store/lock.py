"""Who trains a run: a lock that the kernel drops the moment its holder dies.

The lock is a `flock` on `run.lock`. The file's text, pid and host of the holder, is
only for messages: whether the run is being trained is asked of the kernel.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from pathlib import Path

from vaecli.errors import Busy, EnvironmentFailure

LOCK_NAME = "run.lock"
_ATTEMPTS = 20  # a reader's question holds the lock for an instant: ask again before giving up
_PAUSE = 0.01  # seconds


def acquire(folder: Path) -> int:
    """Take the lock of a run and return its descriptor; closing that releases it.

    Raises:
        Busy: If another process holds it; the message says which.
        EnvironmentFailure: If the lock file cannot be opened.
    """
    path = folder / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise EnvironmentFailure(
            f"{path}: {error.strerror}.", "Expected: a lock that can be taken."
        ) from error
    for attempt in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < _ATTEMPTS - 1:
                time.sleep(_PAUSE)
        else:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode())
            return descriptor
    os.close(descriptor)
    raise Busy(
        f"Run {folder.name} is being trained by {holder(folder)}.",
        "Expected: one training per run.",
        "Wait for it, or stop it first.",
    )


def is_held(folder: Path) -> bool:
    """Tell whether a process trains the run now; writes nothing."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(folder: Path) -> str:
    """Return who wrote the lock file last, in words."""
    try:
        pid, host = (folder / LOCK_NAME).read_text(encoding="ascii", errors="replace")[:300].split()
    except (OSError, ValueError):
        return "another process"
    return f"process {pid} on {host}"
