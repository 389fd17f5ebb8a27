"""TensorFlow's own messages, kept out of stderr.

TensorFlow's C++ side writes to file descriptor 2 whatever Python thinks of it, at import and later.
Inside `aside` that descriptor leads to a file. Whatever else is written meanwhile needs another
way out: a copy of the descriptor, as the command line has, or a notebook's own stderr.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from vaecli.observers import Say

_aside: list[BinaryIO] = []  # the file that descriptor 2 leads to first, inside `aside`


def announce_loading(why: str, say: Say) -> None:
    """Say that TensorFlow is about to be loaded, which takes seconds, unless it is loaded already.

    Args:
        why: What it is needed for, to complete "Loading TensorFlow to …".
        say: Called with the line.
    """
    if "vaecli.network" not in sys.modules:
        say(f"Loading TensorFlow to {why} …")


@contextmanager
def aside() -> Iterator[None]:
    """Lead file descriptor 2 to a file until the end of the block; inside another one, change nothing."""
    if _aside:
        yield
        return
    before = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            _aside.append(file)
            os.dup2(file.fileno(), 2)
            try:
                yield
            finally:
                with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
                    sys.stderr.flush()
                os.dup2(before, 2)
                _aside.clear()
    finally:
        os.close(before)


def keep_in(log: BinaryIO) -> None:
    """Send these messages, earlier ones included, to a log until `aside` ends; it is closed here."""
    with log:
        if _aside:
            _aside[0].seek(0)
            log.write(_aside[0].read())
            log.flush()
            os.dup2(log.fileno(), 2)
