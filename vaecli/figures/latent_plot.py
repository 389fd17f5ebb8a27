"""Where the encoder puts the held-out images: the scatter of their latent means, coloured by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vaecli.errors import UsageError
from vaecli.figures.captions import paper_caption
from vaecli.figures.clouds import load_cloud, names_of
from vaecli.figures.comparison import Others, all_runs, telling_names
from vaecli.figures.epochs import Epochs, Snapshots, are_several, drawn_epochs, stem_of
from vaecli.figures.figure import Figure
from vaecli.latents import robust_bounds
from vaecli.render.encode import Timing
from vaecli.render.frames import Frame
from vaecli.render.look import Look
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter
from vaecli.store import Run

_SMOOTH_FPS = 20  # frames per second that look like motion


def latent_plot(
    run: Run | str,
    *,
    epochs: Epochs = None,
    compare: Others = (),
    dims: Sequence[int] | None = None,
    smooth: bool = False,
    fps: float = 2.0,
    hold: float = 2.0,
) -> Figure:
    """Draw the latent means of the held-out images, coloured by class.

    Args:
        run: The run, or a word that means one (see `open_run`).
        epochs: One epoch, by default the last; or `all` or several, for an animation.
        compare: Another run or several, drawn beside it on the same scale.
        dims: The one or two latents to show, counted from 0; by default all of one or two, else the
            principal components of the last epoch.
        smooth: Move smoothly from epoch to epoch; `fps` then counts epochs.
        fps: Frames per second.
        hold: Seconds that the last frame stays.

    Raises:
        UsageError: If `dims` are not latents of the run, or the runs cannot be compared.
        RunNotFound: If there is no such run or epoch.
    """
    runs = all_runs(run, compare)
    drawn = [drawn_epochs(each, epochs) for each in runs]
    clouds = _clouds(runs, drawn, dims)
    bounds = robust_bounds((points for cloud in clouds for points in cloud.points), at_least=3.0)
    between = max(round(_SMOOTH_FPS / fps) - 1, 0) if smooth else 0
    moving = are_several(epochs)
    names = _shared_names(runs)

    def draw(look: Look) -> Sequence[Frame]:
        return scatter(clouds, names, bounds, between=between, look=look)

    others = [other.name for other in runs[1:]]
    facts = {"run": runs[0].name, "compared_with": others, "epochs": drawn[0]}
    stem = stem_of(runs[0], "-".join([*others, "latents"]), drawn[0], whole=moving)
    timing = Timing(fps * (between + 1), hold)
    caption = paper_caption("Latent means of the held-out images.", runs, drawn[0][-1])
    return Figure(stem, draw, facts, moving, timing, caption)


def _clouds(runs: list[Run], drawn: list[list[int]], dims: Sequence[int] | None) -> list[Cloud]:
    """Return the points of each run; compared ones say in which settings they differ."""
    clouds = [load_cloud(Snapshots(run), epochs, dims)[0] for run, epochs in zip(runs, drawn, strict=True)]
    if len(runs) > 1:
        titles = telling_names(runs)
        clouds = [replace(cloud, title=title) for cloud, title in zip(clouds, titles, strict=True)]
    if len({cloud.points[0].shape[1] for cloud in clouds}) > 1:
        raise UsageError(
            f"{' and '.join(run.name for run in runs)} cannot be drawn on the same scale.",
            "Expected: runs with one latent each, or all of them with more.",
        )
    return clouds


def _shared_names(runs: list[Run]) -> list[str]:
    """Return the names of the classes, which compared runs must share.

    Raises:
        UsageError: If they do not.
    """
    names = [names_of(run) for run in runs]
    for run, own in zip(runs, names, strict=True):
        if own != names[0]:
            raise UsageError(
                f"{runs[0].name} and {run.name} have different classes.",
                "Expected: runs on the same dataset.",
            )
    return names[0]
