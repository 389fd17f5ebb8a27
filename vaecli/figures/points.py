"""What the points of a walk mean: a class, a held-out image, an image file or a latent → a latent."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaecli.errors import DataError, UsageError
from vaecli.figures.clouds import names_of
from vaecli.inference import open_network, read_own_images
from vaecli.latents import class_means
from vaecli.observers import Say
from vaecli.store import Run, Snapshot
from vaecli.words import number

#: A class's name, `#123` of a held-out image, `z:0.5,-1.2`, the path of an image; or a latent itself.
Point = str | Path | ArrayLike

_Found = tuple[NDArray[np.float32], str]


def find_latents(
    run: Run, epoch: int, points: Sequence[Point], say: Say
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the latents that points mean, `(k, latent_dim)`, and what to call them.

    Args:
        run: The run.
        epoch: The epoch whose encodings are meant, and whose checkpoint encodes image files.
        points: What is meant.
        say: Called with a line on what had to be converted or loaded.

    Raises:
        UsageError: If a latent is not one of the run.
        DataError: If a word is not a class, a held-out image or an image file.
    """
    snapshot = run.snapshot(epoch)
    found = [_known(point, run, snapshot) for point in points]
    paths = [str(point) for point, known in zip(points, found, strict=True) if known is None]
    encoded = iter(_of_files(run, epoch, paths, say) if paths else ())
    every = [known if known is not None else next(encoded) for known in found]
    return np.stack([latent for latent, _ in every]), [name for _, name in every]


def _known(point: Point, run: Run, snapshot: Snapshot) -> _Found | None:
    """Return the latent of anything but an image file; None for one of these."""
    if isinstance(point, Path):
        return None
    if not isinstance(point, str):
        return _checked(np.asarray(point, np.float32), run, repr(point))
    return _spelled(point, run) or _heldout(point, run, snapshot) or _class(point, run, snapshot)


def _spelled(word: str, run: Run) -> _Found | None:
    """Return the latent that `z:0.5,-1.2` spells out."""
    if not word.startswith("z:"):
        return None
    try:
        latent = np.array([float(part) for part in word[2:].split(",")], np.float32)
    except ValueError:
        latent = np.zeros(0, np.float32)
    return _checked(latent, run, repr(word))


def _checked(latent: NDArray[np.float32], run: Run, given: str) -> _Found:
    """Return a latent and its name, if it is one of the run; else raise `UsageError`."""
    if latent.shape != (run.config.latent_dim,) or not np.isfinite(latent).all():
        raise UsageError(
            f"{given} is not a latent.",
            f"Expected: z: and {run.config.latent_dim} numbers separated by commas.",
        )
    numbers = ", ".join(number(value) for value in latent[:3])
    return latent, f"({numbers}{', …' if len(latent) > 3 else ''})"


def _heldout(word: str, run: Run, snapshot: Snapshot) -> _Found | None:
    """Return the mean of the held-out image that `#123` numbers.

    Raises:
        DataError: If the run does not follow such an image.
    """
    if not (word.startswith("#") and word[1:].isascii() and word[1:].isdigit()):
        return None
    places = np.flatnonzero(snapshot.index == int(word[1:]))
    if not len(places):
        raise DataError(
            f"Run {run.name} has no held-out image {word}.",
            f"Expected: one of the {len(snapshot.index):,} that it follows,"
            f" #{snapshot.index.min()} to #{snapshot.index.max()}.",
        )
    names = names_of(run)
    name = f" {names[snapshot.labels[places[0]]]}" if names else ""
    return snapshot.mean[places[0]], word + name


def _class(word: str, run: Run, snapshot: Snapshot) -> _Found | None:
    """Return the mean latent of a class, or None where a file of that name is meant.

    Raises:
        DataError: If there is neither.
    """
    names = list(run.dataset.class_names)
    lowered = [name.lower() for name in names]
    if word.lower() in lowered:
        label = lowered.index(word.lower())
        mean = class_means(snapshot.mean, snapshot.labels, len(names))[label]
        if np.isnan(mean[0]):
            raise DataError(f"No held-out image of run {run.name} is a {names[label]}.")
        return mean, names[label]
    if os.path.isfile(word):  # noqa: PTH113 - False where `is_file` would raise
        return None
    near = difflib.get_close_matches(word.lower(), lowered, n=1)
    raise DataError(
        f"{word!r} is neither a class of {run.dataset.name} nor a file.",
        f"Classes: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}.",
        f"Did you mean {names[lowered.index(near[0])]!r}?" if near else "",
    )


def _of_files(run: Run, epoch: int, paths: Sequence[str], say: Say) -> list[_Found]:
    """Return the means of image files, and the files' names."""
    images, _ = read_own_images(run, paths, say)
    mean, _ = open_network(run, epoch, count=len(images), why="encode and decode", say=say).encode(images)
    return [(latent, Path(path).name) for latent, path in zip(mean, paths, strict=True)]
