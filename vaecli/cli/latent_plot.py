"""`vaecli latent-plot`: where the encoder puts the held-out images."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    Compare,
    Epoch,
    EpochsGif,
    FramesPerSecond,
    Hold,
    RunReference,
)
from vaecli.cli.parsing import chosen_epochs, parse_dims
from vaecli.cli.pictures import draw, drawing_options

EXAMPLES = (
    "vaecli latent-plot",
    "vaecli latent-plot fashion-1 --epochs-gif --smooth -o learning.gif",
    "vaecli latent-plot fashion-1 --compare fashion-2 --epochs-gif",
    "vaecli latent-plot fashion-1 --dims 1,3 --epoch 5 -o - > latents.png",
)


@drawing_options
def command(
    run: RunReference = "latest",
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    compare: Compare = None,
    dims: Annotated[
        str | None,
        typer.Option(
            "--dims",
            metavar="I,J",
            help="The two latents to show, counted from 1; by default the principal components.",
        ),
    ] = None,
    smooth: Annotated[
        bool, typer.Option("--smooth/--no-smooth", help="Move smoothly between epochs; --fps counts epochs.")
    ] = False,
    fps: FramesPerSecond = 2.0,
    hold: Hold = 2.0,
    **drawing: Any,
) -> None:
    """Draw the latent means of the held-out images, coloured by class."""
    from vaecli.figures.latent_plot import latent_plot

    epochs, shown = chosen_epochs(epoch, epochs_gif=epochs_gif), parse_dims(dims)
    draw(
        lambda desk: latent_plot(
            desk.open(run),
            epochs=epochs,
            compare=desk.open_all(compare),
            dims=shown,
            smooth=smooth,
            fps=fps,
            hold=hold,
        ),
        **drawing,
    )
