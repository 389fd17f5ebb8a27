"""The artifact directory as its one writer sees it.

Whoever holds a run's lock may add epochs to it. An epoch is added in two durable
steps, checkpoint first: whatever epoch is on disk can be resumed from.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from vaecli.config import TrainConfig
from vaecli.errors import EnvironmentFailure, UsageError
from vaecli.store import documents, durable, lock
from vaecli.store.runs import (
    CHECKPOINT_FILE,
    CHECKPOINT_FORMAT,
    CHECKPOINT_SCHEMA,
    EPOCH_FILE,
    EPOCH_FORMAT,
    EPOCH_SCHEMA,
    LOG_FILE,
    RUN_FILE,
    RUN_FORMAT,
    RUN_SCHEMA,
    SNAPSHOT_FILE,
    STOP_FORMAT,
    STOP_SCHEMA,
    TENSORS_FILE,
    VERSION,
    DatasetRecord,
    Run,
    Store,
    check_name,
)

if TYPE_CHECKING:
    from vaecli.store.runs import Checkpoint
    from vaecli.store.snapshot import Snapshot


class RunWriter:
    """Adds epochs to a run while it holds the run's lock; a context manager.

    Args:
        path: The run's directory.

    Raises:
        Busy: If another process holds the lock.
    """

    def __init__(self, path: Path) -> None:
        self._lock = lock.acquire(path)
        self.run = Run(path)

    def __enter__(self) -> Self:
        """Return itself, holding the lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        os.close(self._lock)

    @property
    def log_path(self) -> Path:
        """Where the libraries' chatter of this training goes; never read back."""
        return self.run.path / LOG_FILE

    @property
    def tensorboard_path(self) -> Path:
        """Where TensorBoard's event files of this training go; never read back."""
        return self.run.path / "tensorboard"

    def commit(
        self,
        epochs: int,
        metrics: Mapping[str, Any],
        snapshot: Snapshot,
        checkpoint: Checkpoint,
        keep: str,
    ) -> None:
        """Put an epoch on disk; when this returns it is there to stay.

        Args:
            epochs: How many epochs the training is to have in total.
            metrics: The epoch's metrics, as in `runs.METRICS_SCHEMA`.
            snapshot: What to draw from.
            checkpoint: What to go on from; its `epoch` is the epoch's number.
            keep: Which checkpoints stay: `last`, `best` (and last) or `all`.

        Raises:
            EnvironmentFailure: If the disk refuses; nothing of the epoch is left behind.
        """
        from vaecli.store import tensors

        number = checkpoint.epoch
        arrays = {f"weights/{name}": array for name, array in checkpoint.weights.items()}
        arrays |= {f"optimizer/{name}": array for name, array in checkpoint.optimizer.items()}
        self._directory(
            "checkpoints",
            number,
            CHECKPOINT_FILE,
            CHECKPOINT_FORMAT,
            CHECKPOINT_SCHEMA,
            {},
            {TENSORS_FILE: tensors.encode(arrays)},
        )
        facts = {"epochs": epochs, "metrics": dict(metrics)}
        files = {SNAPSHOT_FILE: tensors.encode(snapshot.to_arrays())}
        self._directory("epochs", number, EPOCH_FILE, EPOCH_FORMAT, EPOCH_SCHEMA, facts, files)
        self._prune(keep)

    def record_stop(self, epoch: int, reason: str, message: str) -> None:
        """Note why an epoch could not be made: `diverged` or `failed`; the first note stays."""
        folder = self.run.path / "stops"
        with suppress(FileExistsError):
            durable.make_directory(folder)
        content = {"epoch": epoch, "reason": reason, "message": message}
        with suppress(FileExistsError):
            durable.write_file(
                folder / f"{epoch:04d}.json", documents.encode(STOP_FORMAT, VERSION, STOP_SCHEMA, content)
            )

    def clear(self) -> None:
        """Remove what a process that died left: temporary names, and checkpoints of no epoch."""
        for folder in ("epochs", "checkpoints", "stops", "."):
            durable.clear_leftovers(self.run.path / folder)
        for number in set(self.run.checkpoints()) - set(self.run.epochs()):
            durable.remove_directory(self.run.path / "checkpoints" / f"{number:04d}")

    def _directory(
        self,
        folder: str,
        number: int,
        document_name: str,
        kind: str,
        schema: documents.Schema,
        facts: Mapping[str, Any],
        files: Mapping[str, bytes],
    ) -> None:
        manifest = {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        }
        content = {"epoch": number, **facts, "files": manifest}
        durable.write_directory(
            self.run.path / folder / f"{number:04d}",
            {**files, document_name: documents.encode(kind, VERSION, schema, content)},
        )

    def _prune(self, keep: str) -> None:
        if keep == "all":
            return
        epochs = self.run.epochs()
        kept = {epochs[-1]}
        if keep == "best":
            kept.add(min(epochs, key=lambda epoch: self.run.metrics(epoch)["negative_elbo"]))
        for number in set(self.run.checkpoints()) - kept:
            durable.remove_directory(self.run.path / "checkpoints" / f"{number:04d}")


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
) -> RunWriter:
    """Take a new name, and return the writer that holds the new run.

    Args:
        store: Where.
        config: All of the training's config.
        dataset: What to remember of the dataset.
        parameters: Trainable numbers in `encoder`, `decoder` and `total`.
        argv: The command as it was typed.
        libraries: Name → version.
        machine: What the training runs on.
        name: The run's name; by default the dataset's name and the next free number.

    Raises:
        UsageError: If the name is taken or cannot be one.
        EnvironmentFailure: If the directory cannot be made.
    """
    path = _take(store.root, dataset.name, check_name(name) if name is not None else None)
    writer = RunWriter(path)
    for folder in ("epochs", "checkpoints"):
        durable.make_directory(path / folder)
    content = {
        "name": path.name,
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "argv": list(argv),
        "config": config.to_dict(),
        "dataset": dataset.to_dict(),
        "parameters": dict(parameters),
        "libraries": dict(libraries),
        "machine": dict(machine),
    }
    durable.write_file(path / RUN_FILE, documents.encode(RUN_FORMAT, VERSION, RUN_SCHEMA, content))
    return writer


def _take(root: Path, dataset: str, name: str | None) -> Path:
    """Make the run's directory: mkdir succeeds for one process only."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(
            f"{root}: {error.strerror}.", mend="Choose a writable place with --artifacts."
        ) from error
    while True:
        path = root / (name or f"{dataset}-{_next_number(root, dataset)}")
        try:
            durable.make_directory(path)
        except FileExistsError as error:
            if name is not None:
                raise UsageError(
                    f"There is a run {name!r} in {root} already.",
                    mend=f"Choose another --name, or go on with it: vaecli train --resume {name}",
                ) from error
        else:
            return path


def _next_number(root: Path, dataset: str) -> int:
    pattern = re.compile(rf"{re.escape(dataset)}-([0-9]{{1,9}})")
    numbers = [int(match[1]) for entry in root.iterdir() if (match := pattern.fullmatch(entry.name))]
    return max(numbers, default=0) + 1
