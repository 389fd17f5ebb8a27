"""`vaecli reconstruct`: images over what the network makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli.cli.options import (
    Compare,
    Epoch,
    EpochsGif,
    FramesPerSecond,
    Hold,
    RunReference,
    number_option,
)
from vaecli.cli.own_images import local_files
from vaecli.cli.parsing import chosen_epochs, parse_numbers
from vaecli.cli.pictures import Desk, draw, drawing_options
from vaecli.errors import UsageError

if TYPE_CHECKING:
    from vaecli.figures.epochs import Epochs
    from vaecli.figures.figure import Figure

EXAMPLES = (
    "vaecli reconstruct",
    "vaecli reconstruct fashion-1 --epochs 0,1,2,5,10,20 -o learning.png",
    "vaecli reconstruct fashion-1 --epochs-gif",
    "vaecli reconstruct fashion-1 --compare fashion-2 fashion-3",
    "vaecli reconstruct fashion-1 --images shoe.png bag.jpg",
)


@drawing_options
def command(
    run: RunReference = "latest",
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--images", metavar="FILE…", help="Your own image files instead; - reads one from stdin."
        ),
    ] = None,
    epochs: Annotated[
        str | None,
        typer.Option(
            "--epochs", metavar="LIST|all", help="A row per epoch: all, or a list such as 0,1,5,20."
        ),
    ] = None,
    compare: Compare = None,
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    count: Annotated[
        int,
        number_option(int, "--count", least=1, most=1000, help="Held-out images, of each class in turn."),
    ] = 10,
    fps: FramesPerSecond = 2.0,
    hold: Hold = 2.0,
    **drawing: Any,
) -> None:
    """Draw images above their reconstructions: one epoch, a row per epoch, or an animation."""
    from vaecli.figures.reconstruct import reconstruct

    wanted = _epochs(epochs, epoch, epochs_gif=epochs_gif)

    def make(desk: Desk) -> Figure:
        with local_files(desk.streams, images or []) as (files, say):
            return reconstruct(
                desk.open(run),
                images=files or None,
                compare=desk.open_all(compare),
                epochs=wanted,
                moving=epochs_gif,
                count=count,
                fps=fps,
                hold=hold,
                say=say,
            )

    draw(make, **drawing)


def _epochs(epochs: str | None, epoch: int | None, *, epochs_gif: bool) -> Epochs:
    """Return the epochs that the options choose.

    Raises:
        UsageError: If they contradict each other.
    """
    if epochs is None:
        return chosen_epochs(epoch, epochs_gif=epochs_gif)
    if epochs_gif:
        raise UsageError("--epochs and --epochs-gif cannot be combined.")
    if epoch is not None:
        raise UsageError("--epochs and --epoch cannot be combined.")
    return "all" if epochs == "all" else parse_numbers(epochs, "--epochs", lowest=0)
