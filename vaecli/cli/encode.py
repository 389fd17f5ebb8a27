"""`vaecli encode`: images → mean and log_var, for other programs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from vaecli import chatter
from vaecli.cli.datasets import Access, open_dataset
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
from vaecli.cli.own_images import local_files
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError

EXAMPLES = (
    "vaecli encode",
    "vaecli encode fashion-1 --split heldout -o encodings.npz",
    "vaecli encode fashion-1 shoe.png bag.jpg -o -",
    "vaecli encode fashion-1 shoe.png -o - | vaecli decode fashion-1 - -o again/",
)


def command(
    run: RunReference = "latest",
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE…", help="Image files, or one folder of them; - reads one from stdin."),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="heldout|train",
            help="Encode a split of the run's dataset. [default without FILES: heldout]",
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
    from vaecli.inference import encode, encode_folder

    streams = Streams(quiet=quiet, as_json=as_json)
    if names_format(output) and Path(str(output)).suffix not in ENDINGS:
        raise UsageError(
            f"Encodings cannot be written as {output}.",
            f"Expected one of these endings: {', '.join(ENDINGS)}.",
        )
    if files and split:
        raise UsageError("FILES and --split cannot be combined.")
    if split not in (None, "heldout", "train"):
        raise UsageError(f"split is {split!r}.", "Expected one of: heldout, train.")
    found = open_run(artifacts, run)
    if split == "train":
        images = open_dataset(streams, found.config, Access(data_dir, offline, stream)).train
        with chatter.aside():
            encodings = encode(found, images, epoch=epoch, say=streams.say)
    elif files and len(files) == 1 and _holds_images(Path(files[0])):
        with chatter.aside():
            encodings = encode_folder(found, files[0], epoch=epoch, say=streams.say)
    elif files:
        with local_files(streams, files) as (paths, say), chatter.aside():
            encodings = replace(encode(found, paths, epoch=epoch, say=say), image=files)
    else:
        encodings = encode(found, epoch=epoch)
    facts = {"run": found.name, "images": len(encodings.mean), "latent_dim": encodings.mean.shape[1]}
    deliver(
        streams,
        output,
        f"{found.name}-encodings.csv",
        lambda file, ending: file.write(write_encodings(encodings, ending)),
        facts,
    )


def _holds_images(path: Path) -> bool:
    """Tell whether a path is a folder or a zip; one that no file system takes is neither."""
    with suppress(OSError, ValueError):
        return path.is_dir() or path.suffix.lower() == ".zip"
    return False
