"""`vaecli train`, and the library's `train` and `resume`: where network and store meet."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli.cli import chatter, machine
from vaecli.cli.datasets import open_dataset, parse_channels
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    DataDir,
    Offline,
    Quiet,
    complete_dataset,
    complete_run,
    open_run,
)
from vaecli.cli.progress import Bars, Lines, Observer, Silent
from vaecli.cli.signals import GracefulStop
from vaecli.cli.streams import Streams
from vaecli.config import TrainConfig
from vaecli.errors import DataError, EnvironmentFailure, Interrupted, TrainingDiverged, UsageError
from vaecli.store import (
    Checkpoint,
    DatasetRecord,
    Run,
    RunWriter,
    Snapshot,
    Store,
    check_name,
    create_run,
)

if TYPE_CHECKING:
    from vaecli.data import Dataset
    from vaecli.network import EpochResult, TensorBoardLog, Trainer

EXAMPLES = (
    "vaecli train --dataset fashion",
    "vaecli train -d mnist --latent-dim 5 --epochs 10",
    "vaecli train --beta 0 --name without-kl",
    "vaecli train --resume latest --epochs 40",
)


def train(
    dataset: Dataset,
    config: TrainConfig,
    store: Store,
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
        config: What decides the training; its `dataset` is for the record only.
        store: Where the run is kept.
        name: The run's name; by default the dataset's and a number.
        argv: The command as typed, for the record.
        tensorboard: Also write event files for TensorBoard.
        observer: Who is told how it goes.
        should_stop: Asked a few times a second; the unfinished epoch is dropped.

    Returns:
        The run; its state is `interrupted` if `should_stop()` became true before the end.

    Raises:
        TrainingDiverged: If a figure is no longer a finite number; earlier epochs are kept.
        EnvironmentFailure: If the disk refuses an epoch; earlier epochs are kept.
        UsageError: If the name is taken.
    """
    config = config.resolved()
    trainer = _trainer(dataset, config)
    writer = create_run(
        store,
        config,
        _record(dataset),
        parameters=trainer.parameter_counts(),
        argv=argv,
        libraries=machine.libraries(),
        machine=machine.facts(),
        name=name,
    )
    with writer:
        _train_epochs(writer, trainer, dataset, 0, observer or Silent(), should_stop, tensorboard=tensorboard)
    return writer.run


def resume(
    run: Run,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    allow_inexact: bool = False,
    tensorboard: bool = False,
    observer: Observer | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Go on with a run from its last epoch, as if it had never stopped.

    Args:
        run: The run; another process must not be training it.
        dataset: The same dataset as before.
        epochs: The new total, by default the one that the run has.
        allow_inexact: Go on although other versions or another machine give other bits.
        tensorboard: Also write event files for TensorBoard.
        observer: Who is told how it goes.
        should_stop: Asked a few times a second; the unfinished epoch is dropped.

    Raises:
        Busy: If another process trains the run.
        DataError: If the dataset is another one.
        EnvironmentFailure: If versions or machine differ and `allow_inexact` is false.
        UsageError: If there is nothing left to train.
    """
    with RunWriter(run.path) as writer:
        total = _new_total(run, epochs)
        _same_dataset(run, dataset)
        if not allow_inexact:
            _same_machine(run)
        trainer = _trainer(dataset, replace(run.config, epochs=total))
        checkpoint = run.checkpoint() if run.epochs() else None
        if checkpoint:
            trainer.restore(checkpoint.weights, checkpoint.optimizer)
        writer.clear()
        start = checkpoint.epoch + 1 if checkpoint else 0
        _train_epochs(
            writer, trainer, dataset, start, observer or Silent(), should_stop, tensorboard=tensorboard
        )
    return run


def followed_positions(labels: Any, per_class: int = 2) -> Any:
    """Return the positions of the images to follow: of each class in turn.

    Args:
        labels: `(n,)`, the classes of the held-out images.
        per_class: How many of each; at least ten images in all are taken where there are as many.

    >>> followed_positions([1, 0, 0, 1, 0], per_class=1).tolist()
    [1, 0, 2, 3, 4]
    """
    import numpy as np

    labels = np.asarray(labels)
    classes = np.unique(labels)
    per_class = max(per_class, -(-10 // len(classes)))
    rounds = [np.flatnonzero(labels == label)[:per_class] for label in classes]
    return np.array([found[turn] for turn in range(per_class) for found in rounds if turn < len(found)])


def _trainer(dataset: Dataset, config: TrainConfig) -> Trainer:
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
    """Train from `start` to the end of the trainer's config, saving each epoch before saying so."""
    from vaecli.network import StopTraining

    total, keep = trainer.config.epochs, writer.run.config.checkpoints
    observer.begins(writer.run, writer.log_path, start, total)
    epoch = start
    try:
        with _board(writer, trainer, dataset) if tensorboard else nullcontext() as board:
            for result in trainer.epochs(start, total, observer.advances, should_stop):
                checkpoint = Checkpoint(result.epoch, trainer.weights(), trainer.optimizer_state())
                writer.commit(total, asdict(result.metrics), _snapshot(result, dataset), checkpoint, keep)
                observer.saved(result, total)
                if board:
                    board.epoch(result)
                epoch = result.epoch + 1
    except StopTraining:
        return
    except TrainingDiverged as error:
        writer.record_stop(epoch, "diverged", error.what)
        raise
    except EnvironmentFailure as error:
        with suppress(EnvironmentFailure):
            writer.record_stop(epoch, "failed", error.what)
        raise


def _snapshot(result: EpochResult, dataset: Dataset) -> Snapshot:
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
        originals=heldout.images[followed],
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


def _board(writer: RunWriter, trainer: Trainer, dataset: Dataset) -> TensorBoardLog:
    """Return the event files of a run, with the graph of its network in them."""
    from vaecli.network import TensorBoardLog
    from vaecli.network.tensorboard import graph_bytes

    followed = followed_positions(dataset.heldout.labels)
    board = TensorBoardLog(str(writer.tensorboard_path), dataset.heldout.images[followed])
    board.graph(graph_bytes(trainer.vae))
    return board


def _require_tensorboard() -> None:
    if importlib.util.find_spec("tensorboard") is None:
        raise EnvironmentFailure(
            "--tensorboard needs the package tensorboard, which is not installed.",
            mend="pip install 'vaecli[tensorboard]'",
        )


def _new_total(run: Run, epochs: int | None) -> int:
    """Return how many epochs a resumed run shall have, or raise `UsageError`."""
    stored, total = run.epochs(), run.total_epochs if epochs is None else epochs
    if stored and total <= stored[-1]:
        raise UsageError(
            f"Run {run.name} has {stored[-1]} of {total} epochs: nothing is left to train.",
            mend=f"Ask for more: vaecli train --resume {run.name} --epochs {2 * stored[-1] or 1}",
        )
    return total


def _same_dataset(run: Run, dataset: Dataset) -> None:
    if dataset.fingerprint != run.dataset.fingerprint or len(dataset.train.images) != run.dataset.train_count:
        raise DataError(
            f"Dataset {dataset.name} is not the one that run {run.name} was trained on.",
            f"Expected the fingerprint {run.dataset.fingerprint[:12]}…, found {dataset.fingerprint[:12]}….",
        )


def _same_machine(run: Run) -> None:
    """Raise `EnvironmentFailure` where the run's bits could not be made again."""
    before = {**run.document["libraries"], **run.document["machine"]}
    now: dict[str, str | int] = {**machine.libraries(), **machine.facts()}
    different = [key for key in now if before.get(key) != now[key] and key not in ("vaecli", "system")]
    if different:
        changes = "; ".join(f"{key} was {before.get(key)}, is {now[key]}" for key in different)
        raise EnvironmentFailure(
            f"Run {run.name} cannot be resumed bit for bit here.",
            f"Different: {changes}.",
            "Add --allow-inexact to go on all the same.",
        )


def _knob(name: str, *flags: str, **more: Any) -> Any:
    """Return the option of a config's field: its words and its meaning come from there."""
    knob = next(knob for knob in fields(TrainConfig) if knob.name == name)
    if choices := knob.metadata.get("choices"):
        more.setdefault("metavar", "|".join(map(str, choices)))
    return typer.Option(f"--{name.replace('_', '-')}", *flags, help=knob.metadata["meaning"], **more)


def command(
    ctx: typer.Context,
    dataset: Annotated[
        str, _knob("dataset", "-d", metavar="NAME|PATH", autocompletion=complete_dataset)
    ] = TrainConfig.dataset,
    epochs: Annotated[int, _knob("epochs", "-e")] = TrainConfig.epochs,
    latent_dim: Annotated[int, _knob("latent_dim", "-z")] = TrainConfig.latent_dim,
    architecture: Annotated[str, _knob("architecture", "-a")] = TrainConfig.architecture,
    beta: Annotated[float, _knob("beta")] = TrainConfig.beta,
    batch_size: Annotated[int, _knob("batch_size", "-b")] = TrainConfig.batch_size,
    learning_rate: Annotated[float | None, _knob("learning_rate")] = TrainConfig.learning_rate,
    schedule: Annotated[str | None, _knob("schedule")] = TrainConfig.schedule,
    seed: Annotated[int, _knob("seed", "-s")] = TrainConfig.seed,
    limit: Annotated[int | None, _knob("limit", "-n")] = TrainConfig.limit,
    size: Annotated[str | None, _knob("size", metavar="HxW")] = TrainConfig.size,
    channels: Annotated[
        int | None, _knob("channels", metavar="auto|1|3", parser=parse_channels)
    ] = TrainConfig.channels,
    fit: Annotated[str, _knob("fit")] = TrainConfig.fit,
    background: Annotated[str, _knob("background", metavar="COLOUR")] = TrainConfig.background,
    classes: Annotated[str | None, _knob("classes", metavar="A,B")] = TrainConfig.classes,
    test_fraction: Annotated[float | None, _knob("test_fraction")] = TrainConfig.test_fraction,
    checkpoints: Annotated[str, _knob("checkpoints")] = TrainConfig.checkpoints,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The run's name; by default dataset-number.")
    ] = None,
    resume_reference: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Go on with a run; --epochs sets a new total.",
            autocompletion=complete_run,
        ),
    ] = None,
    allow_inexact: Annotated[
        bool, typer.Option("--allow-inexact", help="Resume although versions or machine differ.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard/--no-tensorboard", help="Also write TensorBoard's event files.")
    ] = False,
    data_dir: DataDir = None,
    offline: Offline = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a network and keep every epoch; print the run's name.

    Ctrl-C stops after the step and keeps the last finished epoch.
    """
    streams = Streams(quiet=quiet, as_json=as_json)
    store = Store(artifacts)
    if tensorboard:
        _require_tensorboard()
    with GracefulStop(streams) as stop, Bars(streams) if streams.is_live else nullcontext() as bars:
        how: dict[str, Any] = {
            "tensorboard": tensorboard,
            "observer": bars or Lines(streams),
            "should_stop": stop,
        }
        if resume_reference is not None:
            _only_epochs(ctx)
            found = open_run(artifacts, resume_reference)
            total = _new_total(found, epochs if _is_typed(ctx, "epochs") else None)
            images = open_dataset(streams, found.config, data_dir, offline=offline)
            chatter.load_network(streams, "train")
            run = resume(found, images, epochs=total, allow_inexact=allow_inexact, **how)
        else:
            config = _config(ctx)
            if name is not None and (artifacts / check_name(name)).exists():
                raise UsageError(
                    f"There is a run {name!r} in {artifacts} already.", mend="Choose another --name."
                )
            images = open_dataset(streams, config, data_dir, offline=offline)
            chatter.load_network(streams, "train")
            run = train(images, replace(config, dataset=images.word), store, name=name, argv=sys.argv, **how)
    _conclude(streams, run, stop)


def _config(ctx: typer.Context) -> TrainConfig:
    """Return the config that a command line asks for."""
    return TrainConfig(**{knob.name: ctx.params[knob.name] for knob in fields(TrainConfig)})


def _is_typed(ctx: typer.Context, parameter: str) -> bool:
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _only_epochs(ctx: typer.Context) -> None:
    """Refuse options that a resumed run has fixed already."""
    fixed = [knob.name for knob in fields(TrainConfig) if knob.name != "epochs"] + ["name"]
    typed = [f"--{name.replace('_', '-')}" for name in fixed if _is_typed(ctx, name)]
    if typed:
        raise UsageError(
            f"A resumed run keeps its settings: {', '.join(typed)} cannot be changed.",
            "Expected: --resume RUN, with --epochs TOTAL at most.",
        )


def _conclude(streams: Streams, run: Run, stop: GracefulStop) -> None:
    epochs = run.epochs()
    if stop.signal_number is not None and run.state != "finished":
        kept = f"epoch {epochs[-1]} is kept" if epochs else "no epoch was finished"
        raise Interrupted(
            stop.signal_number, f"Stopped; {kept}.", f"Go on with: vaecli train --resume {run.name}"
        )
    facts = {
        "name": run.name,
        "path": str(run.path),
        "state": run.state,
        "epochs": epochs[-1],
        "negative_elbo": run.metrics(epochs[-1])["negative_elbo"],
    }
    streams.result(run.name, facts)
    streams.say(
        "See it learn:",
        f"  vaecli latent-plot {run.name} --epochs-gif",
        f"  vaecli grid {run.name} --epochs-gif --beside-latent",
        f"  vaecli reconstruct {run.name} --epochs all",
    )
