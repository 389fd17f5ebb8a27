"""Images over what the network makes of them: one epoch, a row per epoch, or an animation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.clouds import names_of
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
from vaecli.images import to_uint8
from vaecli.inference import Images, OwnImages, open_networks, read_own_images
from vaecli.observers import Say, silence
from vaecli.render.encode import Timing
from vaecli.render.frames import Frame, elbo_words
from vaecli.render.look import Look
from vaecli.render.reconstructions import reconstruction_frames, reconstructions
from vaecli.runs import open_run
from vaecli.store import Run

_MANY_ROWS = 30  # if there are more, they are drawn small


def reconstruct(
    run: Run | str,
    *,
    images: OwnImages | None = None,
    epochs: Epochs = None,
    moving: bool = False,
    count: int = 10,
    fps: float = 2.0,
    hold: float = 2.0,
    say: Say = silence,
) -> Figure:
    """Draw images above their reconstructions.

    Args:
        run: The run, or a word that means one (see `open_run`).
        images: Your own images, as `read_own_images` takes them: image files, or arrays. By default
            held-out ones, whose reconstructions every epoch keeps.
        epochs: One epoch, by default the last; or `all` or several, a row for each.
        moving: Animate several epochs instead, a frame for each.
        count: Held-out images, one of each class first.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Called with a line on what had to be converted or loaded.

    Raises:
        DataError: If an image cannot be read or does not fit the run.
        RunNotFound: If there is no such run or epoch, or it keeps no weights though they are needed.
    """
    run = open_run(run)
    several = are_several(epochs)
    drawn = drawn_epochs(run, epochs) if images is None else decoded_epochs(run, epochs, say)
    if images is None:
        originals, names, rows = _of_heldout_images(run, drawn, count)
    else:
        originals, names, rows = _of_own_images(run, images, drawn, say)
    table = _in_rows if several and not moving else _one_by_one
    draw = partial(table, run, originals, names, rows, drawn)
    facts = {"run": run.name, "epochs": drawn, "images": len(originals)}
    stem = stem_of(run, "reconstructions", drawn, whole=several or moving)
    caption = paper_caption("Images, and their reconstructions below them.", [run], drawn[-1])
    return Figure(stem, draw, facts, moving, Timing(fps, hold), caption)


def _of_heldout_images(run: Run, epochs: Sequence[int], count: int) -> tuple[Images, list[str], list[Images]]:
    """Return the fixed held-out images, their classes, and their reconstructions of each epoch."""
    snapshots = Snapshots(run)
    rows = [snapshots[epoch].reconstructions[:count] for epoch in epochs]
    last, classes = snapshots[epochs[-1]], names_of(run)
    names = [classes[label] for label in last.original_labels[:count]] if classes else []
    return last.originals[:count], names, rows


def _of_own_images(
    run: Run, images: OwnImages, epochs: Sequence[int], say: Say
) -> tuple[Images, list[str], list[Images]]:
    """Return own images as images of the run, their names, and their reconstructions of each epoch."""
    originals, names = read_own_images(run, images, say)
    networks = open_networks(run, epochs, count=len(originals) * len(epochs), why="reconstruct", say=say)
    rows = [to_uint8(network.reconstruct(originals)) for network in networks]
    return originals, [Path(name).name for name in names], rows


def _one_by_one(
    run: Run,
    originals: Images,
    names: Sequence[str],
    rows: Sequence[Images],
    epochs: Sequence[int],
    look: Look,
) -> Sequence[Frame]:
    captions = [caption_of(run, epoch) for epoch in epochs]
    return reconstruction_frames(originals, rows, captions, names, title=title_of(run), look=look)


def _in_rows(
    run: Run,
    originals: Images,
    names: Sequence[str],
    rows: Sequence[Images],
    epochs: Sequence[int],
    look: Look,
) -> Sequence[Frame]:
    labels = [(f"epoch {epoch}", elbo_words(run.metrics(epoch).negative_elbo)) for epoch in epochs]
    look = look if len(epochs) <= _MANY_ROWS else replace(look, scale=1)
    return reconstructions(originals, rows, labels, names, title=title_of(run), look=look)
