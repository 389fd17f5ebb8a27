"""What the drawing commands share: epochs, clouds of points, and frames that become a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from vaecli.cli.encode import last_epoch
from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams
from vaecli.errors import UsageError
from vaecli.store import Run

if TYPE_CHECKING:
    from vaecli.latents import Projection
    from vaecli.render.encode import Timing
    from vaecli.render.frames import Frame
    from vaecli.render.panel import Cloud

STILL_SCALE = 2  # stills are drawn for print and dense screens


def check_ending(output: str | None) -> None:
    """Refuse a file whose ending is no picture's, before anything is drawn.

    Raises:
        UsageError: If so.
    """
    if names_format(output):
        from vaecli.render.encode import format_of

        format_of(str(output))


def deliver_frames(
    streams: Streams,
    output: str | None,
    stem: str,
    frames: Sequence[Frame],
    timing: Timing,
    facts: Mapping[str, Any],
    *,
    animated: bool,
) -> None:
    """Write frames to a file and print its path, or write their bytes to stdout.

    Args:
        streams: Where to print.
        output: What the user gave for `-o`.
        stem: The file's name where nothing was given, without its ending.
        frames: What to write.
        timing: How fast an animation runs.
        facts: What `--json` says beside the path.
        animated: Whether the format is GIF, rather than PNG, where nothing was given.
    """
    from vaecli.render.encode import encode

    def write(file: BinaryIO, ending: str) -> None:
        encode(frames, file, ending.removeprefix("."), timing)

    default = f"{stem}.gif" if animated else f"{stem}.png"
    deliver(streams, output, default, write, {**facts, "frames": len(frames)})


def drawn_epochs(run: Run, epoch: int | None, *, all_of_them: bool) -> list[int]:
    """Return the epochs to draw: all, one, or the last.

    Raises:
        UsageError: If one epoch and all were asked for.
        RunNotFound: If there is none.
    """
    if all_of_them and epoch is not None:
        raise UsageError("--epochs-gif and --epoch exclude each other.")
    last = last_epoch(run)
    return list(run.epochs()) if all_of_them else [last if epoch is None else epoch]


def caption_of(run: Run, epoch: int) -> str:
    """Return what stands in the corner of an epoch's frame."""
    from vaecli.render.frames import caption

    return caption(epoch, run.metrics(epoch).negative_elbo)


def names_of(run: Run) -> list[str]:
    """Return the names of a run's classes; none if its images are all of one."""
    names = run.dataset.class_names
    return list(names) if len(names) > 1 else []


def load_cloud(
    run: Run, epochs: Sequence[int], dims: Sequence[int] | None = None
) -> tuple[Cloud, Projection]:
    """Return the held-out means of some epochs as points to draw, and how they were projected.

    Args:
        run: The run.
        epochs: The epochs, ascending.
        dims: The latents to show, counted from 0; by default all of one or two, else the
            principal components of the last epoch.

    Raises:
        UsageError: If `dims` are not latents of the run.
    """
    from vaecli.latents import choose_latents, fit_projection
    from vaecli.render.panel import Cloud

    snapshots = [run.snapshot(epoch) for epoch in epochs]
    means = [snapshot.mean for snapshot in snapshots]
    latent_dim = means[-1].shape[1]
    if dims is None and latent_dim > 2:
        projection = fit_projection(means[-1])
    else:
        projection = choose_latents(dims if dims is not None else range(latent_dim), latent_dim)
    points = [projection.apply(mean) for mean in means]
    labels = snapshots[-1].labels if names_of(run) else None
    captions = [caption_of(run, epoch) for epoch in epochs]
    return Cloud(points, labels, captions, run.name, projection.labels), projection


def titled(cloud: Cloud, title: str) -> Cloud:
    """Return a cloud under another title."""
    return replace(cloud, title=title)


def parse_numbers(text: str, option: str, *, lowest: int) -> list[int]:
    """Return the numbers of a list such as `0,1,5`.

    Raises:
        UsageError: If it is none.

    >>> parse_numbers("0, 1,20", "--epochs", lowest=0)
    [0, 1, 20]
    """
    words = text.split(",")
    if not all(word.strip().isascii() and word.strip().isdigit() for word in words):
        raise UsageError(f"{option} is {text!r}.", f"Expected: numbers and commas, as {lowest},{lowest + 1}.")
    numbers = [int(word) for word in words]
    if min(numbers) < lowest:
        raise UsageError(f"{option} is {text!r}.", f"Expected: numbers from {lowest}.")
    return numbers


def parse_dims(text: str | None) -> list[int] | None:
    """Return the latents of `--dims`, counted from 0; on the command line they count from 1.

    >>> parse_dims("1,3")
    [0, 2]
    """
    if text is None:
        return None
    return [number - 1 for number in parse_numbers(text, "--dims", lowest=1)]


def stem_of(run: Run, what: str, epochs: Sequence[int], *, animated: bool) -> str:
    """Return the name of a picture, which says what it shows.

    >>> from pathlib import Path
    >>> stem_of(Run(Path("artifacts/fashion-1")), "grid", [20], animated=False)
    'fashion-1-grid-0020'
    """
    return f"{run.name}-{what}" if animated else f"{run.name}-{what}-{epochs[-1]:04d}"
