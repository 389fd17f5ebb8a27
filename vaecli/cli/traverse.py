"""`vaecli traverse`: what each latent stands for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    At,
    Epoch,
    FramesPerSecond,
    Hold,
    PointMeaning,
    RunReference,
    number_option,
)
from vaecli.cli.pictures import draw, drawing_options

EXAMPLES = (
    "vaecli traverse",
    'vaecli traverse fashion-1 --at "ankle boot" --gif',
    "vaecli traverse fashion-1 --at '#7' --over quantiles --steps 11 -o traversal.png",
    "vaecli traverse fashion-1 --at shoe.png -o traversal.gif",
    "vaecli traverse fashion-1 --at 'ankle boot - sneaker + sandal' --point mean",
)


@drawing_options
def command(
    run: RunReference = "latest",
    at: At = None,
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
    **drawing: Any,
) -> None:
    """Move each latent by itself while the others are held: a row per latent, the most KL first."""
    from vaecli.figures.traverse import traverse

    draw(
        lambda desk: traverse(
            desk.open(run),
            at=at,
            over=over,
            steps=steps,
            point=point,
            moving=gif or desk.asks_to_move,
            epoch=epoch,
            fps=fps,
            hold=hold,
            say=desk.say,
        ),
        **drawing,
    )
