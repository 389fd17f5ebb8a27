"""Files that are files: what a path leads to is looked at before anything is read of it.

A named pipe that nobody writes to lets `open` wait for ever, and `/dev/zero` never ends. Links are followed,
but only to a regular file.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from vaecli.errors import DataError

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def open_plain(path: Path | str) -> BinaryIO:
    """Open a regular file for reading; of anything else nothing is read.

    Raises:
        DataError: If it is a pipe, a device or a socket.
        OSError: If it cannot be opened, or is a folder.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    try:
        _refuse_others(os.fstat(descriptor).st_mode, path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def require_plain(path: Path) -> None:
    """Raise `DataError` unless a path leads to a regular file.

    Raises:
        OSError: If it leads nowhere, or to a folder.
    """
    _refuse_others(path.stat().st_mode, path)


def _refuse_others(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
        raise DataError(f"{path}: {kind}.", "Expected: a file.", "Copy what it gives into a file first.")
