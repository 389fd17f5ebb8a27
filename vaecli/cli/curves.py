"""`vaecli curves`: how trainings went."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    EpochsGif,
    FramesPerSecond,
    Hold,
    complete_run,
)
from vaecli.cli.pictures import draw, drawing_options

EXAMPLES = (
    "vaecli curves",
    "vaecli curves fashion-1 fashion-2 --against seconds -o curves.png",
    "vaecli curves fashion-1 --epochs-gif",
    "vaecli curves fashion-1 --json -o curves.png > curves.json",
)


@drawing_options
def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN…",
            help="Runs, as other commands take one; several are drawn in one picture.",
            autocompletion=complete_run,
            show_default="latest",
        ),
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="epochs|seconds",
            help="What the horizontal axis shows: epochs, or the seconds that they took.",
        ),
    ] = "epochs",
    epochs_gif: EpochsGif = False,
    fps: FramesPerSecond = 4.0,
    hold: Hold = 2.0,
    **drawing: Any,
) -> None:
    """Draw −ELBO, its parts, the KL of each latent and the learning rate, epoch by epoch."""
    from vaecli.figures.curves import curves

    draw(
        lambda desk: curves(
            *desk.open_all(runs or ["latest"]),
            against=against,
            moving=epochs_gif,
            fps=fps,
            hold=hold,
            say=desk.say,
        ),
        **drawing,
    )
