"""`vaecli reconstruct`: images over what the network makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli.cli import help, pictures  # noqa: A004 - named after what it writes
from vaecli.cli.networks import open_network
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Epoch,
    EpochsGif,
    FramesPerSecond,
    Hold,
    Output,
    Quiet,
    RunReference,
    number_option,
    open_run,
)
from vaecli.cli.own_images import read_own_images
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError
from vaecli.store import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vaecli.render.frames import Frame

EXAMPLES = (
    "vaecli reconstruct",
    "vaecli reconstruct fashion-1 --epochs 0,1,2,5,10,20 -o learning.png",
    "vaecli reconstruct fashion-1 --epochs-gif",
    "vaecli reconstruct fashion-1 --images shoe.png bag.jpg",
)


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
        typer.Option("--epochs", metavar="LIST|all", help="A row per epoch: all, or a list as 0,1,5,20."),
    ] = None,
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    count: Annotated[
        int,
        number_option(int, "--count", least=1, most=1000, help="Held-out images, of each class in turn."),
    ] = 10,
    fps: FramesPerSecond = 2.0,
    hold: Hold = 2.0,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw images over their reconstructions: one epoch, a row per epoch, or an animation."""
    from vaecli.render.encode import Timing

    streams = Streams(quiet=quiet, as_json=as_json)
    pictures.check_ending(output)
    found = open_run(artifacts, run)
    drawn = _drawn_epochs(found, epochs, epoch, epochs_gif=epochs_gif)
    if images:
        originals, names, rows = _of_files(streams, found, images, drawn)
    else:
        originals, names, rows = _of_heldout_images(found, drawn, count)
    frames = _frames(found, originals, names, rows, drawn, in_rows=epochs is not None, animated=epochs_gif)
    stem = pictures.stem_of(found, "reconstructions", drawn, animated=epochs_gif or epochs is not None)
    facts = {"run": found.name, "epochs": drawn, "images": len(originals)}
    pictures.deliver_frames(streams, output, stem, frames, Timing(fps, hold), facts, animated=epochs_gif)


class Command(help.Command):
    """A command whose `--images` takes all files up to the next option, as a shell's `*` gives them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line after giving each file its own option."""
        return super().parse_args(ctx, each_its_own("--images", args))


def each_its_own(option: str, arguments: Sequence[str]) -> list[str]:
    """Return arguments in which an option stands before each of its values.

    >>> each_its_own("--images", ["toy-1", "--images", "a.png", "b.png", "-q"])
    ['toy-1', '--images', 'a.png', '--images', 'b.png', '-q']
    """
    spread: list[str] = []
    inside = False
    for argument in arguments:
        if argument.startswith("-") and argument != "-":
            inside = argument == option
        elif inside and spread[-1] != option:
            spread.append(option)
        spread.append(argument)
    return spread


def _drawn_epochs(run: Run, epochs: str | None, epoch: int | None, *, epochs_gif: bool) -> list[int]:
    """Return the epochs to draw.

    Raises:
        UsageError: If the options contradict each other.
    """
    if epochs is None or epochs_gif:
        if epochs is not None:
            raise UsageError("--epochs and --epochs-gif exclude each other.")
        return pictures.drawn_epochs(run, epoch, all_of_them=epochs_gif)
    if epoch is not None:
        raise UsageError("--epochs and --epoch exclude each other.")
    if epochs == "all":
        return pictures.drawn_epochs(run, None, all_of_them=True)
    return sorted(set(pictures.parse_numbers(epochs, "--epochs", lowest=0)))


def _frames(
    run: Run,
    originals: NDArray[np.uint8],
    names: Sequence[str],
    rows: Sequence[NDArray[np.uint8]],
    epochs: Sequence[int],
    *,
    in_rows: bool,
    animated: bool,
) -> Sequence[Frame]:
    from vaecli.render.frames import elbo_words
    from vaecli.render.reconstructions import reconstruction_frames, reconstructions

    if not in_rows:
        captions = [pictures.caption_of(run, epoch) for epoch in epochs]
        scale = 1 if animated else pictures.STILL_SCALE
        return reconstruction_frames(originals, rows, captions, names, title=run.name, scale=scale)
    labels = [(f"epoch {epoch}", elbo_words(run.metrics(epoch).negative_elbo)) for epoch in epochs]
    scale = pictures.STILL_SCALE if len(epochs) <= 30 else 1
    return [reconstructions(originals, rows, labels, names, title=run.name, scale=scale)]


def _of_heldout_images(
    run: Run, epochs: Sequence[int], count: int
) -> tuple[NDArray[np.uint8], list[str], list[NDArray[np.uint8]]]:
    """Return the fixed held-out images, their classes, and their reconstructions of each epoch."""
    snapshots = [run.snapshot(epoch) for epoch in epochs]
    last = snapshots[-1]
    classes = pictures.names_of(run)
    names = [classes[label] for label in last.original_labels[:count]] if classes else []
    return last.originals[:count], names, [snapshot.reconstructions[:count] for snapshot in snapshots]


def _of_files(
    streams: Streams, run: Run, files: Sequence[str], epochs: Sequence[int]
) -> tuple[NDArray[np.uint8], list[str], list[NDArray[np.uint8]]]:
    """Return image files as images of the run, their names, and their reconstructions of each epoch."""
    from vaecli.images import to_uint8

    images = read_own_images(streams, run, files)
    rows = [
        to_uint8(open_network(streams, run, "reconstruct", epoch).reconstruct(images)) for epoch in epochs
    ]
    return images, ["stdin" if file == "-" else Path(file).name for file in files], rows
