"""Which image file goes where, in which shape: known from headers, before anything is decoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vaecli.config import LARGEST_SIDE, TrainConfig
from vaecli.data.classes import choose_classes
from vaecli.data.files.containers import Container
from vaecli.data.files.layout import Item, Layout, layout
from vaecli.data.files.reading import Reading
from vaecli.data.images import FORMATS, Header, look
from vaecli.data.names import tidy
from vaecli.data.splitting import file_digest, hold_out
from vaecli.errors import DataError, UsageError


@dataclass(frozen=True)
class Plan:
    """Which image goes where.

    Attributes:
        items: Those to train on, then the held-out ones.
        train: How many of them are to train on.
        shape: `(height, width, channels)` to decode to.
        notes: What was found and left out so far.
        faults: Name → what is wrong with a file that is not an image.
    """

    items: tuple[Item, ...]
    train: int
    shape: tuple[int, int, int]
    notes: tuple[str, ...]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class _Seen:
    """What the first pass found behind a name: a header and a digest, or a fault."""

    header: Header | None
    digest: bytes
    fault: str = ""


def choose_files(container: Container, config: TrainConfig) -> tuple[Layout, tuple[str, ...]]:
    """Return the files of the classes that are wanted, and the names of those classes."""
    files = layout(container.files, config.train, config.test)
    if not files.train:
        raise DataError(
            f"{container.path}: no images in it{_what_else(container.files)}.",
            f"Expected: {', '.join(FORMATS)} files in it, in a folder per class, or in train/ and test/.",
        )
    if files.heldout is not None and config.test_fraction is not None:
        raise UsageError(
            f"{container.path} has a split of its own: {len(files.heldout):,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    names = files.class_names
    chosen = tuple(names[number] for number in choose_classes(config.class_words, names))
    return files.only(chosen), chosen


def _what_else(files: Mapping[str, int]) -> str:
    """Say what kinds of files there are instead of images."""
    endings = Counter(Path(name).suffix.lower() or "no ending" for name in files)
    common = ", ".join(f"{count:,} {tidy(ending)}" for ending, count in endings.most_common(3))
    return f", only other files ({common})" if common else ""


def plan_of(reading: Reading, files: Layout) -> Plan:
    """Look at every header, and return which image goes where in which shape."""
    items, config = (*files.train, *(files.heldout or ())), reading.config
    seen = _look(reading, items)
    good = [(item, sight) for item, sight in zip(items, seen, strict=True) if sight.header]
    faults = {item.name: sight.fault for item, sight in zip(items, seen, strict=True) if sight.fault}
    if not good:
        raise nothing_left(reading.container, faults)
    shape, notes = _shape([sight.header for _, sight in good if sight.header], reading)
    if files.heldout is None:
        names = files.class_names
        labels = np.array([names.index(item.label) for item, _ in good])
        held = hold_out([sight.digest for _, sight in good], labels, config.test_fraction, config.seed)
    else:
        heldout = set(files.heldout)
        held = np.array([item in heldout for item, _ in good])
    if held.all() or not held.any():
        raise nothing_left(reading.container, faults, "to train on" if held.any() else "to hold out")
    ordered = [good[row][0] for row in np.argsort(held, kind="stable")]
    return Plan(tuple(ordered), int((~held).sum()), shape, (*files.notes, *notes), faults)


def _look(reading: Reading, items: Sequence[Item]) -> list[_Seen]:
    """Return what the header of each file says, and a digest of its content."""
    seen = [_Seen(None, b"")] * len(items)

    def look_at(number: int, item: Item) -> None:
        try:
            with reading.container.open(item.name) as stream:
                digest = file_digest(stream)
                seen[number] = _Seen(look(stream, item.name), digest)
        except DataError as error:
            seen[number] = _Seen(None, b"", fault_of(error, item))

    reading.each("looking at the images", items, look_at)
    return seen


def _shape(headers: Sequence[Header], reading: Reading) -> tuple[tuple[int, int, int], list[str]]:
    """Return the shape to decode to, and how sizes have to change for it.

    Raises:
        DataError: If there are several sizes, or too large ones, and none is asked for.
    """
    where, config = reading.container.path, reading.config
    sizes = Counter(header.size for header in headers)
    (common, count), *_ = sizes.most_common(1)
    channels = config.channels or (3 if any(header.is_colour for header in headers) else 1)
    if config.sides is None and len(sizes) > 1:
        raise DataError(
            f"{where}: images of {len(sizes):,} sizes.",
            f"The most common is {_by(common)}: {count:,} of {len(headers):,} images.",
            _try_size(common),
        )
    if config.sides is None and max(common) > LARGEST_SIDE:
        raise DataError(
            f"{where}: its images are {_by(common)}: too large to train on as they are.",
            mend="Add --size 64, or another size.",
        )
    notes = []
    if config.sides and set(sizes) != {config.sides}:
        smaller = sum(times for size, times in sizes.items() if min(size) < min(config.sides))
        commonest = f"{len(sizes):,} sizes (the most common {_by(common)}: {count:,} of {len(headers):,})"
        origin = _by(common) if len(sizes) == 1 else commonest
        enlarged = f"; {smaller:,} enlarged" if smaller else ""
        notes = [f"Scaled from {origin}, to {config.fit}{enlarged}."]
    return (*(config.sides or common), channels), notes


def _try_size(common: tuple[int, int]) -> str:
    """Return the flag that would help, and a smaller size where the common one is large."""
    flag = f"Add --size {common[0]}x{common[1]}"
    if max(common) > LARGEST_SIDE:
        return "Add --size 64, or another size."
    return (
        f"{flag}, or a smaller one such as --size 64." if max(common) > 128 else f"{flag}, or another size."
    )


def nothing_left(container: Container, faults: Mapping[str, str], purpose: str = "") -> DataError:
    """Return the error that no image is left, with the fault of the first."""
    name, fault = next(iter(faults.items()), ("", ""))
    return DataError(
        f"{container.path}: no image{f' {purpose}' if purpose else ''} can be read.",
        f"The first of {len(faults):,} that cannot be read: {tidy(name)}: {fault}." if faults else "",
    )


def fault_of(error: DataError, item: Item) -> str:
    """Return what is wrong with an image, without its name."""
    return error.what.removeprefix(f"{item.name}: ").removesuffix(".")


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
