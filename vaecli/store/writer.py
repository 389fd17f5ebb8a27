"""The artifact directory as its one writer sees it.

Whoever holds a run's lock may add epochs to it. An epoch is added in two durable
steps, checkpoint first: any epoch on disk can be resumed from.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from vaecli.config import TrainConfig
from vaecli.errors import DamagedArtifact, UsageError
from vaecli.metrics import EpochMetrics
from vaecli.store import birth, documents, durable, formats, lock
from vaecli.store.faults import DamagedFile
from vaecli.store.formats import VERSION, DatasetRecord, folder_of
from vaecli.store.runs import Run, Store, best_epoch, check_name

if TYPE_CHECKING:
    from vaecli.store.runs import Checkpoint
    from vaecli.store.snapshot import Snapshot
    from vaecli.store.tensors import Table

    Files = Mapping[str, tuple[bytes, Table]]  # name → the bytes of a tensor file, and its table


class RunWriter:
    """Adds epochs to a run while it holds the run's lock; a context manager.

    Args:
        path: The run's directory.
        held: The descriptor of the run's lock where it is held already.

    Raises:
        Busy: If another process holds the lock.
    """

    def __init__(self, path: Path, held: int | None = None) -> None:
        self._lock = lock.acquire(path) if held is None else held
        self.run = Run(path)

    def __enter__(self) -> Self:
        """Return itself, holding the lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        os.close(self._lock)

    def open_log(self) -> BinaryIO:
        """Open `train.log`, where the libraries' messages during this training go, to write at its end."""
        _require_own(self.run, formats.LOG_FILE)
        return durable.open_to_append(self.run.path, formats.LOG_FILE)

    def own_tensorboard(self) -> Path:
        """Return the directory of TensorBoard's event files, made if need be.

        TensorFlow opens what lies there by itself, so it is only given regular files to open.

        Raises:
            DamagedFile: If an event file is not a regular file, or the directory is not a directory.
        """
        folder = self._folder(formats.TENSORBOARD)
        for name in durable.names_in(self.run.path, formats.TENSORBOARD):
            if name.startswith(formats.EVENTS):
                _require_own(self.run, f"{formats.TENSORBOARD}/{name}")
        return folder

    def commit(
        self,
        epochs: int,
        metrics: EpochMetrics,
        snapshot: Snapshot,
        checkpoint: Checkpoint,
        keep: str,
        *,
        keep_weights: bool = True,
    ) -> None:
        """Put an epoch on disk; when this returns it is permanent.

        Args:
            epochs: How many epochs the training is to have in total.
            metrics: The epoch's metrics.
            snapshot: What to draw from.
            checkpoint: What to resume from; its `epoch` is the epoch's number.
            keep: Which checkpoints stay: `last`, `best` (and last) or `all`.
            keep_weights: Whether the epoch keeps the checkpoint's weights, rounded, to be drawn with when
                its checkpoint is gone.

        Raises:
            EnvironmentFailure: If the disk refuses; nothing of the epoch is left behind.
            DamagedArtifact: If the epoch is on disk already, and is another.
        """
        from vaecli.store import tensors
        from vaecli.store.weights import rounded

        number = checkpoint.epoch
        arrays = {f"weights/{name}": array for name, array in checkpoint.weights.items()}
        arrays |= {f"optimizer/{name}": array for name, array in checkpoint.optimizer.items()}
        self._add_checkpoint(number, *tensors.encode(arrays))
        files = {formats.SNAPSHOT_FILE: tensors.encode(snapshot.to_arrays())}
        if keep_weights:
            files[formats.WEIGHTS_FILE] = tensors.encode(rounded(checkpoint.weights))
        if number in self.run.epochs():
            self._require_same(number, files)
        else:
            self._add_epoch(number, {"epochs": epochs, "metrics": metrics.to_dict()}, files)
        self._prune(number, keep)

    def record_stop(self, epoch: int, reason: str, message: str) -> None:
        """Note why an epoch could not be made: `diverged` or `failed`; the first note stays."""
        folder = self._folder("stops")
        content = {"run": self.run.digest, "epoch": epoch, "reason": reason, "message": message}
        document = documents.encode(formats.STOP_FORMAT, VERSION, formats.STOP_SCHEMA, content)
        with suppress(FileExistsError):
            durable.write_file(folder / f"{folder_of(epoch)}.json", document)

    def clear(self) -> None:
        """Remove what a process that died left: temporary names, and a checkpoint without its epoch."""
        require_own_files(self.run)
        for folder in ("epochs", "checkpoints", "stops", "."):
            durable.clear_leftovers(self.run.path / folder)
        last = max(self.run.epochs(), default=-1)
        for number in self.run.checkpoints():
            if number > last:
                durable.remove_directory(self.run.path / "checkpoints" / folder_of(number))

    def _add_checkpoint(self, number: int, data: bytes, table: Table) -> None:
        files = {formats.TENSORS_FILE: _entry(data, table)}
        content = {"run": self.run.digest, "epoch": number, "files": files}
        document = documents.encode(formats.CHECKPOINT_FORMAT, VERSION, formats.CHECKPOINT_SCHEMA, content)
        folder = self._folder("checkpoints") / folder_of(number)
        durable.write_directory(folder, {formats.TENSORS_FILE: data, formats.CHECKPOINT_FILE: document})

    def _add_epoch(self, number: int, facts: Mapping[str, Any], files: Files) -> None:
        entries = {name: _entry(data, table) for name, (data, table) in files.items()}
        content = {"run": self.run.digest, "epoch": number, **facts, "files": entries}
        document = documents.encode(formats.EPOCH_FORMAT, VERSION, formats.EPOCH_SCHEMA, content)
        folder = self._folder("epochs") / folder_of(number)
        contents = {name: data for name, (data, _) in files.items()}
        durable.write_directory(folder, {**contents, formats.EPOCH_FILE: document})

    def _folder(self, name: str) -> Path:
        """Return a directory of the run to write in, made if need be."""
        _require_own(self.run, name, directory=True)
        return durable.own_directory(self.run.path, name)

    def _require_same(self, number: int, files: Files) -> None:
        """Raise `DamagedArtifact` unless an epoch made again is the one on disk, to the bit.

        Weights that only one of them keeps are not compared: an older vaecli kept none.
        """
        stored = self.run.epoch_document(number)["files"]
        if any(
            stored[name]["sha256"] != hashlib.sha256(data).hexdigest()
            for name, (data, _) in files.items()
            if name in stored
        ):
            raise DamagedArtifact(
                f"Epoch {number} of run {self.run.name}, made again, differs from the one on disk.",
                "Expected: the same bytes; a checkpoint after it was lost.",
                f"vaecli runs verify {self.run.name} says what is damaged.",
            )

    def _prune(self, last: int, keep: str) -> None:
        if keep == "all":
            return
        kept = {last}
        if keep == "best":
            kept.add(best_epoch(self.run, self.run.checkpoints()))  # the best so far is among them
        for number in set(self.run.checkpoints()) - kept:
            durable.remove_directory(self.run.path / "checkpoints" / folder_of(number))


def require_own_files(run: Run) -> None:
    """Raise `DamagedFile` if a link, a pipe or the like has the name of anything that a run holds.

    Where nothing has, whatever is written to the run stays in it.
    """
    for name in formats.FOLDERS:
        _require_own(run, name, directory=True)
    for name in formats.FILES:
        _require_own(run, name)


def _require_own(run: Run, name: str, *, directory: bool = False) -> None:
    try:
        durable.require_own(run.path, name, directory=directory)
    except DamagedFile as error:
        raise DamagedFile(
            run.path / name,
            error.why,
            f"Expected: a {'directory' if directory else 'file'} that vaecli made; nothing was written.",
            f"vaecli runs verify {run.name} --repair moves it aside.",
        ) from error


def remove_run(run: Run) -> None:
    """Remove a run permanently, so that no moment shows half of it.

    Raises:
        Busy: If a process trains it.
        EnvironmentFailure: If the disk refuses.
    """
    with RunWriter(run.path):
        durable.remove_directory(run.path)


def _entry(data: bytes, table: Table) -> dict[str, Any]:
    """Return what a manifest says of a file."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "arrays": table}


def create_run(
    store: Store,
    config: TrainConfig,
    dataset: DatasetRecord,
    *,
    parameters: Mapping[str, int],
    argv: Sequence[str],
    libraries: Mapping[str, str],
    machine: Mapping[str, str | int],
    name: str | None = None,
    created: datetime | None = None,
) -> RunWriter:
    """Take a new name, and return the writer that holds the new run.

    Args:
        store: Where to create it.
        config: All of the training's config.
        dataset: What to remember of the dataset.
        parameters: Trainable numbers in `encoder`, `decoder` and `total`.
        argv: The command as it was typed.
        libraries: Name → version.
        machine: What the training runs on.
        name: The run's name; by default the dataset's name and the next free number.
        created: When it begins, with a time zone; by default now.

    Raises:
        UsageError: If the name is taken or cannot be one.
        EnvironmentFailure: If the directory cannot be made.
    """
    content = {
        "created": (created or datetime.now(UTC)).isoformat(timespec="microseconds"),
        "argv": list(argv),
        "config": config.to_dict(),
        "dataset": dataset.to_dict(),
        "parameters": dict(parameters),
        "libraries": dict(libraries),
        "machine": dict(machine),
    }
    document = documents.encode(formats.RUN_FORMAT, VERSION, formats.RUN_SCHEMA, content)

    def fill(path: Path) -> None:
        for folder in ("epochs", "checkpoints"):
            durable.make_directory(path / folder)
        durable.write_file(path / formats.RUN_FILE, document)

    names: Iterable[str] = [check_name(name)] if name else birth.numbered(store.root, dataset.name)
    try:
        return RunWriter(*birth.bring_in(store.root, names, fill))
    except FileExistsError as error:
        raise UsageError(
            f"There is a run {name!r} in {store.root} already.",
            mend=f"Choose another --name, or resume it: vaecli train --resume {name}",
        ) from error
