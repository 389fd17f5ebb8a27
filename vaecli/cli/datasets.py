"""A dataset for a command: with a progress bar while it arrives, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaecli.cli.signals import GracefulStop
from vaecli.cli.streams import Streams
from vaecli.errors import Interrupted

if TYPE_CHECKING:
    from vaecli.config import TrainConfig
    from vaecli.data import Dataset
    from vaecli.data.progress import Progress


@dataclass(frozen=True)
class Access:
    """How to get at a dataset's files; it changes nothing about the images.

    Attributes:
        data_dir: A folder to look in first.
        offline: Whether no connection may be opened.
        stream: Whether many image files are decoded whenever they are needed, not once into the cache.
    """

    data_dir: Path | None
    offline: bool
    stream: bool


def open_dataset(
    streams: Streams,
    config: TrainConfig,
    access: Access,
    stop: GracefulStop | None = None,
) -> Dataset:
    """Return the dataset that a config names, cropped and shaped as it says, and say what was found.

    Reading ends early when `stop` has received a signal.

    Raises:
        Interrupted: If it has.
        DataError: If there is no such dataset or its files are bad.
        DownloadFailed: If it cannot be found or downloaded.
    """
    from vaecli.data import describe

    dataset = read_dataset(streams, config, access, stop)
    streams.say(*describe(dataset))
    return dataset


def read_dataset(
    streams: Streams,
    config: TrainConfig,
    access: Access,
    stop: GracefulStop | None = None,
) -> Dataset:
    """Return the dataset that a config names, as `open_dataset` does, without saying anything."""
    from vaecli.data import load_dataset

    with arrival(streams) as progress:
        return load_dataset(
            config.dataset,
            data_dir=access.data_dir,
            offline=access.offline,
            stream=access.stream,
            limit=config.limit,
            heldout_limit=config.heldout_limit,
            **config.image_settings(),
            progress=progress if stop is None else _stoppable(progress, stop),
        )


def _stoppable(progress: Progress | None, stop: GracefulStop) -> Progress:
    """Return a progress function that raises once a signal has arrived."""

    def show(what: str, done: int, total: int | None) -> None:
        if stop.signal_number is not None:
            raise Interrupted(stop.signal_number, "Stopped while reading the dataset; nothing was trained.")
        if progress is not None:
            progress(what, done, total)

    return show


@contextmanager
def arrival(streams: Streams) -> Iterator[Progress | None]:
    """Give a function that shows what arrives as bars on stderr, or None off a terminal."""
    if not streams.is_live:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=streams.err), transient=True) as bars:
        tasks: dict[str, int] = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield show
