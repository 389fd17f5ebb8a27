"""A walk through latent space: the images on the way from one point to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.clouds import load_cloud, names_of
from vaecli.figures.epochs import Snapshots, drawn_epochs, stem_of
from vaecli.figures.figure import Figure
from vaecli.figures.points import Place, Point, find_places, with_originals
from vaecli.inference import Images, decode
from vaecli.latents import robust_bounds, walk, walk_stops
from vaecli.observers import Say, silence
from vaecli.render.encode import Timing
from vaecli.render.frames import Frames
from vaecli.render.walk import Walk, filmstrip, walk_frames, walk_on_scatter, walk_on_scatter_frames
from vaecli.runs import open_run
from vaecli.store import Run

_NEARLY_ALL = 1.0 - 2e-3  # of the held-out images are inside the window
_EXTENT = 3.0  # which reaches so far at least


def interpolate(
    run: Run | str,
    points: Sequence[Point],
    *,
    steps: int = 16,
    path: str = "linear",
    point: str = "member",
    on_latent: bool = False,
    moving: bool = False,
    epoch: int | None = None,
    fps: float = 8.0,
    hold: float = 1.0,
    say: Say = silence,
) -> Figure:
    """Walk through latent space from point to point and decode the images on the way.

    Args:
        run: The run, or a word that means one (see `open_run`).
        points: Where it starts, passes and ends: each a class's name, a held-out image as `#123`, the
            path of an image, a latent, `(latent_dim,)` or as `z:0.5,-1.2`; or a sum such as
            `ankle boot - sneaker + sandal`.
        steps: Images in all.
        path: `linear`; `spherical`: on great circles about the origin; or `data`: along the means of
            held-out images, from each to a near one.
        point: What a class's name means: `member`, the purest and densest of its held-out images, or
            `mean`, the mean of all of them.
        on_latent: Draw the walk on the scatter beside its images.
        moving: Animate it, a frame for each step.
        epoch: The epoch, by default the last one.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Called with a line on what had to be converted or loaded.

    Raises:
        UsageError: If there are too few points or steps, or a latent is not one of the run.
        DataError: If a word does not name a point.
        RunNotFound: If there is no such run or epoch, or it keeps no weights though they are needed.
    """
    run = open_run(run)
    epochs = drawn_epochs(run, epoch)
    stops = walk_stops(len(points), steps)  # a mistake here is reported before anything is loaded
    places = find_places(run, epochs[0], points, say, meaning=point)
    means = run.snapshot(epochs[0]).mean if path == "data" else None
    latents = walk(np.stack([place.latent for place in places]), steps, path, means)
    images = decode(run, latents, epoch=epochs[0], say=say)
    if not moving:
        places = with_originals(run, epochs[0], places, say)
    way = _way(images, dict(zip(stops, places, strict=True)))
    if on_latent:
        draw = _on_scatter(run, epochs[0], way, latents, moving=moving)
    else:
        draw = partial(
            walk_frames if moving else filmstrip, way, title=f"{title_of(run)}  ·  epoch {epochs[0]}"
        )
    facts = {
        "run": run.name,
        "epochs": epochs,
        "stops": [place.name for place in places],
        "indices": [place.index for place in places],
        "latents": latents.tolist(),
    }
    stem = stem_of(run, "walk-on-latents" if on_latent else "walk", epochs, whole=moving)
    what = f"Images decoded on the way from {places[0].title} to {places[-1].title}."
    caption = paper_caption(what, [run], epochs[0])
    return Figure(stem, lambda look: draw(look=look), facts, moving, Timing(fps, hold), caption)


def _way(images: Images, places: Mapping[int, Place]) -> Walk:
    """Return a walk that stands on places at some of its steps."""
    originals = {step: place.original for step, place in places.items() if place.original is not None}
    return Walk(
        images,
        {step: place.name for step, place in places.items()},
        originals=originals,
        captions={step: places[step].caption for step in originals},
    )


def _on_scatter(
    run: Run, epoch: int, way: Walk, latents: NDArray[np.float32], *, moving: bool
) -> Callable[..., Frames]:
    """Return what draws a walk on the scatter."""
    cloud, projection = load_cloud(Snapshots(run), [epoch])
    places = projection.apply(latents)
    bounds = robust_bounds([*cloud.points, places], _NEARLY_ALL, _EXTENT)
    way, names, title = replace(way, points=places), names_of(run), f"epoch {epoch}"
    draw = walk_on_scatter_frames if moving else walk_on_scatter
    return partial(draw, way, cloud, names, bounds, title=title)
