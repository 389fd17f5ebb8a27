"""What points of latent space are called: a class, a held-out image, an image file or a latent → a latent.

A class is one of its members, not their mean: the mean of all bags may lie among the boots.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaecli.data.dataset import UNLABELLED
from vaecli.errors import DataError, UsageError
from vaecli.figures.clouds import names_of
from vaecli.figures.originals import heldout_originals
from vaecli.inference import Images, open_network, read_own_images
from vaecli.latents import class_means, typical_member
from vaecli.observers import Say
from vaecli.store import Run, Snapshot
from vaecli.words import number

#: A class's name, `#123` of a held-out image, `z:0.5,-1.2`, the path of an image, a sum of them such as
#: `ankle boot - sneaker + sandal`; or a latent itself.
Point = str | Path | ArrayLike

#: What a class's name means: its purest and densest held-out member, or the mean of all of them.
MEANINGS = ("member", "mean")


@dataclass(frozen=True, eq=False)
class Place:
    """A point of latent space, and what is known of it.

    Attributes:
        latent: `(latent_dim,)`.
        name: What to call it.
        again: What means it in another epoch, with the same images; empty if that is what meant it here.
        index: The position of the held-out image that was encoded there, among the dataset's held-out images.
        original: `(height, width, channels)` uint8, the image that was encoded there.
    """

    latent: NDArray[np.float32]
    name: str
    again: str = ""
    index: int | None = None
    original: Images | None = None

    @property
    def title(self) -> str:
        """What to call it where its original is not shown."""
        numbered = f"#{self.index}"
        return self.name if self.index is None or numbered in self.name else f"{self.name} {numbered}"

    @property
    def caption(self) -> str:
        """What stands below its original."""
        return "original" if self.index is None else f"original #{self.index}"


def find_places(
    run: Run, epoch: int, points: Sequence[Point], say: Say, *, meaning: str = "member"
) -> list[Place]:
    """Return the places that points mean.

    Args:
        run: The run.
        epoch: The epoch whose encodings are meant, and whose weights encode image files.
        points: What is meant.
        say: Called with a line on what had to be converted or loaded.
        meaning: What a class's name means, one of `MEANINGS`.

    Raises:
        UsageError: If a latent is not one of the run, or the meaning is unknown.
        DataError: If a word is not a class, a held-out image or an image file.
    """
    if meaning not in MEANINGS:
        raise UsageError(f"A class cannot mean its {meaning!r}.", f"Expected one of: {', '.join(MEANINGS)}.")
    snapshot = run.snapshot(epoch)
    sums = [_terms(point, run) for point in points]
    found = [[_known(term, run, snapshot, meaning) for _, term in terms] for terms in sums]
    paths = [
        str(term)
        for terms, known in zip(sums, found, strict=True)
        for (_, term), place in zip(terms, known, strict=True)
        if place is None
    ]
    encoded = iter(_of_files(run, epoch, paths, say) if paths else ())
    places = [[next(encoded) if place is None else place for place in known] for known in found]
    return [_sum(terms, each) for terms, each in zip(sums, places, strict=True)]


def with_originals(run: Run, epoch: int, places: Sequence[Place], say: Say) -> list[Place]:
    """Return places with the images that were encoded there, as far as they are on this machine.

    Args:
        run: The run.
        epoch: The epoch whose snapshot keeps some of them.
        places: Any, of the run.
        say: Called with a line if images are not found.
    """
    wanted = [place.index for place in places if place.original is None and place.index is not None]
    originals = heldout_originals(run, run.snapshot(epoch), wanted, say) if wanted else {}
    return [
        replace(place, original=originals[place.index])
        if place.index is not None and place.index in originals
        else place
        for place in places
    ]


def _terms(point: Point, run: Run) -> list[tuple[str, Point]]:
    """Return the signs and the terms of a sum; anything else is one term.

    A sign stands between spaces, since names of classes and files contain hyphens; and a class or a file that
    is called like a sum is meant as it is.
    """
    if not isinstance(point, str) or point.lower() in map(str.lower, run.dataset.class_names):
        return [("+", point)]
    first, *others = re.split(r"\s+([+-])\s+", point)
    if not others or os.path.isfile(point):  # noqa: PTH113 - False where `is_file` would raise
        return [("+", point)]
    return [("+", first), *zip(others[::2], others[1::2], strict=True)]


def _sum(terms: Sequence[tuple[str, Point]], places: Sequence[Place]) -> Place:
    """Return the place at a sum, which is no image's; that of one term as it is."""
    if len(places) == 1:
        return places[0]
    signs = [sign for sign, _ in terms]
    latent = np.sum(
        [place.latent if sign == "+" else -place.latent for sign, place in zip(signs, places, strict=True)],
        axis=0,
    )
    names = [place.name for place in places]
    again = [place.again or str(term) for (_, term), place in zip(terms, places, strict=True)]
    shown = [sign.replace("-", "−") for sign in signs]
    return Place(latent, _joined(shown, names), again=_joined(signs, again))


def _joined(signs: Sequence[str], words: Sequence[str]) -> str:
    """Return words with signs between them.

    >>> _joined("+-", ["ankle boot", "sneaker"])
    'ankle boot - sneaker'
    """
    return words[0] + "".join(f" {sign} {word}" for sign, word in zip(signs[1:], words[1:], strict=True))


def _known(point: Point, run: Run, snapshot: Snapshot, meaning: str) -> Place | None:
    """Return the place of anything but an image file; None for one of these."""
    if isinstance(point, Path):
        return None
    if not isinstance(point, str):
        return _checked(np.asarray(point, np.float32), run, repr(point))
    return _spelled(point, run) or _heldout(point, run, snapshot) or _class(point, run, snapshot, meaning)


def _spelled(word: str, run: Run) -> Place | None:
    """Return the latent that `z:0.5,-1.2` spells out."""
    if not word.startswith("z:"):
        return None
    try:
        latent = np.array([float(part) for part in word[2:].split(",")], np.float32)
    except ValueError:
        latent = np.zeros(0, np.float32)
    return _checked(latent, run, repr(word))


def _checked(latent: NDArray[np.float32], run: Run, given: str) -> Place:
    """Return a latent and its name, if it is one of the run; else raise `UsageError`."""
    if latent.shape != (run.config.latent_dim,) or not np.isfinite(latent).all():
        raise UsageError(
            f"{given} is not a latent.",
            f"Expected: z: and {run.config.latent_dim} numbers separated by commas.",
        )
    numbers = ", ".join(number(value) for value in latent[:3])
    return Place(latent, f"({numbers}{', …' if len(latent) > 3 else ''})")


def _heldout(word: str, run: Run, snapshot: Snapshot) -> Place | None:
    """Return the mean of the held-out image that `#123` numbers.

    Raises:
        DataError: If the run does not follow such an image.
    """
    if not (word.startswith("#") and word[1:].isascii() and word[1:].isdigit()):
        return None
    rows = np.flatnonzero(snapshot.index == int(word[1:]))
    if not len(rows):
        raise DataError(
            f"Run {run.name} has no held-out image {word}.",
            f"Expected: one of the {len(snapshot.index):,} that it follows,"
            f" #{snapshot.index.min()} to #{snapshot.index.max()}.",
        )
    names = names_of(run)
    name = f" {names[snapshot.labels[rows[0]]]}" if names else ""
    return Place(snapshot.mean[rows[0]], word + name, word, int(word[1:]))


def _class(word: str, run: Run, snapshot: Snapshot, meaning: str) -> Place | None:
    """Return a class as one of its members or as their mean, or None where a file of that name is meant.

    Raises:
        DataError: If there is neither.
    """
    names = [] if run.dataset.class_names == UNLABELLED else list(run.dataset.class_names)
    lowered = [name.lower() for name in names]
    if word.lower() in lowered:
        return _of_class(lowered.index(word.lower()), run, snapshot, meaning)
    if os.path.isfile(word):  # noqa: PTH113 - False where `is_file` would raise
        return None
    if not names:
        raise DataError(
            f"{word!r} is not a file, and the images of {run.dataset.name} have no labels.",
            "Expected: a held-out image (#123), an image file, or a latent (z:0.5,-1.2).",
        )
    near = difflib.get_close_matches(word.lower(), lowered, n=1)
    raise DataError(
        f"{word!r} is neither a class of {run.dataset.name} nor a file.",
        f"Classes: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}.",
        f"Did you mean {names[lowered.index(near[0])]!r}?" if near else "",
    )


def _of_class(label: int, run: Run, snapshot: Snapshot, meaning: str) -> Place:
    """Return the most typical member of a class, or the mean of its members.

    Raises:
        DataError: If no held-out image is of the class.
    """
    name = run.dataset.class_names[label]
    if not (snapshot.labels == label).any():
        raise DataError(f"No held-out image of run {run.name} is a {name}.")
    if meaning == "mean":
        mean = class_means(snapshot.mean, snapshot.labels, len(run.dataset.class_names))[label]
        return Place(mean, f"{name} (mean)")
    row = typical_member(snapshot.mean, snapshot.labels, label)
    index = int(snapshot.index[row])
    return Place(snapshot.mean[row], name, f"#{index}", index)


def _of_files(run: Run, epoch: int, paths: Sequence[str], say: Say) -> list[Place]:
    """Return the means of image files, and the files' names."""
    images, _ = read_own_images(run, paths, say)
    mean, _ = open_network(run, epoch, count=len(images), why="encode and decode", say=say).encode(images)
    return [
        Place(latent, Path(path).name, original=image)
        for latent, path, image in zip(mean, paths, images, strict=True)
    ]
