"""Reading many image files by several threads, with progress reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TrainConfig
from vaecli.data.files.containers import Container
from vaecli.data.files.layout import Item
from vaecli.data.images import decode, fitted, quietly
from vaecli.data.progress import Progress
from vaecli.data.ranges import Scale
from vaecli.data.streamed import THREADS

_CHUNK = 64  # files that a thread takes at a time


@dataclass(frozen=True)
class Reading:
    """Files being read, by several threads, with progress reported."""

    container: Container
    config: TrainConfig
    progress: Progress

    def each(self, what: str, items: Sequence[Item], work: Callable[[int, Item], None]) -> None:
        """Do some work on each item; what is a `DataError` is the work's to keep."""
        watch = Watch(what, self, items)

        def run(start: int) -> Sequence[Item]:
            for number in range(start, min(start + _CHUNK, len(items))):
                work(number, items[number])
            return items[start : start + _CHUNK]

        threads = ThreadPoolExecutor(THREADS)
        try:
            with quietly():
                for done in threads.map(run, range(0, len(items), _CHUNK)):
                    watch.saw(*done)
        finally:
            threads.shutdown(cancel_futures=True)

    def pixels(
        self, item: Item, shape: tuple[int, int, int], scale: Scale | None = None
    ) -> NDArray[np.uint8]:
        """Decode an image to a shape; numbers wider than bytes by a scale.

        Raises:
            DataError: If it cannot be.
        """
        sides = self.config.sides
        with self.container.open(item.name) as stream:
            image = decode(stream, item.name, self.config, wanted=sides, scale=scale, frame=item.frame)
        return fitted(image, shape, self.config)


class Watch:
    """Tells how far a reading has come, in bytes of files."""

    def __init__(self, what: str, reading: Reading, items: Sequence[Item]) -> None:
        self._what, self._progress, self._sizes = what, reading.progress, reading.container.files
        self._total, self._done, self._lock = sum(self._sizes[item.name] for item in items), 0, Lock()

    def saw(self, *items: Item) -> None:
        """Some more have been read; any thread may say so."""
        with self._lock:
            self._done += sum(self._sizes[item.name] for item in items)
            self._progress(self._what, self._done, self._total)
