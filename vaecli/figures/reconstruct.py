"""Images over what networks make of them: one epoch, a row per epoch or per run, or an animation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from vaecli.errors import UsageError
from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.clouds import names_of
from vaecli.figures.comparison import Others, all_runs, check_same_images, telling_names
from vaecli.figures.epochs import (
    Epochs,
    Snapshots,
    are_several,
    caption_of,
    decoded_epochs,
    drawn_epochs,
    stem_of,
)
from vaecli.figures.figure import Draw, Figure
from vaecli.images import to_uint8
from vaecli.inference import Images, OwnImages, open_networks, read_own_images
from vaecli.observers import Say, silence
from vaecli.render.encode import Timing
from vaecli.render.frames import Frame, elbo_words
from vaecli.render.look import Look
from vaecli.render.reconstructions import reconstruction_frames, reconstructions
from vaecli.store import Run

_MANY_ROWS = 30  # if there are more, they are drawn small


@dataclass(frozen=True)
class _Table:
    """Images, and what a run makes of them.

    Attributes:
        run: The run.
        epochs: Those that are drawn.
        originals: `(k, height, width, channels)` uint8.
        names: What stands above each of them.
        numbers: What stands below.
        rows: Their reconstructions in each epoch, like `originals`.
    """

    run: Run
    epochs: list[int]
    originals: Images
    names: list[str]
    numbers: list[str]
    rows: list[Images]

    def take(self, places: Sequence[int]) -> _Table:
        """Return the same of some of the images."""
        chosen = list(places)
        return replace(
            self,
            originals=self.originals[chosen],
            names=[self.names[place] for place in chosen] if self.names else [],
            numbers=[self.numbers[place] for place in chosen] if self.numbers else [],
            rows=[row[chosen] for row in self.rows],
        )


def reconstruct(
    run: Run | str,
    *,
    images: OwnImages | None = None,
    compare: Others = (),
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
        compare: Another run or several on the same images, a row for each.
        epochs: One epoch, by default the last; or `all` or several, a row for each.
        moving: Animate several epochs instead, a frame for each.
        count: Held-out images, one of each class first.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Called with a line on what had to be converted or loaded.

    Raises:
        UsageError: If runs are compared in several epochs that do not move, or have other images.
        DataError: If an image cannot be read or does not fit the run.
        RunNotFound: If there is no such run or epoch, or it keeps no weights though they are needed.
    """
    runs = all_runs(run, compare)
    several = are_several(epochs)
    if compare and several and not moving:
        raise UsageError(
            "Runs cannot be compared in a row per epoch.", "Expected: one epoch, or an animation of several."
        )
    check_same_images(runs)
    tables = [_table(each, images, epochs, say) for each in runs]
    tables = _of_the_same_images(tables, count if images is None else None)
    table = tables[0]
    draw = _draw(tables, by_epoch=several and not moving, moving=moving)
    facts = {"run": table.run.name, "epochs": table.epochs, "images": len(table.originals)}
    if compare:
        facts["compared_with"] = [each.name for each in runs[1:]]
    stem = stem_of(
        table.run,
        "-".join([*(each.name for each in runs[1:]), "reconstructions"]),
        table.epochs,
        whole=several or moving,
    )
    caption = paper_caption("Images, and their reconstructions below them.", runs, table.epochs[-1])
    return Figure(stem, draw, facts, moving, Timing(fps, hold), caption)


def _table(run: Run, images: OwnImages | None, epochs: Epochs, say: Say) -> _Table:
    """Return images and what a run makes of them."""
    if images is None:
        return _of_heldout_images(run, drawn_epochs(run, epochs))
    return _of_own_images(run, images, decoded_epochs(run, epochs, say), say)


def _of_heldout_images(run: Run, epochs: list[int]) -> _Table:
    """Return the fixed held-out images, their classes and numbers, and their reconstructions."""
    snapshots = Snapshots(run)
    rows = [snapshots[epoch].reconstructions for epoch in epochs]
    last, classes = snapshots[epochs[-1]], names_of(run)
    names = [classes[label] for label in last.original_labels] if classes else []
    return _Table(run, epochs, last.originals, names, [f"#{index}" for index in last.original_index], rows)


def _of_own_images(run: Run, images: OwnImages, epochs: list[int], say: Say) -> _Table:
    """Return own images as images of the run, their names, and their reconstructions."""
    originals, names = read_own_images(run, images, say)
    networks = open_networks(run, epochs, count=len(originals) * len(epochs), why="reconstruct", say=say)
    rows = [to_uint8(network.reconstruct(originals)) for network in networks]
    return _Table(run, epochs, originals, [Path(name).name for name in names], [], rows)


def _of_the_same_images(tables: Sequence[_Table], count: int | None) -> list[_Table]:
    """Return tables of the first images that all of them have, at most `count`.

    Raises:
        UsageError: If there are none.
    """
    if not tables[0].numbers:
        return list(tables)
    shared = [number for number in tables[0].numbers if all(number in each.numbers for each in tables)]
    if not shared:
        raise UsageError(
            f"{tables[0].run.name} and {tables[-1].run.name} follow no image both.",
            "Expected: runs that were held out the same images.",
        )
    return [each.take([each.numbers.index(number) for number in shared[:count]]) for each in tables]


def _draw(tables: Sequence[_Table], *, by_epoch: bool, moving: bool) -> Draw:
    """Return what draws tables: a row per epoch, a row per run, or one run as it is."""
    if by_epoch:
        return partial(_in_rows, tables[0])
    longest = max(tables, key=lambda table: len(table.epochs))
    first, several = tables[0], len(tables) > 1
    labels, title = [("reconstruction", "")], title_of(first.run)
    captions = [caption_of(longest.run, epoch) for epoch in longest.epochs]
    if several:
        names = telling_names([table.run for table in tables])
        labels = [
            (name, "" if moving else elbo_words(table.run.metrics(table.epochs[-1]).negative_elbo))
            for name, table in zip(names, tables, strict=True)
        ]
        title, captions = "", [f"epoch {epoch}" for epoch in longest.epochs]

    def draw(look: Look) -> Sequence[Frame]:
        return reconstruction_frames(
            first.originals,
            [table.rows for table in tables],
            captions,
            labels,
            first.names,
            numbers=first.numbers,
            title=title,
            look=look,
        )

    return draw


def _in_rows(table: _Table, look: Look) -> Sequence[Frame]:
    """Draw a row per epoch."""
    run, epochs = table.run, table.epochs
    labels = [(f"epoch {epoch}", elbo_words(run.metrics(epoch).negative_elbo)) for epoch in epochs]
    look = look if len(epochs) <= _MANY_ROWS else replace(look, scale=1)
    return reconstructions(
        table.originals,
        table.rows,
        labels,
        table.names,
        numbers=table.numbers,
        title=title_of(run),
        look=look,
    )
