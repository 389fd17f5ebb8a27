"""A user's own image files, on their way to a run's network."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vaecli.cli.streams import Streams
from vaecli.store import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read_own_images(streams: Streams, run: Run, files: Sequence[str]) -> NDArray[np.uint8]:
    """Return image files as images of a run, fitted as the run's own images were.

    Args:
        streams: Where to say what had to be converted.
        run: Its images' shape, and its background.
        files: Paths; `-` is an image from stdin.

    Raises:
        DataError: If a file is no image that can be read.
    """
    from vaecli.data import read_images

    fit = run.config.fit if run.config.size else "contain"  # unless asked, nothing is cut off
    with _local_files(files) as paths:
        images, notes = read_images(paths, run.dataset.shape, fit=fit, background=run.config.background)
        names = {str(path): "stdin" for path, file in zip(paths, files, strict=True) if file == "-"}
    for note in notes:
        path, colon, words = note.partition(": ")
        streams.say(f"{names.get(path, path)}{colon}{words}")
    return images


@contextmanager
def _local_files(files: Sequence[str]) -> Iterator[list[Path]]:
    """Give paths that can be read twice: `-` becomes a temporary file with what stdin holds."""
    with tempfile.NamedTemporaryFile(prefix="stdin-") as copy:
        if "-" in files:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
        yield [Path(copy.name if file == "-" else file) for file in files]
