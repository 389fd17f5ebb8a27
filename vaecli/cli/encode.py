"""`vaecli encode`: images → mean and log_var, for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaecli.cli.datasets import Access, open_dataset
from vaecli.cli.networks import open_network
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    DataDir,
    Epoch,
    Offline,
    Output,
    Quiet,
    RunReference,
    Stream,
    open_run,
)
from vaecli.cli.output import deliver, names_format
from vaecli.cli.own_images import read_own_images
from vaecli.cli.streams import Streams
from vaecli.errors import RunNotFound, UsageError
from vaecli.store import Run

if TYPE_CHECKING:
    from vaecli.data.files.encodings import Encodings

EXAMPLES = (
    "vaecli encode",
    "vaecli encode fashion-1 --split test -o encodings.npz",
    "vaecli encode fashion-1 shoe.png bag.jpg -o -",
    "vaecli encode fashion-1 shoe.png -o - | vaecli decode fashion-1 - -o shoe-again.png",
)


def command(
    run: RunReference = "latest",
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="Image files; - reads one from stdin.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="test|train",
            help="Encode a split of the run's dataset. [default without FILES: test]",
        ),
    ] = None,
    epoch: Epoch = None,
    output: Output = None,
    data_dir: DataDir = None,
    offline: Offline = False,
    stream: Stream = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Encode images: write mean and log_var as .csv, .npz or .h5, by the ending of -o."""
    from vaecli.data.files.encodings import ENDINGS, write_encodings

    streams = Streams(quiet=quiet, as_json=as_json)
    if names_format(output) and Path(str(output)).suffix not in ENDINGS:
        raise UsageError(
            f"Encodings cannot be written as {output}.", f"Expected an ending: {', '.join(ENDINGS)}."
        )
    if files and split:
        raise UsageError("FILES and --split exclude each other.")
    if split not in (None, "test", "train"):
        raise UsageError(f"split is {split!r}.", "Expected one of: test, train.")
    found = open_run(artifacts, run)
    if files:
        encodings = _of_files(streams, found, files, epoch)
    elif split == "train":
        encodings = _of_training_images(streams, found, epoch, Access(data_dir, offline, stream))
    else:
        encodings = _of_heldout_images(found, epoch)
    facts = {"run": found.name, "images": len(encodings.mean), "latent_dim": encodings.mean.shape[1]}
    deliver(
        streams,
        output,
        f"{found.name}-encodings.csv",
        lambda file, ending: file.write(write_encodings(encodings, ending)),
        facts,
    )


def _of_heldout_images(run: Run, epoch: int | None) -> Encodings:
    """Return what an epoch's snapshot holds; no network is needed."""
    from vaecli.data.files.encodings import Encodings

    snapshot = run.snapshot(last_epoch(run) if epoch is None else epoch)
    names = run.dataset.class_names
    return Encodings(
        snapshot.mean,
        snapshot.log_var,
        [f"#{position}" for position in snapshot.index],
        [names[label] for label in snapshot.labels],
    )


def _of_training_images(streams: Streams, run: Run, epoch: int | None, access: Access) -> Encodings:
    from vaecli.data.files.encodings import Encodings

    dataset = open_dataset(streams, run.config, access)
    mean, log_var = open_network(streams, run, "encode", epoch).encode(dataset.train.images)
    labels = [dataset.class_names[label] for label in dataset.train.labels]
    return Encodings(mean, log_var, [f"#{position}" for position in dataset.train.index], labels)


def _of_files(streams: Streams, run: Run, files: Sequence[str], epoch: int | None) -> Encodings:
    from vaecli.data.files.encodings import Encodings

    images = read_own_images(streams, run, files)
    mean, log_var = open_network(streams, run, "encode", epoch).encode(images)
    return Encodings(mean, log_var, files, [""] * len(files))


def last_epoch(run: Run) -> int:
    """Return the last epoch on disk.

    Raises:
        RunNotFound: If none was finished.
    """
    epochs = run.epochs()
    if not epochs:
        raise RunNotFound(f"Run {run.name} has no finished epoch.", mend=f"vaecli train --resume {run.name}")
    return epochs[-1]
