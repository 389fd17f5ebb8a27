"""Train a run, or resume one: where dataset, network and store meet.

Each epoch is on disk before it is announced, so whatever goes wrong later costs one epoch at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vaecli import machine
from vaecli.chatter import announce_loading
from vaecli.config import TrainConfig
from vaecli.errors import DataError, EnvironmentFailure, TrainingDiverged, UsageError
from vaecli.notebook import watching
from vaecli.observers import Observer
from vaecli.origins import find_origin
from vaecli.runs import default_store, open_run
from vaecli.store import (
    Checkpoint,
    DatasetRecord,
    Run,
    RunWriter,
    Snapshot,
    Store,
    create_run,
    epochs_with_weights,
    patience_ended,
    require_own_files,
    size_of,
)

if TYPE_CHECKING:
    from vaecli.data import Dataset
    from vaecli.network import EpochResult, TensorBoardLog, Trainer


_BEFORE_THE_FALL = (
    "The learning rate falls to zero over all {epochs} epochs: where the training stops early, it has not"
    " fallen yet. --schedule constant does not depend on that."
)


def train(
    dataset: Dataset,
    config: TrainConfig | None = None,
    store: Store | None = None,
    *,
    name: str | None = None,
    argv: Sequence[str] = (),
    tensorboard: bool = False,
    observer: Observer | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train a network on a dataset and keep every epoch in a new run.

    Args:
        dataset: What to train on; its held-out images are followed.
        config: What decides the training, apart from the images; by default `TrainConfig()`. Its
            `dataset` is replaced by the dataset's own word.
        store: Where the run is kept, by default in `default_store()`.
        name: The run's name; by default the dataset's and a number.
        argv: The command as typed, for the record.
        tensorboard: Also write event files for TensorBoard.
        observer: Is informed of the progress; by default a table in a notebook, elsewhere nothing.
        should_stop: Asked a few times a second; the unfinished epoch is dropped.

    Returns:
        The run; its state is `interrupted` if `should_stop()` became true before the end. With `early_stop`
        it may be finished before the last epoch; `Run.stopped_early` gives the best epoch then.

    Raises:
        TrainingDiverged: If a figure is no longer a finite number; earlier epochs are kept.
        EnvironmentFailure: If the disk refuses an epoch; earlier epochs are kept.
        RunNotFound: If there is no run or epoch to start from.
        UsageError: If the name is taken, or the run to start from has another network.
    """
    config = replace(config or TrainConfig(), dataset=dataset.word).resolved(
        channels=dataset.shape[2], images=len(dataset.train.images)
    )
    with watching(observer) as watcher:
        origin = find_origin(config.origin, store) if config.origin else None
        weights = origin.weights(config, dataset.shape) if origin else None
        config = replace(config, origin=origin.word) if origin else config
        if config.early_stop and config.schedule == "cosine":
            watcher.says(_BEFORE_THE_FALL.format(epochs=config.epochs))
        trainer = _trainer(dataset, config, watcher)
        if weights is not None:
            trainer.start_from(weights)
        writer = create_run(
            store or default_store(),
            config,
            _record(dataset),
            parameters=trainer.parameter_counts(),
            argv=argv,
            libraries=machine.libraries(),
            machine=_machine(),
            name=name,
        )
        with writer:
            _train_epochs(writer, trainer, dataset, 0, watcher, should_stop, tensorboard=tensorboard)
    return writer.run


def resume(
    run: Run | str,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    allow_inexact: bool = False,
    tensorboard: bool = False,
    observer: Observer | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Resume a run after its last epoch, as if it had never stopped.

    Args:
        run: The run, or a word that means one (see `open_run`); another process must not be training it.
        dataset: The same dataset as before.
        epochs: The new total, by default the one that the run has.
        allow_inexact: Resume although other versions or another machine give other bits.
        tensorboard: Also write event files for TensorBoard.
        observer: Is informed of the progress; by default a table in a notebook, elsewhere nothing.
        should_stop: Asked a few times a second; the unfinished epoch is dropped.

    Raises:
        Busy: If another process trains the run.
        DamagedArtifact: If the checkpoint is damaged, or a link or a pipe stands where training would write.
        DataError: If the dataset is another one.
        EnvironmentFailure: If versions or machine differ and `allow_inexact` is false.
        UsageError: If there is nothing left to train.
    """
    run = open_run(run)
    with RunWriter(run.path) as writer, watching(observer) as watcher:
        require_own_files(run)
        total = new_total(run, epochs)
        _same_dataset(run, dataset)
        if not allow_inexact:
            _same_machine(run)
        trainer = _trainer(dataset, replace(run.config, epochs=total), watcher)
        checkpoint = run.checkpoint() if run.epochs() else None
        if checkpoint:
            trainer.restore(checkpoint.weights, checkpoint.optimizer)
        elif run.config.origin:
            origin = find_origin(run.config.origin, Store(run.path.parent))
            trainer.start_from(origin.weights(run.config, dataset.shape))
        writer.clear()
        start = checkpoint.epoch + 1 if checkpoint else 0
        _train_epochs(writer, trainer, dataset, start, watcher, should_stop, tensorboard=tensorboard)
    return run


def followed_positions(labels: Any, per_class: int = 2) -> Any:
    """Return the positions of the images to follow: of each class in turn.

    Args:
        labels: `(n,)`, the classes of the held-out images.
        per_class: How many of each; at least ten images in total are taken, if there are as many.

    >>> followed_positions([1, 0, 0, 1, 0], per_class=1).tolist()
    [1, 0, 2, 3, 4]
    """
    import numpy as np

    labels = np.asarray(labels)
    classes = np.unique(labels)
    per_class = max(per_class, -(-10 // len(classes)))
    rounds = [np.flatnonzero(labels == label)[:per_class] for label in classes]
    return np.array([found[turn] for turn in range(per_class) for found in rounds if turn < len(found)])


def _trainer(dataset: Dataset, config: TrainConfig, observer: Observer) -> Trainer:
    announce_loading("train", observer.says)
    from vaecli.network import Trainer

    followed = followed_positions(dataset.heldout.labels)
    return Trainer(config, dataset.train.images, dataset.heldout.images, dataset.heldout.images[followed])


def _train_epochs(
    writer: RunWriter,
    trainer: Trainer,
    dataset: Dataset,
    start: int,
    observer: Observer,
    should_stop: Callable[[], bool],
    *,
    tensorboard: bool,
) -> None:
    """Train from `start` until patience or the trainer's config ends, saving each epoch before saying so."""
    from vaecli.network import StopTraining

    total, keep, patience = trainer.total_epochs, writer.run.config.checkpoints, writer.run.config.early_stop
    values = writer.run.negative_elbos(writer.run.epochs()) if patience else {}
    kept = _epochs_with_weights(writer.run, total, observer)
    observer.begins(writer.run, writer.open_log, start, total)
    epoch = start
    try:
        with _board(writer, trainer) if tensorboard else nullcontext() as board:
            for result in trainer.epochs(start, total, observer.advances, should_stop):
                checkpoint = Checkpoint(result.epoch, trainer.weights(), trainer.optimizer_state())
                snapshot, keeps = _snapshot(result, dataset, trainer), result.epoch in kept
                writer.commit(total, result.metrics, snapshot, checkpoint, keep, keep_weights=keeps)
                observer.saved(result, total)
                if board:
                    board.epoch(result)
                epoch = result.epoch + 1
                values[result.epoch] = result.metrics.negative_elbo
                if patience_ended(values, patience) is not None:
                    return
    except StopTraining:
        return
    except TrainingDiverged as error:
        writer.record_stop(epoch, "diverged", error.what)
        raise
    except (EnvironmentFailure, DataError) as error:
        with suppress(EnvironmentFailure):
            writer.record_stop(epoch, "failed", error.what)
        raise


def _epochs_with_weights(run: Run, total: int, observer: Observer) -> Collection[int]:
    """Return the epochs that keep weights to draw with, and say so if these are not all."""
    parameters = run.facts.parameters
    kept, every = epochs_with_weights(parameters, total), total + 1
    if len(kept) < every:
        observer.says(
            f"The weights of all {every:,} epochs would take {every * size_of(parameters) / 1e9:,.1f} GB;"
            f" {len(kept):,} epochs keep theirs, evenly spread, with the first and the last."
        )
    return kept


def _snapshot(result: EpochResult, dataset: Dataset, trainer: Trainer) -> Snapshot:
    import numpy as np

    heldout = dataset.heldout
    followed = followed_positions(heldout.labels)
    return Snapshot(
        mean=result.mean,
        log_var=result.log_var,
        labels=heldout.labels,
        index=heldout.index,
        grid=result.grid,
        grid_latents=result.grid_latents,
        grid_dims=np.array(result.grid_dims),
        originals=trainer.fixed,
        original_labels=heldout.labels[followed],
        original_index=heldout.index[followed],
        reconstructions=result.reconstructions,
    )


def _record(dataset: Dataset) -> DatasetRecord:
    return DatasetRecord(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        source=dataset.source,
        shape=dataset.shape,
        class_names=tuple(dataset.class_names),
        train_count=len(dataset.train.images),
        heldout_count=len(dataset.heldout.images),
    )


def _board(writer: RunWriter, trainer: Trainer) -> TensorBoardLog:
    """Return the event files of a run, with the graph of its network in them."""
    from vaecli.network import TensorBoardLog
    from vaecli.network.tensorboard import graph_bytes

    board = TensorBoardLog(str(writer.own_tensorboard()), trainer.fixed)
    board.graph(graph_bytes(trainer.vae))
    return board


def new_total(run: Run, epochs: int | None) -> int:
    """Return how many epochs a resumed run shall have, or raise `UsageError`."""
    stored, total = run.epochs(), run.total_epochs if epochs is None else epochs
    if stored and total <= stored[-1]:
        raise UsageError(
            f"Run {run.name} has {stored[-1]} of {total} epochs: nothing is left to train.",
            mend=f"Ask for more: vaecli train --resume {run.name} --epochs {2 * stored[-1] or 1}",
        )
    best = patience_ended(run.negative_elbos(stored), run.config.early_stop)
    if best is not None:
        raise UsageError(
            f"Run {run.name} stopped early, at epoch {stored[-1]}: none after {best} was better.",
            f"Expected: a run whose patience, {run.config.early_stop} epochs, has not ended.",
            f"Train anew with more patience: --early-stop {2 * (run.config.early_stop or 1)}",
        )
    return total


def _same_dataset(run: Run, dataset: Dataset) -> None:
    if dataset.fingerprint != run.dataset.fingerprint:
        raise DataError(
            f"Dataset {dataset.name} is not the one that run {run.name} was trained on.",
            f"Expected the fingerprint {run.dataset.fingerprint[:12]}…, found {dataset.fingerprint[:12]}….",
        )
    train, heldout = len(dataset.train), len(dataset.heldout)
    if (train, heldout) != (run.dataset.train_count, run.dataset.heldout_count):
        raise DataError(
            f"Dataset {dataset.name} has {train:,} images to train on and {heldout:,} held out.",
            f"Expected: {run.dataset.train_count:,} and {run.dataset.heldout_count:,}, as in run {run.name}.",
            "Load it with the limit and heldout_limit of the run's config.",
        )


def _machine() -> dict[str, str | int]:
    """Return the facts of the machine, its accelerator among them; early runs, which name none, had none."""
    from vaecli.network import accelerator

    return {**machine.facts(), "accelerator": accelerator()}


def _same_machine(run: Run) -> None:
    """Raise `EnvironmentFailure` where the run's bits could not be made again."""
    before = {"accelerator": "none", **run.document["libraries"], **run.document["machine"]}
    now: dict[str, str | int] = {**machine.libraries(), **_machine()}
    different = [key for key in now if before.get(key) != now[key] and key not in ("vaecli", "system")]
    if different:
        changes = "; ".join(f"{key} was {before.get(key)}, is {now[key]}" for key in different)
        raise EnvironmentFailure(
            f"Run {run.name} cannot be resumed bit for bit here.",
            f"Different: {changes}.",
            "Add --allow-inexact to resume anyway.",
        )
