"""Is everything of a run there, as it was written, and nothing else?

Every document and every array is read in full. What is known and not verified: the lock,
`train.log` and `tensorboard/`, which are never read back; temporary names, which a process
leaves that dies; and `damaged/`, where `set_aside` puts what is not as it was written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vaecli.errors import VaecliError
from vaecli.store import durable, formats
from vaecli.store.faults import DamagedFile, MissingFile
from vaecli.store.formats import CHECKPOINT_FILE, EPOCH_FILE, RUN_FILE, SNAPSHOT_FILE, TENSORS_FILE, folder_of
from vaecli.store.runs import Run
from vaecli.store.writer import RunWriter, best_epoch


@dataclass(frozen=True)
class Damage:
    """One thing in a run's directory that is not as it was written.

    Attributes:
        file: Its name within the run's directory.
        kind: `changed`, `missing` or `extra`.
        what: In words, what is wrong with it.
    """

    file: str
    kind: str
    what: str


def verify(run: Run) -> list[Damage]:
    """Return every changed, missing or extra file of a run; none if it is whole."""
    found = list(_at_the_top(run))
    document = list(_attempt(run, RUN_FILE, lambda: run.facts))
    if document:
        return [*found, *document]
    for folder, contents in (("epochs", _epoch), ("checkpoints", _checkpoint)):
        found += _numbered(run, folder, contents)
    found += [*_stops(run), *_event_files(run)]
    found += _lost(run, whole=not found)
    return found


def set_aside(run: Run) -> list[str]:
    """Move what is damaged into `damaged/` in the run's directory, and return the names moved.

    An epoch or checkpoint is moved as a whole; what does not belong to the run, alone.
    Nothing is removed, and nothing else is changed.

    Raises:
        Busy: If a process trains the run.
        DamagedFile: If a link or a file stands where `damaged/` should; nothing is moved.
        EnvironmentFailure: If the disk refuses.
    """
    with RunWriter(run.path):
        sources = sorted({_movable(damage) for damage in verify(run)} - {""})
        present = [source for source in sources if durable.is_there(run.path / source)]
        if present or durable.is_there(run.path / formats.DAMAGED):
            folder = _own_damaged(run)
        for source in present:
            _move_aside(run, source, folder)
    return present


def _own_damaged(run: Run) -> Path:
    """Return `damaged/`, made if it is missing; what is moved there must not leave the run."""
    try:
        return durable.own_directory(run.path, formats.DAMAGED)
    except DamagedFile as error:
        raise DamagedFile(
            run.path / formats.DAMAGED,
            error.why,
            "Expected: a directory, for what is damaged.",
            "Remove it or give it another name, then repair again; nothing was moved.",
        ) from error


def _movable(damage: Damage) -> str:
    """Return what to move for a damage; nothing for `run.json`, and for what should be `damaged/`."""
    parts = damage.file.split("/")
    if damage.file in (RUN_FILE, formats.DAMAGED):
        return ""
    if damage.kind == "extra" or parts[0] not in ("epochs", "checkpoints"):
        return damage.file
    return "/".join(parts[:2])


def _move_aside(run: Run, source: str, folder: Path) -> None:
    name, number = source.replace("/", "-"), 1
    while True:
        with suppress(FileExistsError):
            durable.move(run.path / source, folder / (name if number == 1 else f"{name}.{number}"))
            return
        number += 1


def _attempt(run: Run, name: str, read: Callable[[], object]) -> Iterator[Damage]:
    """Give the damage that reading a file meets, if any."""
    try:
        read()
    except MissingFile as error:
        yield Damage(name, "missing", error.why)
    except DamagedFile as error:
        yield Damage(name, "changed", error.why)


def _at_the_top(run: Run) -> Iterator[Damage]:
    for entry in sorted(run.path.iterdir()):
        is_folder = stat.S_ISDIR(entry.lstat().st_mode)
        is_file = stat.S_ISREG(entry.lstat().st_mode)
        if entry.name in formats.FOLDERS and not is_folder:
            yield Damage(entry.name, "changed", "is not a directory")
        elif entry.name in formats.FILES and not is_file:
            yield Damage(entry.name, "changed", "is not a regular file")
        elif not entry.name.startswith(durable.TEMPORARY) and entry.name not in (
            *formats.FOLDERS,
            *formats.FILES,
        ):
            yield Damage(entry.name, "extra", "does not belong to a run")
    for name in ("epochs", "checkpoints"):
        if not os.path.lexists(run.path / name):
            yield Damage(name, "missing", "is missing")


def _numbered(run: Run, folder: str, contents: Callable[[Run, int], Iterator[Damage]]) -> Iterator[Damage]:
    """Give the damages of all that stands in `epochs` or `checkpoints`."""
    with suppress(VaecliError):  # a folder that is none is told by `_at_the_top`
        for name in durable.names_in(run.path, folder):
            epoch = formats.epoch_of(name)
            if epoch is not None:
                damages = list(contents(run, epoch))
                if os.path.lexists(run.path / folder / name):  # the writer may prune
                    yield from damages
            elif not name.startswith(durable.TEMPORARY):
                yield Damage(f"{folder}/{name}", "extra", "does not belong to a run")


def _epoch(run: Run, epoch: int) -> Iterator[Damage]:
    folder = f"epochs/{folder_of(epoch)}"
    document = list(_attempt(run, f"{folder}/{EPOCH_FILE}", lambda: run.epoch_document(epoch)))
    yield from document
    if not document:
        yield from _attempt(run, f"{folder}/{SNAPSHOT_FILE}", lambda: run.snapshot(epoch))
    yield from _extra(run, folder, (EPOCH_FILE, SNAPSHOT_FILE))


def _checkpoint(run: Run, epoch: int) -> Iterator[Damage]:
    folder = f"checkpoints/{folder_of(epoch)}"
    document = list(_attempt(run, f"{folder}/{CHECKPOINT_FILE}", lambda: run.checkpoint_document(epoch)))
    yield from document
    if not document:
        yield from _attempt(run, f"{folder}/{TENSORS_FILE}", lambda: run.read_checkpoint(epoch))
    yield from _extra(run, folder, (CHECKPOINT_FILE, TENSORS_FILE))


def _extra(run: Run, folder: str, known: tuple[str, ...]) -> Iterator[Damage]:
    with suppress(VaecliError):  # told by whoever read the folder's document
        for name in durable.names_in(run.path, folder):
            if name not in known:
                yield Damage(f"{folder}/{name}", "extra", "does not belong to a run")


def _stops(run: Run) -> Iterator[Damage]:
    with suppress(VaecliError):
        for name in durable.names_in(run.path, "stops"):
            epoch = formats.epoch_of(name.removesuffix(".json"))
            if epoch is not None and name.endswith(".json"):
                yield from _attempt(run, f"stops/{name}", lambda epoch=epoch: run.stop_document(epoch))  # type: ignore[misc]
            elif not name.startswith(durable.TEMPORARY):
                yield Damage(f"stops/{name}", "extra", "does not belong to a run")


def _event_files(run: Run) -> Iterator[Damage]:
    """Give what only bears the name of an event file; the files themselves are never read back."""
    with suppress(VaecliError):
        for name in durable.names_in(run.path, formats.TENSORBOARD):
            if name.startswith(formats.EVENTS):
                file = f"{formats.TENSORBOARD}/{name}"
                yield from _attempt(run, file, lambda file=file: durable.require_own(run.path, file))  # type: ignore[misc]


def _lost(run: Run, *, whole: bool) -> Iterator[Damage]:
    """Give the epochs and checkpoints that are not there although they must have been.

    Args:
        run: The run.
        whole: Whether all that is there is as it was written: else nobody knows which was the best.
    """
    with suppress(VaecliError):
        epochs, checkpoints = run.settled()
        aside = durable.names_in(run.path, formats.DAMAGED)
        for epoch in range(epochs[-1] if epochs else 0):
            if epoch not in epochs and not any(name.startswith(f"epochs-{epoch:04d}") for name in aside):
                yield Damage(f"epochs/{folder_of(epoch)}", "missing", "is missing")
        for epoch in sorted(_kept(run, epochs, whole) - set(checkpoints)) if not aside else ():
            yield Damage(f"checkpoints/{folder_of(epoch)}", "missing", "is missing")


def _kept(run: Run, epochs: tuple[int, ...], whole: bool) -> set[int]:
    """Return the epochs whose checkpoint must be on disk."""
    if not epochs or run.config.checkpoints == "all":
        return set(epochs)
    return {epochs[-1]} | ({best_epoch(run, epochs)} if whole and run.config.checkpoints == "best" else set())
