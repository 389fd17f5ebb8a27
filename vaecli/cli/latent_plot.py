"""`vaecli latent-plot`: where the encoder puts the held-out images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vaecli.cli import pictures
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
    complete_run,
    open_run,
)
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError
from vaecli.store import Run

if TYPE_CHECKING:
    from vaecli.render.panel import Cloud

EXAMPLES = (
    "vaecli latent-plot",
    "vaecli latent-plot fashion-1 --epochs-gif --smooth -o learning.gif",
    "vaecli latent-plot fashion-1 --compare fashion-2 --epochs-gif",
    "vaecli latent-plot fashion-1 --dims 1,3 --epoch 5 -o - > latents.png",
)

_SMOOTH_FPS = 20  # frames a second that the eye takes for motion


def command(
    run: RunReference = "latest",
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="RUN",
            help="Draw this run beside it, on the same scale.",
            autocompletion=complete_run,
        ),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option(
            "--dims",
            metavar="I,J",
            help="The two latents to show, from 1; by default the principal components.",
        ),
    ] = None,
    smooth: Annotated[
        bool, typer.Option("--smooth/--no-smooth", help="Ease from epoch to epoch; --fps is epochs a second.")
    ] = False,
    fps: FramesPerSecond = 2.0,
    hold: Hold = 2.0,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the latent means of the held-out images, coloured by class."""
    from vaecli.latents import robust_bounds
    from vaecli.render.encode import Timing
    from vaecli.render.scatter import scatter

    streams = Streams(quiet=quiet, as_json=as_json)
    pictures.check_ending(output)
    runs = [open_run(artifacts, run)] + ([open_run(artifacts, compare)] if compare else [])
    drawn = [pictures.drawn_epochs(each, epoch, all_of_them=epochs_gif) for each in runs]
    chosen = pictures.parse_dims(dims)
    clouds = _clouds(runs, drawn, chosen)
    bounds = robust_bounds((points for cloud in clouds for points in cloud.points), at_least=3.0)
    between = max(round(_SMOOTH_FPS / fps) - 1, 0) if smooth else 0
    frames = scatter(
        clouds,
        _shared_names(runs),
        bounds,
        between=between,
        scale=1 if epochs_gif else pictures.STILL_SCALE,
    )
    pictures.deliver_frames(
        streams,
        output,
        pictures.stem_of(
            runs[0], "latents" if len(runs) == 1 else f"{runs[1].name}-latents", drawn[0], animated=epochs_gif
        ),
        frames,
        Timing(fps * (between + 1), hold),
        {"run": runs[0].name, "compared_with": runs[1].name if compare else None, "epochs": drawn[0]},
        animated=epochs_gif,
    )


def _clouds(runs: list[Run], drawn: list[list[int]], dims: list[int] | None) -> list[Cloud]:
    """Return the points of each run; compared ones say in which β they differ."""
    clouds = [pictures.load_cloud(run, epochs, dims)[0] for run, epochs in zip(runs, drawn, strict=True)]
    if len({run.config.beta for run in runs}) > 1:
        titles = [f"{run.name}  ·  β = {run.config.beta:g}" for run in runs]
        clouds = [pictures.titled(cloud, title) for cloud, title in zip(clouds, titles, strict=True)]
    if len({cloud.points[0].shape[1] for cloud in clouds}) > 1:
        raise UsageError(
            f"{runs[0].name} and {runs[1].name} cannot be drawn on the same scale.",
            "Expected: two runs with one latent, or two with more.",
        )
    return clouds


def _shared_names(runs: list[Run]) -> list[str]:
    """Return the names of the classes, which compared runs must share.

    Raises:
        UsageError: If they do not.
    """
    names = [pictures.names_of(run) for run in runs]
    if names[0] != names[-1]:
        raise UsageError(
            f"{runs[0].name} and {runs[-1].name} have different classes.",
            "Expected: two runs on the same dataset.",
        )
    return names[0]
