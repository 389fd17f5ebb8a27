"""`vaecli traverse`: what each latent stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Epoch,
    FramesPerSecond,
    Hold,
    Output,
    PointMeaning,
    Quiet,
    RunReference,
    number_option,
    open_run,
)
from vaecli.cli.pictures import MOVING_ENDINGS, draw, look_options

EXAMPLES = (
    "vaecli traverse",
    'vaecli traverse fashion-1 --at "ankle boot" --gif',
    "vaecli traverse fashion-1 --at '#7' --over quantiles --steps 11 -o traversal.png",
    "vaecli traverse fashion-1 --at shoe.png -o traversal.gif",
)


@look_options
def command(
    run: RunReference = "latest",
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="POINT",
            help="Where the other latents are held: a class, a held-out image (#123), an image file, or a "
            "latent (z:0.5,-1.2).  [default: the prior's mean]",
        ),
    ] = None,
    over: Annotated[
        str,
        typer.Option(
            "--over",
            metavar="range|quantiles",
            help="Equal steps over the range of the held-out images, or equal shares of them.",
        ),
    ] = "range",
    steps: Annotated[
        int | None,
        number_option(
            int, "--steps", least=2, most=200, help="Images per latent.  [default: 9, animated 24]"
        ),
    ] = None,
    point: PointMeaning = "member",
    gif: Annotated[
        bool,
        typer.Option("--gif", help="Animate it, there and back; so does -o FILE.gif, .webp or .mp4."),
    ] = False,
    epoch: Epoch = None,
    fps: FramesPerSecond = 12.0,
    hold: Hold = 0.0,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
    **look: Any,
) -> None:
    """Move each latent by itself while the others are held: a row per latent, the most KL first."""
    from vaecli.figures.traverse import traverse

    draw(
        lambda streams: traverse(
            open_run(artifacts, run),
            at=at,
            over=over,
            steps=steps,
            point=point,
            moving=gif or Path(output or "").suffix.lower() in MOVING_ENDINGS,
            epoch=epoch,
            fps=fps,
            hold=hold,
            say=streams.say,
        ),
        output,
        as_json=as_json,
        quiet=quiet,
        **look,
    )
