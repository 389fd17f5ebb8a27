"""`vaecli sample-grid`, also `grid`: what the decoder makes of latent space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli.cli import pictures
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
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError
from vaecli.store import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vaecli.render.frames import Frame

EXAMPLES = (
    "vaecli grid",
    "vaecli grid fashion-1 --epochs-gif -o learning.gif",
    "vaecli grid fashion-1 --epochs-gif --beside-latent",
    "vaecli grid fashion-1 --rows 30 --columns 30 --spacing quantile",
    "vaecli grid fashion-1 --random 24 --seed 7 -o drawn.png",
)


@dataclass(frozen=True)
class _Wish:
    """The grid that was asked for; None is as stored."""

    rows: int | None
    columns: int | None
    extent: float | None
    spacing: str | None
    dims: list[int] | None

    @property
    def is_stored(self) -> bool:
        return self == _Wish(None, None, None, None, None)


@dataclass(frozen=True)
class _Grids:
    """Grids to draw.

    Attributes:
        epochs: One per grid.
        images: `(rows, columns, height, width, channels)` uint8 per grid, read when asked for.
        latents: `(rows, columns, latent_dim)`, the same for all of them.
        dims: The latents that vary in the last grid.
        planes: Those that vary in each grid.
    """

    epochs: list[int]
    images: Sequence[NDArray[np.uint8]]
    latents: NDArray[np.float32]
    dims: tuple[int, ...]
    planes: list[tuple[int, ...]]

    def plane_names(self) -> list[list[str]]:
        """Return the names of the latents of each grid; none if they are the same in all."""
        from vaecli.latents import latent_name

        if set(self.planes) == {self.dims}:
            return []
        return [[latent_name(dim) for dim in plane] for plane in self.planes]


def command(
    run: RunReference = "latest",
    epochs_gif: EpochsGif = False,
    epoch: Epoch = None,
    beside_latent: Annotated[
        bool, typer.Option("--beside-latent", help="Beside the scatter, with the grid's points on it.")
    ] = False,
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
            help="The two latents of the plane, from 1; by default those with most KL.",
        ),
    ] = None,
    random: Annotated[
        int | None,
        number_option(int, "--random", least=1, most=10_000, help="Decode N draws from the prior instead."),
    ] = None,
    seed: Annotated[int, number_option(int, "--seed", least=0, help="The seed of --random.")] = 0,
    fps: FramesPerSecond = 4.0,
    hold: Hold = 2.0,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw decoded images of a grid of latents; up is up, as in latent-plot."""
    from vaecli.render.encode import Timing

    streams = Streams(quiet=quiet, as_json=as_json)
    pictures.check_ending(output)
    found = open_run(artifacts, run)
    epochs = pictures.drawn_epochs(found, epoch, all_of_them=epochs_gif)
    wish = _Wish(rows, columns, extent, spacing, pictures.parse_dims(dims))
    scale = 1 if epochs_gif else pictures.STILL_SCALE
    facts: dict[str, Any] = {"run": found.name}
    if random is not None:
        if epochs_gif or beside_latent or not wish.is_stored:
            raise UsageError("--random draws no grid.", "Expected: only --seed, --epoch and -o beside it.")
        frames: Sequence[Frame] = [_drawn_from_prior(streams, found, epochs[0], random, seed, scale)]
        facts |= {"epochs": epochs, "random": random, "seed": seed}
    else:
        grids = _stored(streams, found, epochs) if wish.is_stored else _decoded(streams, found, epochs, wish)
        frames = _beside_scatter(found, grids, scale) if beside_latent else _alone(found, grids, scale)
        facts |= {
            "epochs": grids.epochs,
            "shape": list(grids.latents.shape[:2]),
            "dims": [dim + 1 for dim in grids.dims],
        }
    what = "random" if random else "grid-beside-latents" if beside_latent else "grid"
    stem = pictures.stem_of(found, what, epochs, animated=epochs_gif)
    pictures.deliver_frames(streams, output, stem, frames, Timing(fps, hold), facts, animated=epochs_gif)


def _alone(run: Run, grids: _Grids, scale: int) -> Sequence[Frame]:
    from vaecli.latents import latent_name
    from vaecli.render.grid import grid

    captions = [pictures.caption_of(run, epoch) for epoch in grids.epochs]
    names = [latent_name(dim) for dim in grids.dims]
    return grid(
        grids.images,
        *_axes(grids),
        captions=captions,
        title=run.name,
        axis_labels=names,
        planes=grids.plane_names(),
        scale=scale,
    )


def _beside_scatter(run: Run, grids: _Grids, scale: int) -> Sequence[Frame]:
    from vaecli.latents import robust_bounds
    from vaecli.render.grid import grid_beside_scatter

    cloud, projection = pictures.load_cloud(run, grids.epochs, grids.dims)
    if planes := grids.plane_names():
        points = [
            run.snapshot(epoch).mean[:, plane]
            for epoch, plane in zip(grids.epochs, grids.planes, strict=True)
        ]
        cloud = replace(cloud, points=points)
    latents = projection.apply(grids.latents)
    bounds = robust_bounds(cloud.points, at_least=float(abs(latents).max()))
    return grid_beside_scatter(
        cloud,
        pictures.names_of(run),
        bounds,
        grids.images,
        latents,
        *_axes(grids),
        planes=planes,
        scale=scale,
    )


def _axes(grids: _Grids) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return the latent values of the columns, and of the rows from top to bottom."""
    x_axis = grids.latents[0, :, grids.dims[0]]
    return x_axis, grids.latents[:, 0, grids.dims[1]] if len(grids.dims) == 2 else None


def _stored(streams: Streams, run: Run, epochs: list[int]) -> _Grids:
    """Return the grids that were stored.

    With more than two latents an epoch stores the plane of the two with the largest KL, which
    may be others in each.
    """
    from vaecli.render.frames import Frames

    last = run.snapshot(epochs[-1])
    dims = tuple(int(dim) for dim in last.grid_dims)
    stored = [tuple(int(dim) for dim in run.snapshot(epoch).grid_dims) for epoch in epochs]
    planes = [dims if set(plane) == set(dims) else plane for plane in stored]
    if set(planes) != {dims}:
        streams.say(
            "Each frame shows the plane of the two latents with most KL in its epoch; the axes name them."
        )

    def load(index: int) -> NDArray[np.uint8]:
        images = run.snapshot(epochs[index]).grid
        return images if planes[index] == stored[index] else _turned(images)

    return _Grids(epochs, Frames(len(epochs), load), last.grid_latents, dims, planes)


def _turned(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a square grid with its two axes exchanged; up stays up.

    >>> import numpy as np
    >>> _turned(np.array([[1, 2], [3, 4]]))
    array([[4, 2],
           [3, 1]])
    """
    return images[::-1, ::-1].swapaxes(0, 1)


def _decoded(streams: Streams, run: Run, epochs: list[int], wish: _Wish) -> _Grids:
    """Return grids decoded anew, each by its epoch's checkpoint."""
    from vaecli.latents import GRID_EXTENT, GRID_SIDE, grid, grid_dims

    latent_dim = run.config.latent_dim
    dims = tuple(wish.dims or grid_dims(run.metrics(epochs[-1]).kl_per_latent))
    latents = grid(
        wish.rows or GRID_SIDE,
        wish.columns or GRID_SIDE,
        latent_dim,
        dims,
        wish.extent if wish.extent is not None else GRID_EXTENT,
        wish.spacing or "linear",
    )
    images = [decode(streams, run, epoch, latents) for epoch in epochs]
    return _Grids(epochs, images, latents, dims, [dims] * len(epochs))


def _drawn_from_prior(streams: Streams, run: Run, epoch: int, count: int, seed: int, scale: int) -> Frame:
    from vaecli.latents import prior_draws
    from vaecli.render.sheet import contact_sheet

    images = decode(streams, run, epoch, prior_draws(count, run.config.latent_dim, seed))
    title = f"{run.name}  ·  {count} draws from the prior  ·  epoch {epoch}"
    return contact_sheet(images, title=title, scale=scale)


def decode(streams: Streams, run: Run, epoch: int, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return uint8 images `(..., height, width, channels)` of latents `(..., latent_dim)`."""
    from vaecli.images import to_uint8

    pixels = open_network(streams, run, "decode", epoch).decode(latents.reshape(-1, latents.shape[-1]))
    images = to_uint8(pixels)
    return images.reshape(*latents.shape[:-1], *images.shape[1:])
