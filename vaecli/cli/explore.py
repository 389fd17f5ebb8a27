"""`vaecli explore`: one offline page of a run, with its points, its images and its decoders."""

from __future__ import annotations

from typing import Annotated

import typer

from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Output,
    Quiet,
    complete_run,
    number_option,
    open_run,
)
from vaecli.cli.output import deliver
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError

EXAMPLES = (
    "vaecli explore",
    "vaecli explore fashion-1 -o run.html",
    "vaecli explore fashion-1 fashion-2 --max-mb 20",
)

_MOST = 2  # runs that lie side by side


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN…",
            help="A run, as other commands take one; or two on the same dataset, side by side.",
            autocompletion=complete_run,
            show_default="latest",
        ),
    ] = None,
    max_mb: Annotated[
        float,
        number_option(
            float,
            "--max-mb",
            least=0.5,
            most=500,
            help="The most that the page may take; what does not fit is left out, which is said.",
        ),
    ] = 10.0,
    no_images: Annotated[bool, typer.Option("--no-images", help="Embed no images of the dataset.")] = False,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make one HTML page of a run that opens offline: its latent space epoch by epoch, and its decoder."""
    from vaecli.figures.explore import explore

    streams = Streams(quiet=quiet, as_json=as_json)
    references = runs or ["latest"]
    if len(references) > _MOST:
        raise UsageError(f"{len(references)} runs cannot be explored.", "Expected: one run, or two.")
    found = [open_run(artifacts, reference) for reference in references]
    page = explore(*found, images=not no_images, max_mb=max_mb, say=streams.say)
    deliver(streams, output, page.default_name, lambda file, _: page.write(file), page.facts)
