"""A user's own image files as the command line names them: `-` is an image from stdin."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vaecli.cli.streams import Streams


@contextmanager
def local_files(streams: Streams, files: Sequence[str]) -> Iterator[tuple[list[str], Callable[[str], None]]]:
    """Give the paths of image files, and what says a line about them.

    Args:
        streams: Where to say it.
        files: Paths; `-` becomes a temporary file called `stdin`, and lines call it by that name.
    """
    with tempfile.TemporaryDirectory(prefix="vaecli-") as folder:
        copy = Path(folder) / "stdin"
        if "-" in files:
            with copy.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        paths = [str(copy) if file == "-" else file for file in files]
        yield paths, lambda line: streams.say(line.replace(str(copy), copy.name))
