"""How the files of a folder or a zip are laid out: which split and which class each is of.

Only names are looked at, and a name is foreign text: it is taken apart and tidied, never
used as a path. The same names mean the same in a folder and in a zip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vaecli.data.images import is_image
from vaecli.data.names import natural, tidy

TRAIN = ("train", "training")
#: Folders that hold held-out images; where there are several, the first of these counts.
HELDOUT = ("test", "testing", "val", "valid", "validation")
UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class Item:
    """An image file, its name in the container and its class."""

    name: str
    label: str


@dataclass(frozen=True)
class Layout:
    """The image files of a container.

    Attributes:
        train: The files to train on, or all of them where there is no split.
        heldout: The held-out ones; None where there is no split.
        notes: What was left out, in words.
    """

    train: tuple[Item, ...]
    heldout: tuple[Item, ...] | None
    notes: tuple[str, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in their natural order: `9` is before `10`."""
        found = {item.label for item in (*self.train, *(self.heldout or ()))}
        return tuple(sorted(found, key=natural))

    def only(self, class_names: Sequence[str]) -> Layout:
        """Return the layout with some of the classes."""
        train = tuple(item for item in self.train if item.label in class_names)
        heldout = self.heldout and tuple(item for item in self.heldout if item.label in class_names)
        return Layout(train, heldout, self.notes)


def layout(names: Iterable[str]) -> Layout:
    """Return the layout that names speak of.

    Args:
        names: Paths of files relative to the container, separated by `/`.

    >>> layout(["dog/1.png", "cat/1.png", "notes.txt"]).class_names
    ('cat', 'dog')
    >>> layout(["dog/1.png", "cat/1.png", "notes.txt"]).notes
    ('1 file that is not an image is left out: notes.txt.',)
    """
    paths = [parts for name in names if (parts := _parts(name))]
    images = sorted((parts for parts in paths if is_image(parts[-1])), key=_natural_path)
    notes = _left_out([parts for parts in paths if not is_image(parts[-1])], "file", "that is not an image")
    images, depth = _unwrapped(images)
    chosen = _splits({parts[depth] for parts in images if len(parts) > depth + 1})
    if chosen is None:
        train, more = _labelled(images, depth)
        return Layout(train, None, (*notes, *more))
    beside = [parts for parts in images if parts[depth] not in chosen or len(parts) == depth + 1]
    notes += _left_out(beside, "image", f"outside {chosen[0]} and {chosen[1]}")
    (train, more), (heldout, most) = (
        _labelled([parts for parts in images if parts[depth] == split], depth + 1) for split in chosen
    )
    return Layout(train, heldout, (*notes, *more, *most))


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name; none for what is hidden, or leads out of the container."""
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return () if hidden or name.endswith("/") else parts


def _natural_path(parts: Sequence[str]) -> list[list[tuple[bool, int, str]]]:
    return [natural(part) for part in parts]


def _unwrapped(images: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], int]:
    """Return at what depth the layout begins: below folders that merely wrap all others."""
    depth = 0
    while len({parts[depth] for parts in images if len(parts) > depth}) == 1 and any(
        len(parts) > depth + 2 for parts in images
    ):
        depth += 1
    return images, depth


def _splits(folders: set[str]) -> tuple[str, str] | None:
    """Return the folders to train on and to hold out, if there are both."""
    by_word = {folder.lower(): folder for folder in sorted(folders)}
    train = next((by_word[word] for word in TRAIN if word in by_word), None)
    heldout = next((by_word[word] for word in HELDOUT if word in by_word), None)
    return (train, heldout) if train and heldout else None


def _labelled(images: list[tuple[str, ...]], depth: int) -> tuple[tuple[Item, ...], list[str]]:
    """Return the images, of the class that the folder at a depth names, and those without one."""
    within = [parts for parts in images if len(parts) > depth + 1]
    if not within:
        return tuple(Item("/".join(parts), UNLABELLED) for parts in images), []
    beside = [parts for parts in images if len(parts) <= depth + 1]
    items = tuple(Item("/".join(parts), tidy(parts[depth])) for parts in within)
    return items, _left_out(beside, "image", "next to the class folders")


def _left_out(paths: list[tuple[str, ...]], what: str, why: str) -> list[str]:
    """Say how many files are left out, and name a few of them."""
    if not paths:
        return []
    is_are, plural = ("is", "") if len(paths) == 1 else ("are", "s")
    why = why if len(paths) == 1 else why.replace("that is not an image", "that are not images")
    examples = ", ".join(tidy("/".join(parts)) for parts in paths[:3])
    more = ", …" if len(paths) > 3 else ""
    return [f"{len(paths):,} {what}{plural} {why} {is_are} left out: {examples}{more}."]
