"""What the decoder makes of latent space: a grid of latents as images, or draws from the prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vaecli import latents
from vaecli.errors import RunNotFound, UsageError
from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.clouds import load_cloud, names_of
from vaecli.figures.comparison import Others, all_runs, telling_names
from vaecli.figures.epochs import (
    Epochs,
    Snapshots,
    are_several,
    caption_of,
    decoded_epochs,
    drawn_epochs,
    stem_of,
)
from vaecli.figures.figure import Figure
from vaecli.figures.points import Place, Point, find_places
from vaecli.inference import Images, decode, decode_epochs
from vaecli.observers import Say, silence
from vaecli.render.encode import Timing
from vaecli.render.frames import Frame, Frames
from vaecli.render.grid import Grid, grid_beside_scatter
from vaecli.render.grid import grids as draw_grids
from vaecli.render.look import Look
from vaecli.render.sheet import contact_sheet
from vaecli.store import Run

#: Which plane an animation shows if latents are more than two: that of its last epoch, or of each.
PLANES = ("last", "each")


@dataclass(frozen=True)
class _Request:
    """The grid that is asked for; None is as stored."""

    rows: int | None = None
    columns: int | None = None
    extent: float | None = None
    spacing: str | None = None
    dims: Sequence[int] | None = None
    at: Point | None = None

    @property
    def is_stored(self) -> bool:
        return all(value is None for value in vars(self).values())


@dataclass(frozen=True)
class _Grids:
    """Grids to draw.

    Attributes:
        epochs: One per grid.
        images: `(rows, columns, height, width, channels)` uint8 per grid, read when asked for.
        latents: `(rows, columns, latent_dim)`, the same for all of them.
        dims: The latents that vary in the last grid.
        planes: Those that vary in each grid.
        held: Where the others are held.
    """

    epochs: list[int]
    images: Sequence[Images]
    latents: NDArray[np.float32]
    dims: tuple[int, ...]
    planes: list[tuple[int, ...]]
    held: Place | None = None

    def note(self) -> str:
        """Return what stands below the grid: where the latents outside the plane are held."""
        others = [dim for dim in range(self.latents.shape[-1]) if dim not in self.dims]
        if not others:
            return ""
        where = "0, the prior's mean" if self.held is None else self.held.title
        if len(others) == 1 and not self.plane_names():
            return f"{latents.latent_name(others[0])} is held at {where}."
        return f"The other {len(others)} latents are held at {where}."

    def plane_names(self) -> list[list[str]]:
        """Return the names of the latents of each grid; none if they are the same in all."""
        if set(self.planes) == {self.dims}:
            return []
        return [[latents.latent_name(dim) for dim in plane] for plane in self.planes]

    def axes(self) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Return the latent values of the columns, and of the rows from top to bottom."""
        x_axis = self.latents[0, :, self.dims[0]]
        return x_axis, self.latents[:, 0, self.dims[1]] if len(self.dims) == 2 else None


def grid(
    run: Run | str,
    *,
    epochs: Epochs = None,
    beside_latent: bool = False,
    compare: Others = (),
    rows: int | None = None,
    columns: int | None = None,
    extent: float | None = None,
    spacing: str | None = None,
    dims: Sequence[int] | None = None,
    at: Point | None = None,
    point: str = "member",
    plane: str = "last",
    random: int | None = None,
    seed: int = 0,
    fps: float = 4.0,
    hold: float = 2.0,
    say: Say = silence,
) -> Figure:
    """Draw decoded images of a grid of latents; up is up, as in `latent_plot`.

    Every epoch keeps a grid of 20 × 20 latents from −3 to 3. Any other one is decoded anew, with
    the epoch's weights.

    Args:
        run: The run, or a word that means one (see `open_run`).
        epochs: One epoch, by default the last; or `all` or several, for an animation.
        beside_latent: Draw the scatter beside it, with the grid's points.
        compare: Another run or several, whose grids are drawn beside it.
        rows: Rows of another grid.
        columns: Columns of another grid.
        extent: Its largest latent value.
        spacing: `linear` or `quantile`: equal steps, or equal shares of the prior.
        dims: The one or two latents that vary, counted from 0; by default those with most KL.
        at: Where the other latents are held: a class's name, a held-out image as `#123`, the path of an
            image, a latent, or a sum such as `bag - boot + sandal`; by default the prior's mean, 0.
        point: What a class's name means, as in `interpolate`.
        plane: `last`: all frames show the plane with the most KL in the last epoch drawn; or `each`: each
            shows that of its own epoch, and names it.
        random: Decode so many draws from the prior instead of a grid.
        seed: What is drawn from the prior follows from it.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Who is told that the planes differ, or that loading takes a moment.

    Raises:
        UsageError: If the grid cannot be drawn, or one and random draws are asked for.
        RunNotFound: If there is no such run or epoch, or it keeps no weights though they are needed.
    """
    runs, moving = all_runs(run, compare), are_several(epochs)
    run = runs[0]
    request = _Request(rows, columns, extent, spacing, dims, at)
    if plane not in PLANES:
        raise UsageError(f"plane is {plane!r}.", f"Expected one of: {', '.join(PLANES)}.")
    if random is not None:
        if moving or beside_latent or compare or not request.is_stored:
            raise UsageError("--random does not draw a grid.", "Expected: only a seed and one epoch with it.")
        return _from_prior(run, drawn_epochs(run, epochs)[0], random, seed, say)
    if beside_latent and compare:
        raise UsageError("--beside-latent and --compare cannot be combined.")
    snapshots = [Snapshots(each) for each in runs]
    drawn = [
        drawn_epochs(each, epochs) if request.is_stored else decoded_epochs(each, epochs, say)
        for each in runs
    ]
    grids = [
        _stored(each, own, plane, say) if request.is_stored else _decoded(each.run, own, request, point, say)
        for each, own in zip(snapshots, drawn, strict=True)
    ]
    draw = partial(_beside_scatter, snapshots[0], grids[0]) if beside_latent else partial(_alone, runs, grids)
    facts = {
        "run": run.name,
        "epochs": drawn[0],
        "shape": list(grids[0].latents.shape[:2]),
        "dims": [dim + 1 for dim in grids[0].dims],
        "at": grids[0].held.title if grids[0].held else None,
    }
    others = [other.name for other in runs[1:]]
    if others:
        facts["compared_with"] = others
    what = "-".join([*others, "grid-beside-latents" if beside_latent else "grid"])
    caption = paper_caption(
        f"Decoded images of a grid of latents. {grids[0].note()}".rstrip(), runs, drawn[0][-1]
    )
    stem = stem_of(run, what, drawn[0], whole=moving)
    return Figure(stem, draw, facts, moving, Timing(fps, hold), caption)


def _alone(runs: Sequence[Run], grids: Sequence[_Grids], look: Look) -> Sequence[Frame]:
    titles = telling_names(runs) if len(runs) > 1 else [title_of(runs[0])]
    panels = [
        Grid(
            each.images,
            *each.axes(),
            captions=[caption_of(run, epoch) for epoch in each.epochs],
            title=title,
            axis_labels=[latents.latent_name(dim) for dim in each.dims],
            planes=each.plane_names(),
            note=each.note(),
        )
        for run, title, each in zip(runs, titles, grids, strict=True)
    ]
    return draw_grids(panels, look=look)


def _beside_scatter(snapshots: Snapshots, grids: _Grids, look: Look) -> Sequence[Frame]:
    cloud, projection = load_cloud(snapshots, grids.epochs, grids.dims)
    planes = grids.plane_names()
    if planes:
        pairs = zip(grids.epochs, grids.planes, strict=True)
        cloud = replace(cloud, points=[snapshots[epoch].mean[:, plane] for epoch, plane in pairs])
    places = projection.apply(grids.latents)
    bounds = latents.robust_bounds(cloud.points, at_least=float(abs(places).max()))
    return grid_beside_scatter(
        cloud,
        names_of(snapshots.run),
        bounds,
        grids.images,
        places,
        *grids.axes(),
        planes=planes,
        note=grids.note(),
        look=look,
    )


def _stored(snapshots: Snapshots, epochs: list[int], plane: str, say: Say) -> _Grids:
    """Return the grids that were stored, decoded anew where they show another plane than the last one.

    With more than two latents an epoch stores the plane of the two with the largest KL, which
    may be others in each.
    """
    last = snapshots[epochs[-1]]
    dims = tuple(int(dim) for dim in last.grid_dims)
    stored = [tuple(int(dim) for dim in snapshots[epoch].grid_dims) for epoch in epochs]
    others = [epoch for epoch, own in zip(epochs, stored, strict=True) if set(own) != set(dims)]
    anew: dict[int, Images] = {}
    if plane == "last":
        anew = _anew(snapshots.run, others, last.grid_latents, say)
    planes = [
        own if set(own) != set(dims) and epoch not in anew else dims
        for epoch, own in zip(epochs, stored, strict=True)
    ]
    if set(planes) != {dims}:
        say("Each frame shows the plane of the two latents with most KL in its epoch; the axes name them.")

    def load(index: int) -> Images:
        if epochs[index] in anew:
            return anew[epochs[index]]
        images = snapshots[epochs[index]].grid
        return images if planes[index] == stored[index] else _turned(images)

    return _Grids(epochs, Frames(len(epochs), load), last.grid_latents, dims, planes)


def _anew(run: Run, epochs: Sequence[int], points: NDArray[np.float32], say: Say) -> dict[int, Images]:
    """Return the grids of some epochs, decoded at points; none of them if one keeps no weights."""
    try:
        images = decode_epochs(run, [points] * len(epochs), epochs, say=say)
    except RunNotFound as error:
        say(f"The plane changes between frames. {error.what}")
        return {}
    if epochs:
        say(f"Decoded anew in the plane of the last epoch: {', '.join(map(str, epochs))}.")
    return dict(zip(epochs, images, strict=True))


def _turned(images: Images) -> Images:
    """Return a square grid with its two axes exchanged; up stays up.

    >>> _turned(np.array([[1, 2], [3, 4]]))
    array([[4, 2],
           [3, 1]])
    """
    return images[::-1, ::-1].swapaxes(0, 1)


def _decoded(run: Run, epochs: list[int], request: _Request, meaning: str, say: Say) -> _Grids:
    """Return grids decoded anew, each with its epoch's weights."""
    dims = tuple(request.dims or latents.grid_dims(run.metrics(epochs[-1]).kl_per_latent))
    places = _places(run, epochs, dims, request.at, meaning, say)
    points = [
        latents.grid(
            request.rows or latents.GRID_SIDE,
            request.columns or latents.GRID_SIDE,
            run.config.latent_dim,
            dims,
            request.extent if request.extent is not None else latents.GRID_EXTENT,
            request.spacing or "linear",
            place.latent if place else None,
        )
        for place in places
    ]
    images = decode_epochs(run, points, epochs, say=say)
    return _Grids(epochs, images, points[-1], dims, [dims] * len(epochs), places[-1])


def _places(
    run: Run, epochs: Sequence[int], dims: Sequence[int], at: Point | None, meaning: str, say: Say
) -> list[Place | None]:
    """Return where the latents outside the plane are held in each epoch: at the same image in all of them.

    Raises:
        UsageError: If there are none to hold.
    """
    if at is None:
        return [None] * len(epochs)
    if len(dims) >= run.config.latent_dim:
        raise UsageError(
            f"There is nothing to hold --at: run {run.name} has no latent beside those of the grid.",
            "Expected: a run of more than two latents.",
        )
    (last,) = find_places(run, epochs[-1], [at], say, meaning=meaning)
    same = last.again or at
    earlier = [find_places(run, epoch, [same], say, meaning=meaning)[0] for epoch in epochs[:-1]]
    return [*earlier, last]


def _from_prior(run: Run, epoch: int, count: int, seed: int, say: Say) -> Figure:
    draws = latents.prior_draws(count, run.config.latent_dim, seed)
    title = f"{title_of(run)}  ·  {count} draws from the prior  ·  epoch {epoch}"
    images = decode(run, draws, epoch=epoch, say=say)
    facts = {"run": run.name, "epochs": [epoch], "random": count, "seed": seed}
    return Figure(
        stem_of(run, "random", [epoch], whole=False),
        lambda look: contact_sheet(images, title=title, look=look),
        facts,
        caption=paper_caption(f"{count} images decoded from draws of the prior.", [run], epoch),
    )
