"""The artifact directory as its readers see it: runs, and what each epoch left.

Reading takes no lock and writes nothing. A run's state is derived from what is on
disk and from whether a process holds its lock; there is no index and no flag.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaecli.errors import DamagedArtifact, EnvironmentFailure, RunNotFound, UsageError
from vaecli.metrics import EpochMetrics
from vaecli.store import documents, durable, formats, lock
from vaecli.store.faults import DamagedContent, MissingFile, UnreadableFile
from vaecli.store.formats import (
    CHECKPOINT_FILE,
    EPOCH_FILE,
    RUN_FILE,
    SNAPSHOT_FILE,
    TENSORS_FILE,
    WEIGHTS_FILE,
    DatasetRecord,
    folder_of,
)

if TYPE_CHECKING:
    from datetime import datetime

    from vaecli.config import TrainConfig
    from vaecli.store.snapshot import Snapshot
    from vaecli.store.tensors import Arrays

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Checkpoint:
    """What training needs to resume: names → arrays, as the network made them."""

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
        return self._document_and_digest[0]

    @property
    def digest(self) -> str:
        """SHA-256 of `run.json`: everything else in the run refers to it."""
        return self._document_and_digest[1]

    @property
    def config(self) -> TrainConfig:
        """The training's config, every knob of it."""
        return self.facts.config

    @property
    def dataset(self) -> DatasetRecord:
        """What is known of the dataset."""
        return self.facts.dataset

    @property
    def created(self) -> datetime:
        """When the run began, with its time zone."""
        return self.facts.created

    @cached_property
    def facts(self) -> formats.Facts:
        """What `run.json` says, checked."""
        return formats.facts_of(self.document, str(self.path / RUN_FILE))

    def epochs(self) -> tuple[int, ...]:
        """Return the epochs on disk, ascending; 0 is the untrained network."""
        return self._numbered("epochs")

    def checkpoints(self) -> tuple[int, ...]:
        """Return the epochs whose checkpoint is on disk, ascending."""
        return self._numbered("checkpoints")

    def settled(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return epochs and checkpoints of one and the same moment, though the run may be training."""
        while True:
            epochs, checkpoints = self.epochs(), self.checkpoints()
            if self.epochs() == epochs:
                return epochs, checkpoints

    @property
    def total_epochs(self) -> int:
        """How many epochs the training is to have; a resumed one may have raised it."""
        epochs = self.epochs()
        if epochs:
            return int(self.epoch_document(epochs[-1])["epochs"])
        assert self.config.epochs is not None
        return self.config.epochs

    @property
    def is_running(self) -> bool:
        """Whether a process trains the run now, as the kernel knows it."""
        return lock.is_held(self.path)

    @property
    def state(self) -> str:
        """Derive running, finished, interrupted, diverged or failed from what is there now."""
        if self.is_running:
            return "running"
        epochs = self.epochs()
        if epochs and (epochs[-1] >= self.total_epochs or self.stopped_early() is not None):
            return "finished"
        stop = self.stop()
        return str(stop["reason"]) if stop else "interrupted"

    def stopped_early(self) -> int | None:
        """Return the best epoch if patience (`early_stop`) ended before the training did, else None."""
        patience, epochs = self.config.early_stop, self.epochs()
        if patience is None or not epochs or epochs[-1] >= self.total_epochs:
            return None
        return patience_ended(self.negative_elbos(epochs), patience)

    def negative_elbos(self, epochs: Iterable[int]) -> dict[int, float]:
        """Return the −ELBO of some epochs; damaged and missing ones are left out."""
        values = {}
        for epoch in epochs:
            with suppress(DamagedArtifact, RunNotFound):
                values[epoch] = self.metrics(epoch).negative_elbo
        return values

    def stop(self) -> dict[str, Any] | None:
        """Return what kept the next epoch from being made, if a stop was recorded."""
        epochs = self.epochs()
        epoch = epochs[-1] + 1 if epochs else 0
        name = f"stops/{folder_of(epoch)}.json"
        return self.stop_document(epoch) if durable.is_there(self.path / name) else None

    def metrics(self, epoch: int) -> EpochMetrics:
        """Return the metrics of an epoch; those that its version of the format does not know are None.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        return EpochMetrics.from_dict(self.epoch_document(epoch)["metrics"])

    def snapshot(self, epoch: int, folder: str | None = None) -> Snapshot:
        """Return what an epoch left to draw from.

        Args:
            epoch: Its number.
            folder: Where it lies within the run's directory, if not in its place.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        from vaecli.store import tensors
        from vaecli.store.snapshot import Snapshot

        folder = folder or f"epochs/{folder_of(epoch)}"
        entry = self.epoch_document(epoch, folder)["files"][SNAPSHOT_FILE]
        path = self.path / folder / SNAPSHOT_FILE
        with durable.reading(path):
            data = self._verified(f"{folder}/{SNAPSHOT_FILE}", entry, formats.largest_snapshot(self.facts))
            return Snapshot.from_arrays(
                tensors.decode(data, entry["arrays"], str(path)), self.facts, str(path)
            )

    def checkpoint(self, epoch: int | None = None) -> Checkpoint:
        """Return the checkpoint of an epoch, by default the last one that belongs to a stored epoch.

        Raises:
            RunNotFound: If there is none.
        """
        found = self._stored_checkpoint(epoch)
        try:
            return self.read_checkpoint(found)
        except DamagedArtifact:
            if epoch is not None or found in self.checkpoints():
                raise
        return self.checkpoint()  # the writer has replaced it by a later one meanwhile

    def weights(self, epoch: int) -> Arrays:
        """Return the weights that an epoch was evaluated with, name → float32 array.

        They are exact where the epoch's checkpoint is on disk; elsewhere each number is off by at most
        2⁻¹¹ of the largest of its array.

        Raises:
            RunNotFound: If the epoch is not on disk, or keeps no weights.
        """
        exact = self.exact_weights(epoch)
        return self.read_weights(epoch) if exact is None else exact

    def exact_weights(self, epoch: int) -> Arrays | None:
        """Return the weights that an epoch was evaluated with from its checkpoint; None if it has none."""
        if epoch in self.epochs() and epoch in self.checkpoints():
            try:
                return self.read_checkpoint(epoch).weights
            except DamagedArtifact:
                if epoch in self.checkpoints():
                    raise  # if not, the writer has removed it meanwhile
        return None

    def keeps_weights(self, epoch: int) -> bool:
        """Tell whether `weights` can return those of a stored epoch."""
        return any(
            durable.is_there(self.path / folder / folder_of(epoch) / name)
            for folder, name in (("epochs", WEIGHTS_FILE), ("checkpoints", CHECKPOINT_FILE))
        )

    def read_weights(self, epoch: int, folder: str | None = None) -> Arrays:
        """Return the rounded weights of an epoch as float32, whether its checkpoint is there or not.

        Args:
            epoch: Its number.
            folder: Where it lies within the run's directory, if not in its place.

        Raises:
            RunNotFound: If the epoch is not on disk, or keeps no weights.
        """
        from vaecli.store import tensors
        from vaecli.store.weights import widened

        folder = folder or f"epochs/{folder_of(epoch)}"
        entry = self.epoch_document(epoch, folder)["files"].get(WEIGHTS_FILE)
        if entry is None:
            raise self._without_weights(epoch)
        name = f"{folder}/{WEIGHTS_FILE}"
        with durable.reading(self.path / name):
            data = self._verified(name, entry, formats.largest_weights(self.facts))
            where = str(self.path / name)
            return widened(tensors.decode(data, entry["arrays"], where), where)

    def _without_weights(self, epoch: int) -> RunNotFound:
        """Return the error that an epoch keeps no weights, which names the nearest that do."""
        kept = [number for number in self.epochs() if number != epoch and self.keeps_weights(number)]
        split = bisect(kept, epoch)
        nearest = kept[max(split - 1, 0) : split + 1]
        return RunNotFound(
            f"Run {self.name} keeps no weights of epoch {epoch}.",
            f"The nearest epochs with weights: {' and '.join(map(str, nearest)) or 'none'}.",
        )

    def epoch_document(self, epoch: int, folder: str | None = None) -> dict[str, Any]:
        """Return all that `epoch.json` says.

        Args:
            epoch: The epoch's number.
            folder: Where it lies within the run's directory, if not in its place.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        folder = folder or f"epochs/{folder_of(epoch)}"
        if not durable.is_there(self.path / folder):
            stored = self._numbers_in("epochs")
            raise RunNotFound(
                f"Run {self.name} has no epoch {epoch}.",
                f"On disk: {stored[0]}–{stored[-1]}." if stored else "On disk: none.",
            )
        name = f"{folder}/{EPOCH_FILE}"
        document = self._read(name, formats.EPOCH_FORMAT, formats.EPOCH_SCHEMAS)
        where = str(self.path / name)
        formats.check_epoch(document, epoch, self.digest, self.config.latent_dim, where)
        return document

    def checkpoint_document(self, epoch: int, folder: str | None = None) -> dict[str, Any]:
        """Return all that `checkpoint.json` says; `folder` as in `epoch_document`."""
        name = f"{folder or f'checkpoints/{folder_of(epoch)}'}/{CHECKPOINT_FILE}"
        document = self._read(name, formats.CHECKPOINT_FORMAT, formats.CHECKPOINT_SCHEMAS)
        formats.check_checkpoint(document, epoch, self.digest, str(self.path / name))
        return document

    def stop_document(self, epoch: int, name: str | None = None) -> dict[str, Any]:
        """Return the note on why an epoch could not be made; `name` is for one that is not in its place."""
        name = name or f"stops/{folder_of(epoch)}.json"
        document = self._read(name, formats.STOP_FORMAT, formats.STOP_SCHEMAS)
        formats.check_stop(document, epoch, self.digest, str(self.path / name))
        return document

    @cached_property
    def _document_and_digest(self) -> tuple[dict[str, Any], str]:
        data = durable.read_file(self.path, RUN_FILE, documents.MAX_BYTES)
        where = str(self.path / RUN_FILE)
        document = documents.decode(data, formats.RUN_FORMAT, formats.RUN_SCHEMAS, where)
        return document, hashlib.sha256(data).hexdigest()

    def _numbered(self, folder: str) -> tuple[int, ...]:
        """Return the epochs in a directory that every run has: none there is not the same as none at all."""
        if not durable.is_there(self.path / folder):
            raise MissingFile(self.path / folder, "is missing")
        return self._numbers_in(folder)

    def _numbers_in(self, folder: str) -> tuple[int, ...]:
        found = (formats.epoch_of(name) for name in durable.names_in(self.path, folder))
        return tuple(sorted(epoch for epoch in found if epoch is not None))

    def _stored_checkpoint(self, epoch: int | None) -> int:
        """Return which checkpoint is meant, if it is on disk and belongs to a stored epoch."""
        epochs, checkpoints = self.settled()
        stored = [number for number in checkpoints if number in epochs]
        if epoch is None and stored:
            return stored[-1]
        if epoch is None or epoch not in stored:
            asked = f"epoch {epoch}" if epoch is not None else "it"
            raise RunNotFound(
                f"Run {self.name} has no checkpoint of {asked}.",
                f"On disk: {', '.join(map(str, stored)) or 'none'}.",
                "Train with --checkpoints all to keep that of every epoch.",
            )
        return epoch

    def read_checkpoint(self, epoch: int, folder: str | None = None) -> Checkpoint:
        """Return the checkpoint of an epoch, whether the epoch itself is stored or not.

        Args:
            epoch: The epoch's number.
            folder: Where the checkpoint lies within the run's directory, if not in its place.
        """
        from vaecli.store import tensors

        folder = folder or f"checkpoints/{folder_of(epoch)}"
        entry = self.checkpoint_document(epoch, folder)["files"][TENSORS_FILE]
        name = f"{folder}/{TENSORS_FILE}"
        with durable.reading(self.path / name):
            data = self._verified(name, entry, formats.largest_checkpoint(self.facts))
            arrays = tensors.decode(data, entry["arrays"], str(self.path / name))
        return Checkpoint(epoch, _under("weights/", arrays), _under("optimizer/", arrays))

    def _read(self, name: str, kind: str, schemas: Mapping[int, documents.Schema]) -> dict[str, Any]:
        data = durable.read_file(self.path, name, documents.MAX_BYTES)
        return documents.decode(data, kind, schemas, str(self.path / name))

    def _verified(self, name: str, entry: Mapping[str, Any], largest: int) -> bytes:
        """Read a file and compare it with its entry in the manifest."""
        data = durable.read_file(self.path, name, min(entry["bytes"], largest))
        if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise DamagedContent(
                self.path / name, "its SHA-256 is not the one that was noted when it was written"
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
        """Return every run, newest first; those whose `run.json` is damaged or unreadable come last.

        A directory that may not be searched counts as one, if its name can be a run's.

        Raises:
            EnvironmentFailure: If the directory cannot be read.
        """
        with durable.reading(self.root):
            found = (
                [Run(entry) for entry in self.root.iterdir() if _is_run(entry)] if self.root.is_dir() else []
            )
        return sorted(found, key=_age_key, reverse=True)

    def resolve(self, reference: str = "latest") -> Run:
        """Return the run that a word means.

        Args:
            reference: A name, a unique prefix of one, `latest` or `@`, `@~1` for the one
                before; or, with a slash in it, the path of a run's directory, of this
                store or of another.

        Raises:
            RunNotFound: If no run matches it or more than one does.
        """
        if "/" in reference:
            return _at(reference)
        runs = self.runs()
        if not runs:
            raise RunNotFound(
                f"There is no run in {self.root}.", mend="Train one first: vaecli train --dataset fashion"
            )
        if reference in ("latest", "@") or re.fullmatch(r"@~[0-9]{1,6}", reference):
            return _nth_newest(runs, int(reference[2:] or 0) if reference.startswith("@") else 0)
        return _named(runs, reference, self.root)

    def resolve_own(self, reference: str = "latest") -> Run:
        """Return the run that a word means, for what writes or removes; see `require_own`.

        Raises:
            RunNotFound: If no run matches it or more than one does.
            UsageError: If the run lies elsewhere, or a link stands for it.
        """
        run = self.resolve(reference)
        self.require_own(run)
        return run

    def require_own(self, run: Run) -> None:
        """Raise `UsageError` unless a run is a directory of this store, neither elsewhere nor a link."""
        is_link, is_inside = run.path.is_symlink(), False
        with suppress(FileNotFoundError):
            is_inside = run.path.parent.samefile(self.root)
        if is_link or not is_inside:
            real = run.path.resolve()
            raise UsageError(
                f"{run.path} is a symbolic link."
                if is_link
                else f"{real} is not in the artifact directory {self.root}.",
                "Expected: a run of the artifact directory itself; nothing else is written to or removed.",
                f"If you mean it, name the run and its directory: {real.name} --artifacts {real.parent}",
            )


def best_epoch(run: Run, epochs: Iterable[int]) -> int:
    """Return which of some epochs has the lowest −ELBO; damaged and missing ones do not count.

    Raises:
        DamagedArtifact: If none is left.
    """
    values = run.negative_elbos(epochs)
    if not values:
        raise DamagedArtifact(f"{run.path / 'epochs'} holds no readable epoch.")
    return min(values, key=values.__getitem__)


def patience_ended(values: Mapping[int, float], patience: int | None) -> int | None:
    """Return the best epoch if so many after it brought no better one, else None.

    Args:
        values: The −ELBO of each epoch.
        patience: How many epochs; None for no end to it.

    >>> patience_ended({0: 9.0, 1: 5.0, 2: 5.5, 3: 5.0}, 2), patience_ended({0: 9.0, 1: 5.0, 2: 4.0}, 1)
    (1, None)
    """
    if patience is None or not values:
        return None
    best = min(sorted(values), key=values.__getitem__)
    return best if max(values) - best >= patience else None


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
            "Expected: letters, digits, dots, hyphens and underscores, beginning with a letter or a digit.",
        )
    return name


def _at(reference: str) -> Run:
    """Return the run whose directory has this path; a link keeps its own name."""
    path = Path(reference)
    with suppress(OSError, ValueError):  # names that no file system takes
        named = path.name not in ("", "..")
        found = path.parent.resolve() / path.name if named else path.resolve()
        if _is_run(found):
            return Run(found)
    raise RunNotFound(f"There is no run {reference!r}.", "Expected: the path of a run's directory.")


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


def _is_run(entry: Path) -> bool:
    """Tell runs, damaged ones too, from whatever else lies in the store."""
    if entry.name.startswith(durable.TEMPORARY):
        return False
    try:
        return any(durable.is_there(entry / name) for name in (RUN_FILE, "epochs"))
    except UnreadableFile:
        return bool(_NAME.fullmatch(entry.name))


def _age_key(run: Run) -> tuple[bool, float, str]:
    try:
        return (True, run.created.timestamp(), run.name)
    except (DamagedArtifact, EnvironmentFailure):
        return (False, 0.0, run.name)


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
