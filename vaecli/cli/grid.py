"""`vaecli sample-grid`, also `grid`: what the decoder makes of latent space."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaecli.cli.options import (
    At,
    Compare,
    Epoch,
    EpochsGif,
    FramesPerSecond,
    Hold,
    PointMeaning,
    RunReference,
    number_option,
)
from vaecli.cli.parsing import chosen_epochs, parse_dims
from vaecli.cli.pictures import draw, drawing_options

EXAMPLES = (
    "vaecli grid",
    "vaecli grid fashion-1 --epochs-gif -o learning.gif",
    "vaecli grid fashion-1 --epochs-gif --beside-latent",
    "vaecli grid fashion-1 --compare fashion-2",
    "vaecli grid fashion-1 --rows 30 --columns 30 --spacing quantile",
    'vaecli grid fashion-1 --dims 1,3 --at "ankle boot"',
    "vaecli grid fashion-1 --random 24 --seed 7 -o drawn.png",
)


@drawing_options
def command(
    run: RunReference = "latest",
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    beside_latent: Annotated[
        bool, typer.Option("--beside-latent", help="Draw the scatter beside it, with the grid's points.")
    ] = False,
    compare: Compare = None,
    rows: Annotated[
        int | None, number_option(int, "--rows", least=1, most=200, help="Rows.  [default: 20]")
    ] = None,
    columns: Annotated[
        int | None, number_option(int, "--columns", least=1, most=200, help="Columns.  [default: 20]")
    ] = None,
    extent: Annotated[
        float | None, number_option(float, "--extent", help="The largest latent value.  [default: 3]")
    ] = None,
    spacing: Annotated[
        str | None,
        typer.Option(
            "--spacing",
            metavar="linear|quantile",
            help="Equal steps, or equal shares of the prior.  [default: linear]",
        ),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option(
            "--dims",
            metavar="I,J",
            help="The two latents of the plane, counted from 1; by default those with most KL.",
        ),
    ] = None,
    at: At = None,
    point: PointMeaning = "member",
    plane: Annotated[
        str,
        typer.Option(
            "--plane",
            metavar="last|each",
            help="An animation shows the latents with most KL in its last epoch, or in each.",
        ),
    ] = "last",
    random: Annotated[
        int | None,
        number_option(int, "--random", least=1, most=10_000, help="Decode N draws from the prior instead."),
    ] = None,
    seed: Annotated[int, number_option(int, "--seed", least=0, help="The seed of --random.")] = 0,
    fps: FramesPerSecond = 4.0,
    hold: Hold = 2.0,
    **drawing: Any,
) -> None:
    """Decode a grid of latents into images, oriented as in latent-plot."""
    from vaecli.figures.grid import grid

    epochs, shown = chosen_epochs(epoch, epochs_gif=epochs_gif), parse_dims(dims)
    draw(
        lambda desk: grid(
            desk.open(run),
            epochs=epochs,
            beside_latent=beside_latent,
            compare=desk.open_all(compare),
            rows=rows,
            columns=columns,
            extent=extent,
            spacing=spacing,
            dims=shown,
            at=at,
            point=point,
            plane=plane,
            random=random,
            seed=seed,
            fps=fps,
            hold=hold,
            say=desk.say,
        ),
        **drawing,
    )
