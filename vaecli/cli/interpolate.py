"""`vaecli interpolate`: the images on the way from one point of latent space to another."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaecli.cli import pictures
from vaecli.cli.grid import decode
from vaecli.cli.networks import open_network
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Epoch,
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
from vaecli.errors import DataError, UsageError
from vaecli.store import Run
from vaecli.words import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vaecli.render.frames import Frame
    from vaecli.render.walk import Walk
    from vaecli.store import Snapshot

EXAMPLES = (
    'vaecli interpolate --from sandal --via sneaker --to "ankle boot"',
    "vaecli interpolate fashion-1 --from '#0' --to '#7' --steps 10 -o walk.png",
    "vaecli interpolate fashion-1 --from z:-2,0 --to z:2,0 --on-latent --gif",
    "vaecli interpolate fashion-1 --from shoe.png --to bag --path spherical -o walk.gif",
)

_POINT = "A class, a held-out image as #123, an image file, or a latent as z:0.5,-1.2."


def command(
    start: Annotated[str, typer.Option("--from", metavar="POINT", help=f"Where it starts. {_POINT}")],
    stop: Annotated[str, typer.Option("--to", metavar="POINT", help="Where it ends.")],
    run: RunReference = "latest",
    via: Annotated[
        list[str] | None, typer.Option("--via", metavar="POINT", help="Where it passes; any number of times.")
    ] = None,
    steps: Annotated[int, number_option(int, "--steps", least=2, most=10_000, help="Images in total.")] = 16,
    path: Annotated[
        str,
        typer.Option(
            "--path", metavar="linear|spherical", help="Straight, or on great circles about the origin."
        ),
    ] = "linear",
    on_latent: Annotated[
        bool, typer.Option("--on-latent", help="Draw the walk on the scatter beside its images.")
    ] = False,
    gif: Annotated[
        bool, typer.Option("--gif", help="Animate it; so does -o FILE.gif, .webp or .mp4.")
    ] = False,
    epoch: Epoch = None,
    fps: FramesPerSecond = 8.0,
    hold: Hold = 1.0,
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Walk through latent space from A to B and decode the images on the way."""
    from vaecli.latents import walk, walk_stops
    from vaecli.render.encode import Timing
    from vaecli.render.walk import Walk

    streams = Streams(quiet=quiet, as_json=as_json)
    pictures.check_ending(output)
    animated = gif or Path(output or "").suffix.lower() in {".gif", ".webp", ".mp4"}
    found = open_run(artifacts, run)
    chosen = pictures.drawn_epochs(found, epoch, all_of_them=False)[0]
    words = [start, *(via or []), stop]
    stops = walk_stops(len(words), steps)  # a mistake here is told before TensorFlow is loaded
    points, names = _points(streams, found, chosen, words)
    latents = walk(points, steps, path)
    images = decode(streams, found, chosen, latents)
    way = Walk(images, dict(zip(stops, names, strict=True)))
    frames = _frames(found, chosen, way, latents, on_latent=on_latent, animated=animated)
    facts = {"run": found.name, "epochs": [chosen], "stops": names, "latents": latents.tolist()}
    what = "walk-on-latents" if on_latent else "walk"
    stem = pictures.stem_of(found, what, [chosen], animated=animated)
    pictures.deliver_frames(streams, output, stem, frames, Timing(fps, hold), facts, animated=animated)


def _frames(
    run: Run, epoch: int, way: Walk, latents: NDArray[np.float32], *, on_latent: bool, animated: bool
) -> Sequence[Frame]:
    from dataclasses import replace

    from vaecli.latents import robust_bounds
    from vaecli.render.walk import filmstrip, walk_frames, walk_on_scatter, walk_on_scatter_frames

    title = f"epoch {epoch}" if on_latent else f"{run.name}  ·  epoch {epoch}"
    scale = 1 if animated else pictures.STILL_SCALE
    if not on_latent:
        return walk_frames(way, title=title) if animated else [filmstrip(way, title=title, scale=scale)]
    cloud, projection = pictures.load_cloud(run, [epoch])
    way = replace(way, points=projection.apply(latents))
    bounds = robust_bounds(
        [*cloud.points, *([way.points] if way.points is not None else [])], 1.0 - 2e-3, 3.0
    )
    names = pictures.names_of(run)
    if animated:
        return walk_on_scatter_frames(way, cloud, names, bounds, title=title)
    return [walk_on_scatter(way, cloud, names, bounds, title=title, scale=scale)]


def _points(
    streams: Streams, run: Run, epoch: int, words: Sequence[str]
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the latents that words mean, `(k, latent_dim)`, and what to call them."""
    import numpy as np

    snapshot = run.snapshot(epoch)
    found = [
        _latent(word, run) or _heldout(word, run, snapshot) or _class(word, run, snapshot) for word in words
    ]
    files = [word for word, point in zip(words, found, strict=True) if point is None]
    of_files = dict(zip(files, _encoded(streams, run, epoch, files), strict=True)) if files else {}
    points = [
        point if point is not None else (of_files[word], Path(word).name)
        for word, point in zip(words, found, strict=True)
    ]
    return np.stack([latent for latent, _ in points]), [name for _, name in points]


_Point = tuple["NDArray[np.float32]", str]


def _latent(word: str, run: Run) -> _Point | None:
    """Return the latent that `z:0.5,-1.2` spells out.

    Raises:
        UsageError: If it is not one of the run.
    """
    import numpy as np

    if not word.startswith("z:"):
        return None
    try:
        latent = np.array([float(number) for number in word[2:].split(",")], np.float32)
    except ValueError:
        latent = np.zeros(0, np.float32)
    if latent.shape != (run.config.latent_dim,) or not np.isfinite(latent).all():
        raise UsageError(
            f"{word!r} is no latent.", f"Expected: z: and {run.config.latent_dim} numbers with commas."
        )
    numbers = ", ".join(map(number, latent[:3].tolist()))
    return latent, f"({numbers}{', …' if len(latent) > 3 else ''})"


def _heldout(word: str, run: Run, snapshot: Snapshot) -> _Point | None:
    """Return the mean of the held-out image that `#123` numbers.

    Raises:
        DataError: If the run does not follow such an image.
    """
    import numpy as np

    if not (word.startswith("#") and word[1:].isascii() and word[1:].isdigit()):
        return None
    places = np.flatnonzero(snapshot.index == int(word[1:]))
    if not len(places):
        raise DataError(
            f"Run {run.name} has no held-out image {word}.",
            f"Expected: one of the {len(snapshot.index):,} that it follows,"
            f" #{snapshot.index.min()} to #{snapshot.index.max()}.",
        )
    names = pictures.names_of(run)
    name = f" {names[snapshot.labels[places[0]]]}" if names else ""
    return snapshot.mean[places[0]], word + name


def _class(word: str, run: Run, snapshot: Snapshot) -> _Point | None:
    """Return the mean latent of a class, or None where a file of that name is meant.

    Raises:
        DataError: If there is neither.
    """
    from vaecli.latents import class_means

    names = list(run.dataset.class_names)
    lowered = [name.lower() for name in names]
    if word.lower() in lowered:
        label = lowered.index(word.lower())
        mean = class_means(snapshot.mean, snapshot.labels, len(names))[label]
        if mean[0] != mean[0]:
            raise DataError(f"No held-out image of run {run.name} is a {names[label]}.")
        return mean, names[label]
    if os.path.isfile(word):  # noqa: PTH113 - False where `is_file` would raise
        return None
    near = difflib.get_close_matches(word.lower(), lowered, n=1)
    raise DataError(
        f"{word!r} is no class of {run.dataset.name} and no file.",
        f"Classes: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}.",
        f"Did you mean {names[lowered.index(near[0])]!r}?" if near else "",
    )


def _encoded(streams: Streams, run: Run, epoch: int, files: Sequence[str]) -> NDArray[np.float32]:
    """Return the means of image files, `(files, latent_dim)`."""
    images = read_own_images(streams, run, files)
    return open_network(streams, run, "encode and decode", epoch).encode(images)[0]
