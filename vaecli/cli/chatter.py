"""TensorFlow's door: what it writes to stderr on its own goes to a log, not to the user.

TensorFlow's C++ side writes to file descriptor 2 whatever Python thinks of it, at import
and later. Once this door is passed, descriptor 2 leads to a file; `Streams` goes on
speaking through its own copy.
"""

from __future__ import annotations

import os
import sys
import tempfile
from types import ModuleType
from typing import BinaryIO

from vaecli.cli.streams import Streams

_state: dict[str, int | BinaryIO] = {}


def load_network(streams: Streams, why: str) -> ModuleType:
    """Import the network room, quietly, and return it.

    Args:
        streams: Where to say that it takes a moment.
        why: What it is needed for, to complete "Loading TensorFlow to …".
    """
    if "vaecli.network" not in sys.modules:
        streams.say(f"Loading TensorFlow to {why} …")
        _divert()
    import vaecli.network

    return vaecli.network


def keep_in(log: BinaryIO) -> None:
    """Send the chatter, that of before included, to a log from now on; it is closed here."""
    earlier = _state.pop("file", None)
    with log as file:
        if not isinstance(earlier, int) and earlier is not None:
            earlier.seek(0)
            file.write(earlier.read())
            earlier.close()
            file.flush()
        os.dup2(file.fileno(), 2)


def restore() -> None:
    """Give stderr back, so that a bug's traceback is seen."""
    saved = _state.pop("stderr", None)
    if isinstance(saved, int):
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)


def _divert() -> None:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
    _state["stderr"] = os.dup(2)
    _state["file"] = file
    os.dup2(file.fileno(), 2)
