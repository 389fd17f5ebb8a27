"""Is everything of a run there, as it was written, and nothing else?

Every document and every array is read in full. Only bytes that were read and differ, names
that are missing, and what has another kind than it should, are damage; what could
not be read is reported apart from it, and nothing is done about it. What is known
and not verified: the lock, `train.log` and `tensorboard/`, which are never read back;
temporary names, which a dying process leaves; and `damaged/`, where `repair.set_aside`
puts what is not as it was written.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vaecli.errors import DamagedArtifact, RunNotFound
from vaecli.store import durable, formats
from vaecli.store.faults import DamagedFile, MissingFile, UnreadableFile
from vaecli.store.formats import (
    CHECKPOINT_FILE,
    EPOCH_FILE,
    RUN_FILE,
    SNAPSHOT_FILE,
    TENSORS_FILE,
    WEIGHTS_FILE,
    folder_of,
)
from vaecli.store.runs import Run, best_epoch


@dataclass(frozen=True)
class Finding:
    """One thing in a run's directory that is not as it was written, or could not be read.

    Attributes:
        file: Its name within the run's directory; a dot is the directory itself.
        kind: `changed`, `missing`, `extra`, or `unreadable`.
        what: In words, what is wrong with it.
    """

    file: str
    kind: str
    what: str

    @property
    def is_damage(self) -> bool:
        """Whether something is known to be wrong, rather than not known at all."""
        return self.kind != "unreadable"


def verify(run: Run) -> list[Finding]:
    """Return every changed, missing, extra or unreadable file of a run; none if it is whole."""
    inspection = Inspection(run)
    if inspection.top() and inspection.attempt(RUN_FILE, lambda: run.facts):
        inspection.numbered("epochs", inspection.epoch)
        inspection.numbered("checkpoints", inspection.checkpoint)
        inspection.stops()
        inspection.event_files()
        inspection.lost()
    return inspection.found


class Inspection:
    """Reads the parts of a run and keeps what it finds, in the order in which it was found.

    Args:
        run: The run, whose `run.json` must be whole for all but `top`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.found: list[Finding] = []

    def attempt(self, name: str, read: Callable[[], object]) -> bool:
        """Read a file, keep what is wrong with it, and tell whether nothing is."""
        try:
            read()
        except MissingFile as error:
            self._find(name, "missing", error.why)
        except DamagedFile as error:
            self._find(name, "changed", error.why)
        except UnreadableFile as error:
            self._find(name, "unreadable", error.why)
        else:
            return True
        return False

    def top(self) -> bool:
        """Look at what stands in the run's directory itself, and tell whether it could be read."""
        try:
            modes = _modes(self.run.path)
        except UnreadableFile as error:
            self._find(".", "unreadable", error.why)
            return False
        for name, mode in modes.items():
            if name in formats.FOLDERS and not stat.S_ISDIR(mode):
                self._find(name, "changed", "is not a directory")
            elif name in formats.FILES and not stat.S_ISREG(mode):
                self._find(name, "changed", "is not a regular file")
            elif not name.startswith(durable.TEMPORARY) and name not in (*formats.FOLDERS, *formats.FILES):
                self._extra(name)
        for name in ("epochs", "checkpoints"):
            if name not in modes:
                self._find(name, "missing", "is missing")
        return True

    def numbered(self, folder: str, look: Callable[[int, str], None]) -> None:
        """Look at all that stands in `epochs` or `checkpoints`."""
        for name in self._names(folder) or ():
            epoch = formats.epoch_of(name)
            if epoch is not None:
                before = len(self.found)
                look(epoch, f"{folder}/{name}")
                if self.found[before:] and not self._is_there(f"{folder}/{name}"):  # the writer may prune
                    del self.found[before:]
            elif not name.startswith(durable.TEMPORARY):
                self._extra(f"{folder}/{name}")

    def epoch(self, epoch: int, folder: str) -> None:
        """Read an epoch, wherever in the run's directory it lies."""
        if not self._look_for_extra(folder, (EPOCH_FILE, SNAPSHOT_FILE, WEIGHTS_FILE)):
            return
        listed: list[str] = []
        with suppress(RunNotFound):  # removed meanwhile
            if self.attempt(
                f"{folder}/{EPOCH_FILE}",
                lambda: listed.extend(self.run.epoch_document(epoch, folder)["files"]),
            ):
                self.attempt(f"{folder}/{SNAPSHOT_FILE}", lambda: self.run.snapshot(epoch, folder))
                self._weights(epoch, folder, listed)

    def _weights(self, epoch: int, folder: str, listed: list[str]) -> None:
        """Read the weights of an epoch if its document lists them; if not, none may be there."""
        name = f"{folder}/{WEIGHTS_FILE}"
        if WEIGHTS_FILE in listed:
            self.attempt(name, lambda: self.run.read_weights(epoch, folder))
        elif self._is_there(name):
            self._extra(name)

    def checkpoint(self, epoch: int, folder: str) -> None:
        """Read a checkpoint, wherever in the run's directory it lies."""
        if not self._look_for_extra(folder, (CHECKPOINT_FILE, TENSORS_FILE)):
            return
        document = f"{folder}/{CHECKPOINT_FILE}"
        if self.attempt(document, lambda: self.run.checkpoint_document(epoch, folder)):
            self.attempt(f"{folder}/{TENSORS_FILE}", lambda: self.run.read_checkpoint(epoch, folder))

    def stop(self, epoch: int, name: str) -> None:
        """Read the note of a stop, wherever in the run's directory it lies."""
        self.attempt(name, lambda: self.run.stop_document(epoch, name))

    def stops(self) -> None:
        """Look at all that stands in `stops`."""
        for name in self._names("stops") or ():
            epoch = formats.epoch_of(name.removesuffix(".json"))
            if epoch is not None and name.endswith(".json"):
                self.stop(epoch, f"stops/{name}")
            elif not name.startswith(durable.TEMPORARY):
                self._extra(f"stops/{name}")

    def event_files(self) -> None:
        """Look at what only bears the name of an event file; the files themselves are never read back."""
        for name in self._names(formats.TENSORBOARD) or ():
            if name.startswith(formats.EVENTS):
                self._kind_of(f"{formats.TENSORBOARD}/{name}")

    def lost(self) -> None:
        """Find the epochs and checkpoints that are not there although they must have existed."""
        if not all(finding.is_damage for finding in self.found):
            return  # whatever could not be read may be what is missed
        try:
            names = self._lost_names(whole=not self.found)
        except UnreadableFile as error:
            self._find("epochs", "unreadable", error.why)
        except DamagedArtifact:
            pass  # reported where it was found
        else:
            for name in names:
                self._find(name, "missing", "is missing")

    def _lost_names(self, *, whole: bool) -> list[str]:
        epochs, checkpoints = self.run.settled()
        aside = durable.names_in(self.run.path, formats.DAMAGED)
        lost = [epoch for epoch in range(epochs[-1] if epochs else 0) if epoch not in epochs]
        names = [
            f"epochs/{folder_of(epoch)}"
            for epoch in lost
            if not any(name.startswith(f"epochs-{folder_of(epoch)}") for name in aside)
        ]
        needed = set() if aside else self._kept(epochs, whole) - set(checkpoints)
        return names + [f"checkpoints/{folder_of(epoch)}" for epoch in sorted(needed)]

    def _kept(self, epochs: tuple[int, ...], whole: bool) -> set[int]:
        """Return the epochs whose checkpoint must be on disk.

        Args:
            epochs: Those that are on disk.
            whole: Whether all that is there is as it was written; if not, the best one is not known.
        """
        keep = self.run.config.checkpoints
        if not epochs or keep == "all":
            return set(epochs)
        return {epochs[-1]} | ({best_epoch(self.run, epochs)} if whole and keep == "best" else set())

    def _names(self, folder: str) -> list[str] | None:
        """Return the names in a directory of the run, or None where they cannot be read.

        Anything but a directory has none; that is reported where its kind or its files are checked.
        """
        try:
            return durable.names_in(self.run.path, folder)
        except UnreadableFile as error:
            self._find(folder, "unreadable", error.why)
            return None
        except DamagedFile:
            return []

    def _look_for_extra(self, folder: str, known: tuple[str, ...]) -> bool:
        """Find what does not belong in an epoch or checkpoint, and tell whether its names could be read."""
        names = self._names(folder)
        for name in names or ():
            if name not in known:
                self._extra(f"{folder}/{name}")
        return names is not None

    def _kind_of(self, file: str) -> None:
        self.attempt(file, lambda: durable.require_own(self.run.path, file))

    def _is_there(self, name: str) -> bool:
        try:
            return durable.is_there(self.run.path / name)
        except UnreadableFile:
            return True

    def _extra(self, file: str) -> None:
        self._find(file, "extra", "does not belong to a run")

    def _find(self, file: str, kind: str, what: str) -> None:
        self.found.append(Finding(file, kind, what))


def _modes(folder: Path) -> dict[str, int]:
    """Return the names in a directory, sorted, and what each of them is."""
    modes = {}
    with durable.reading(folder):
        for entry in sorted(folder.iterdir()):
            with suppress(FileNotFoundError):  # gone meanwhile
                modes[entry.name] = entry.lstat().st_mode
    return modes
