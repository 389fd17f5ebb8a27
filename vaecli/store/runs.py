"""The artifact directory as its readers see it: runs, and what each epoch left.

Reading takes no lock and writes nothing. A run's state is derived from what is on
disk and from whether a process holds its lock; there is no index and no flag.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaecli.config import TrainConfig
from vaecli.errors import DamagedArtifact, RunNotFound, UsageError
from vaecli.store import documents, durable, lock

if TYPE_CHECKING:
    from vaecli.store.snapshot import Snapshot
    from vaecli.store.tensors import Arrays

RUN_FILE = "run.json"
EPOCH_FILE = "epoch.json"
CHECKPOINT_FILE = "checkpoint.json"
SNAPSHOT_FILE = "snapshot.h5"
TENSORS_FILE = "tensors.h5"
LOG_FILE = "train.log"

RUN_FORMAT = "vaecli-run"
EPOCH_FORMAT = "vaecli-epoch"
CHECKPOINT_FORMAT = "vaecli-checkpoint"
STOP_FORMAT = "vaecli-stop"
VERSION = 1

_FILES = {str: {"bytes": int, "sha256": str}}
RUN_SCHEMA = {
    "name": str,
    "created": str,
    "argv": [str],
    "config": {str: (str, int, float, None)},
    "dataset": {
        "name": str,
        "fingerprint": str,
        "source": str,
        "shape": [int],
        "class_names": [str],
        "train_count": int,
        "heldout_count": int,
    },
    "parameters": {"encoder": int, "decoder": int, "total": int},
    "libraries": {str: str},
    "machine": {str: (str, int)},
}
METRICS_SCHEMA = {
    "negative_elbo": float,
    "reconstruction": float,
    "kl": float,
    "kl_per_latent": [float],
    "active_units": int,
    "training_loss": (float, None),
    "learning_rate": (float, None),
    "images_per_second": (float, None),
    "training_seconds": float,
    "evaluation_seconds": float,
}
EPOCH_SCHEMA = {"epoch": int, "epochs": int, "metrics": METRICS_SCHEMA, "files": _FILES}
CHECKPOINT_SCHEMA = {"epoch": int, "files": _FILES}
STOP_SCHEMA = {"epoch": int, "reason": str, "message": str}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_EPOCH = re.compile(r"[0-9]{4,9}")


@dataclass(frozen=True)
class DatasetRecord:
    """What `run.json` keeps of the dataset: enough to know it again, not the images."""

    name: str
    fingerprint: str
    source: str
    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    train_count: int
    heldout_count: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {**self.__dict__, "shape": list(self.shape), "class_names": list(self.class_names)}


@dataclass(frozen=True)
class Checkpoint:
    """What training needs to go on: names → arrays, as the network made them."""

    epoch: int
    weights: Arrays
    optimizer: Arrays


class Run:
    """One training and its directory, read-only.

    Args:
        path: The run's directory.

    Raises:
        DamagedArtifact: From any property or method that reads a damaged file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        """Name the directory."""
        return f"Run({str(self.path)!r})"

    @property
    def name(self) -> str:
        """The directory's name, which is the run's."""
        return self.path.name

    @cached_property
    def document(self) -> dict[str, Any]:
        """Everything that `run.json` says."""
        return self._document(self.path / RUN_FILE, RUN_FORMAT, RUN_SCHEMA)

    @cached_property
    def config(self) -> TrainConfig:
        """The training's config, every knob of it."""
        try:
            return TrainConfig.from_dict(self.document["config"])
        except UsageError as error:
            raise DamagedArtifact(f"{self.path / RUN_FILE} is damaged: {error.what}") from error

    @cached_property
    def dataset(self) -> DatasetRecord:
        """What is known of the dataset."""
        facts = self.document["dataset"]
        shape = tuple(facts["shape"])
        if len(shape) != 3 or min(shape) < 1:
            raise DamagedArtifact(f"{self.path / RUN_FILE} is damaged: its image shape is {shape}.")
        return DatasetRecord(**{**facts, "shape": shape, "class_names": tuple(facts["class_names"])})

    @cached_property
    def created(self) -> datetime:
        """When the run began, with its time zone."""
        try:
            return datetime.fromisoformat(self.document["created"])
        except ValueError as error:
            raise DamagedArtifact(f"{self.path / RUN_FILE} is damaged: created is no date.") from error

    def epochs(self) -> tuple[int, ...]:
        """Return the epochs on disk, ascending; 0 is the untrained network."""
        return _numbered(self.path / "epochs")

    def checkpoints(self) -> tuple[int, ...]:
        """Return the epochs whose checkpoint is on disk, ascending."""
        return _numbered(self.path / "checkpoints")

    @property
    def total_epochs(self) -> int:
        """How many epochs the training is to have; a resumed one may have raised it."""
        epochs = self.epochs()
        return int(self._epoch(epochs[-1])["epochs"]) if epochs else self.config.epochs

    @property
    def state(self) -> str:
        """Derive running, finished, interrupted, diverged or failed from what is there now."""
        if lock.is_held(self.path):
            return "running"
        epochs = self.epochs()
        if epochs and epochs[-1] >= self.total_epochs:
            return "finished"
        stop = self.stop()
        return str(stop["reason"]) if stop else "interrupted"

    def stop(self) -> dict[str, Any] | None:
        """Return what kept the next epoch from being made, if a stop was recorded."""
        epochs = self.epochs()
        path = self.path / "stops" / f"{epochs[-1] + 1 if epochs else 0:04d}.json"
        if not path.exists():
            return None
        return self._document(path, STOP_FORMAT, STOP_SCHEMA)

    def metrics(self, epoch: int) -> dict[str, Any]:
        """Return the metrics of an epoch, in nats per image; keys as in `METRICS_SCHEMA`.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        return dict(self._epoch(epoch)["metrics"])

    def snapshot(self, epoch: int) -> Snapshot:
        """Return what an epoch left to draw from.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        from vaecli.store import tensors
        from vaecli.store.snapshot import Snapshot

        folder = self.path / "epochs" / f"{epoch:04d}"
        data = self._verified(folder, self._epoch(epoch)["files"], SNAPSHOT_FILE)
        where = str(folder / SNAPSHOT_FILE)
        return Snapshot.from_arrays(tensors.decode(data, where), where)

    def checkpoint(self, epoch: int | None = None) -> Checkpoint:
        """Return the checkpoint of an epoch, by default the last one that belongs to a stored epoch.

        Raises:
            RunNotFound: If there is none.
        """
        from vaecli.store import tensors

        stored = [number for number in self.checkpoints() if number in self.epochs()]
        if epoch is None and stored:
            epoch = stored[-1]
        if epoch is None or epoch not in stored:
            asked = f"epoch {epoch}" if epoch is not None else "it"
            raise RunNotFound(
                f"Run {self.name} has no checkpoint of {asked}.",
                f"On disk: {', '.join(map(str, stored)) or 'none'}.",
                "Train with --checkpoints all to keep the weights of every epoch.",
            )
        folder = self.path / "checkpoints" / f"{epoch:04d}"
        document = self._document(folder / CHECKPOINT_FILE, CHECKPOINT_FORMAT, CHECKPOINT_SCHEMA)
        self._numbered_right(document, epoch, folder)
        arrays = tensors.decode(
            self._verified(folder, document["files"], TENSORS_FILE), str(folder / TENSORS_FILE)
        )
        return Checkpoint(epoch, _under("weights/", arrays), _under("optimizer/", arrays))

    def _epoch(self, epoch: int) -> dict[str, Any]:
        folder = self.path / "epochs" / f"{epoch:04d}"
        if not folder.is_dir():
            stored = self.epochs()
            raise RunNotFound(
                f"Run {self.name} has no epoch {epoch}.",
                f"On disk: {stored[0]}–{stored[-1]}." if stored else "On disk: none.",
            )
        document = self._document(folder / EPOCH_FILE, EPOCH_FORMAT, EPOCH_SCHEMA)
        self._numbered_right(document, epoch, folder)
        return document

    def _document(self, path: Path, kind: str, schema: documents.Schema) -> dict[str, Any]:
        return documents.decode(
            durable.read_file(path, documents.MAX_BYTES), kind, VERSION, schema, str(path)
        )

    @staticmethod
    def _numbered_right(document: Mapping[str, Any], epoch: int, folder: Path) -> None:
        if document["epoch"] != epoch:
            raise DamagedArtifact(f"{folder} is damaged: it says that it is epoch {document['epoch']}.")

    @staticmethod
    def _verified(folder: Path, files: Mapping[str, Any], name: str) -> bytes:
        """Read a file of a directory and compare it with the directory's manifest."""
        if name not in files:
            raise DamagedArtifact(f"{folder} is damaged: its manifest does not name {name}.")
        data = durable.read_file(folder / name, files[name]["bytes"])
        if hashlib.sha256(data).hexdigest() != files[name]["sha256"]:
            raise DamagedArtifact(
                f"{folder / name} is damaged: its SHA-256 is not the one in the manifest.",
                mend="vaecli uses nothing of it; other epochs and runs stay usable.",
            )
        return data


class Store:
    """An artifact directory; it need not exist yet.

    Args:
        root: The directory that holds the runs.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def runs(self) -> list[Run]:
        """Return every run, newest first; those whose `run.json` is damaged come last."""
        if not self.root.is_dir():
            return []
        found = [Run(entry) for entry in self.root.iterdir() if (entry / RUN_FILE).is_file()]
        return sorted(found, key=_age_key, reverse=True)

    def resolve(self, reference: str = "latest") -> Run:
        """Return the run that a word means.

        Args:
            reference: A name, a unique prefix of one, `latest` or `@`, `@~1` for the one
                before, or a path to a run's directory.

        Raises:
            RunNotFound: If no run answers to it or more than one does.
        """
        if (Path(reference) / RUN_FILE).is_file():
            return Run(Path(reference).resolve())
        runs = self.runs()
        if not runs:
            raise RunNotFound(
                f"There is no run in {self.root}.", mend="Train one first: vaecli train --dataset fashion"
            )
        if reference in ("latest", "@") or re.fullmatch(r"@~[0-9]{1,6}", reference):
            return _nth_newest(runs, int(reference[2:] or 0) if reference.startswith("@") else 0)
        return _named(runs, reference, self.root)


def check_name(name: str) -> str:
    """Return a name that can be a run's.

    Raises:
        UsageError: If it cannot.

    >>> check_name("first-try")
    'first-try'
    """
    if not _NAME.fullmatch(name) or name == "latest":
        raise UsageError(
            f"A run cannot be named {name!r}.",
            "Expected: letters, digits, dots, hyphens and underscores, not beginning with a sign.",
        )
    return name


def _nth_newest(runs: list[Run], back: int) -> Run:
    if back >= len(runs):
        raise RunNotFound(f"There are only {len(runs)} runs.", f"Expected: at most @~{len(runs) - 1}.")
    return runs[back]


def _named(runs: list[Run], reference: str, root: Path) -> Run:
    import difflib

    names = {run.name: run for run in runs}
    if reference in names:
        return names[reference]
    matches = [name for name in names if reference and name.startswith(reference)]
    if len(matches) == 1:
        return names[matches[0]]
    if matches:
        raise RunNotFound(
            f"{len(matches)} runs begin with {reference!r}: {', '.join(sorted(matches)[:5])}.",
            mend="Type more of the name.",
        )
    near = difflib.get_close_matches(reference, names, n=1)
    raise RunNotFound(
        f"There is no run {reference!r} in {root}.",
        mend=f"Did you mean {near[0]!r}?" if near else "vaecli runs lists what there is.",
    )


def _age_key(run: Run) -> tuple[bool, float, str]:
    try:
        return (True, run.created.timestamp(), run.name)
    except DamagedArtifact:
        return (False, 0.0, run.name)


def _numbered(folder: Path) -> tuple[int, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(int(entry.name) for entry in folder.iterdir() if _EPOCH.fullmatch(entry.name)))


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
