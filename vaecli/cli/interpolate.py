"""`vaecli interpolate`: the images on the way from one point of latent space to another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    POINTS,
    Epoch,
    FramesPerSecond,
    Hold,
    PointMeaning,
    RunReference,
    number_option,
)
from vaecli.cli.pictures import draw, drawing_options

EXAMPLES = (
    'vaecli interpolate --from sandal --via sneaker --to "ankle boot"',
    "vaecli interpolate fashion-1 --from '#0' --to '#7' --steps 10 -o walk.png",
    "vaecli interpolate fashion-1 --from z:-2,0 --to z:2,0 --on-latent --gif",
    "vaecli interpolate fashion-1 --from shoe.png --to bag --path spherical -o walk.gif",
    "vaecli interpolate fashion-1 --from trouser --to bag --path data --on-latent",
)

_POINT = f"{POINTS[:1].upper()}{POINTS[1:]}."


@drawing_options
def command(
    start: Annotated[str, typer.Option("--from", metavar="POINT", help=f"Where it starts. {_POINT}")],
    stop: Annotated[str, typer.Option("--to", metavar="POINT", help="Where it ends.")],
    run: RunReference = "latest",
    via: Annotated[
        list[str] | None,
        typer.Option("--via", metavar="POINT", help="A point to pass through; may be repeated."),
    ] = None,
    steps: Annotated[int, number_option(int, "--steps", least=2, most=10_000, help="Images in total.")] = 16,
    path: Annotated[
        str,
        typer.Option(
            "--path",
            metavar="linear|spherical|data",
            help="Straight, on great circles about the origin, or along held-out images, from each to a near "
            "one.",
        ),
    ] = "linear",
    point: PointMeaning = "member",
    on_latent: Annotated[
        bool, typer.Option("--on-latent", help="Draw the walk on the scatter beside its images.")
    ] = False,
    gif: Annotated[
        bool, typer.Option("--gif", help="Animate it; so does -o FILE.gif, .webp or .mp4.")
    ] = False,
    epoch: Epoch = None,
    fps: FramesPerSecond = 8.0,
    hold: Hold = 1.0,
    **drawing: Any,
) -> None:
    """Walk through latent space from A to B and decode the images on the way."""
    from vaecli.figures.interpolate import interpolate

    draw(
        lambda desk: interpolate(
            desk.open(run),
            [start, *(via or []), stop],
            steps=steps,
            path=path,
            point=point,
            on_latent=on_latent,
            moving=gif or desk.asks_to_move,
            epoch=epoch,
            fps=fps,
            hold=hold,
            say=desk.say,
        ),
        **drawing,
    )
