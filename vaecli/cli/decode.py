"""`vaecli decode`: latents → images, from other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaecli import chatter
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Epoch,
    Output,
    Quiet,
    RunReference,
    number_option,
    open_run,
)
from vaecli.cli.output import deliver_folder, names_folder, names_format
from vaecli.cli.pictures import check_ending, deliver_figure
from vaecli.cli.streams import Streams
from vaecli.errors import DataError
from vaecli.files import Content

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXAMPLES = (
    "vaecli decode fashion-1 z.csv -o sheet.png",
    "vaecli decode fashion-1 z.csv -o images/",
    "vaecli decode fashion-1 z.csv --sample -o drawn.png",
    "printf '0.5,-1.2\\n' | vaecli decode fashion-1 - -o image.png",
)


def command(
    run: RunReference,
    latents: Annotated[
        str, typer.Argument(metavar="LATENTS", help="A .csv, .npz or .h5 file of latents; - reads stdin.")
    ],
    output: Output = None,
    epoch: Epoch = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Draw pixels from the likelihood instead of showing their means.")
    ] = False,
    seed: Annotated[int, number_option(int, "--seed", "-s", least=0, help="The seed of --sample.")] = 0,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Decode latents into a sheet (-o sheet.png) or a folder with a PNG for each (-o DIR)."""
    from vaecli.data.files.encodings import read_latents
    from vaecli.figures.sheet import decoded_sheet
    from vaecli.inference import decode

    streams = Streams(quiet=quiet, as_json=as_json)
    found = open_run(artifacts, run)
    where = "stdin" if latents == "-" else latents
    wants_folder = names_folder(output) or (names_format(output) and not Path(str(output)).suffix)
    if not wants_folder:
        check_ending(output)
    points = read_latents(_content(latents), where, found.config.latent_dim)
    with chatter.aside():
        images = decode(found, points, epoch=epoch, sample=sample, seed=seed, say=streams.say)
    if wants_folder:
        facts = {"run": found.name, "images": len(images), "shape": list(images.shape[1:])}
        deliver_folder(streams, str(output), _as_files(images), facts)
    else:
        deliver_figure(streams, output, decoded_sheet(found, images))


def _content(latents: str) -> bytes:
    if latents == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(latents).read_bytes()
    except OSError as error:
        raise DataError(f"{latents}: {error.strerror}.", "Expected: a file of latents.") from error


def _as_files(images: NDArray[np.uint8]) -> Iterator[tuple[str, Content]]:
    """Yield the name of a PNG file for each image, and what writes it."""
    from vaecli.render.encode import encode
    from vaecli.render.images import as_rgb

    width = max(4, len(str(len(images) - 1)))
    for number, image in enumerate(as_rgb(images)):
        yield f"{number:0{width}d}.png", partial(encode, [image], kind="png")
