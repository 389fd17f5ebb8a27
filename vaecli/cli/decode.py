"""`vaecli decode`: latents → images, from other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from vaecli.errors import DataError, UsageError
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

_MOST_ON_A_SHEET = 10_000


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
    from vaecli.inference import decode, decode_batches

    streams = Streams(quiet=quiet, as_json=as_json)
    found = open_run(artifacts, run)
    where = "stdin" if latents == "-" else latents
    wants_folder = names_folder(output) or (names_format(output) and not Path(str(output)).suffix)
    if not wants_folder:
        check_ending(output)
    points = read_latents(_content(latents), where, found.config.latent_dim)
    how: dict[str, Any] = {"epoch": epoch, "sample": sample, "seed": seed, "say": streams.say}
    if wants_folder:
        facts = {"run": found.name, "images": len(points), "shape": list(found.dataset.shape)}
        with chatter.aside():
            batches = decode_batches(found, points, **how)
            first = next(batches)  # whatever is wrong with the run is said before a folder is made
            deliver_folder(streams, str(output), _as_files(chain([first], batches), len(points)), facts)
        return
    if len(points) > _MOST_ON_A_SHEET:
        raise UsageError(
            f"{len(points):,} images are too many for a sheet.",
            f"Expected: at most {_MOST_ON_A_SHEET:,}, or a folder with a file for each: -o images/",
        )
    with chatter.aside():
        images = decode(found, points, **how)
    deliver_figure(streams, output, decoded_sheet(found, images))


def _content(latents: str) -> bytes:
    if latents == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(latents).read_bytes()
    except OSError as error:
        raise DataError(f"{latents}: {error.strerror}.", "Expected: a file of latents.") from error


def _as_files(batches: Iterable[NDArray[np.uint8]], count: int) -> Iterator[tuple[str, Content]]:
    """Yield the name of a PNG file for each image, and what writes it."""
    from vaecli.render.encode import encode
    from vaecli.render.images import as_rgb

    width = max(4, len(str(count - 1)))
    for number, image in enumerate(image for batch in batches for image in as_rgb(batch)):
        yield f"{number:0{width}d}.png", partial(encode, [image], kind="png")
