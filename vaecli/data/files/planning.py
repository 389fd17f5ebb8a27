"""Which image file goes where, in which shape: known from headers, before anything is decoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numpy as np

from vaecli.config import TrainConfig
from vaecli.data.classes import choose_classes
from vaecli.data.files.advice import advice_on
from vaecli.data.files.containers import Container, Folder, Zip
from vaecli.data.files.labelling import labelled
from vaecli.data.files.layout import UNLABELLED, Item, Layout, layout
from vaecli.data.files.reading import Reading
from vaecli.data.images import FORMATS, Header, look, range_of
from vaecli.data.names import tidy
from vaecli.data.ranges import Range, Scale, scales_of
from vaecli.data.splitting import file_digest, hold_out
from vaecli.errors import DataError, UsageError
from vaecli.values import LARGEST_SIDE

Scales = tuple[Scale | None, Scale | None]


@dataclass(frozen=True)
class Plan:
    """Which image goes where.

    Attributes:
        items: Those to train on, then the held-out ones.
        train: How many of them are to train on.
        shape: `(height, width, channels)` to decode to.
        notes: What was found and left out so far.
        faults: Name → what is wrong with a file that is not an image.
        scales: Of the images to train on and the held-out ones: what is black and white where numbers are
            wider than bytes; None where none are.
    """

    items: tuple[Item, ...]
    train: int
    shape: tuple[int, int, int]
    notes: tuple[str, ...]
    faults: Mapping[str, str]
    scales: Scales = (None, None)

    def scale(self, number: int) -> Scale | None:
        """Return the scale of the image at a position."""
        return self.scales[0 if number < self.train else 1]


@dataclass(frozen=True)
class _Seen:
    """What the first pass found behind a name: a header and a digest, or a fault."""

    header: Header | None
    digest: bytes
    fault: str = ""


def choose_files(container: Container, config: TrainConfig) -> tuple[Layout, tuple[str, ...]]:
    """Return the files of the classes that are wanted, and the names of those classes."""
    files = layout(container.files, config.train, config.test)
    files = replace(files, notes=(*container.notes, *files.notes))
    if not files.train:
        raise DataError(
            f"{container.path}: no images in it{_what_else(container.files)}.",
            f"Expected: {', '.join(FORMATS)} files in it, in a folder per class, or in train/ and test/.",
            advice_on(container.files, is_zip=isinstance(container, Zip)),
        )
    if files.heldout is not None and config.test_fraction is not None:
        raise UsageError(
            f"{container.path} has a split of its own: {len(files.heldout):,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    if files.heldout is not None and config.group is not None:
        raise UsageError(
            f"{container.path} has a split of its own.", "Expected: --group only for sets without one."
        )
    if config.labels is not None:
        files = labelled(files, config.labels)
    elif files.class_names == (UNLABELLED,) and (table := _table_in(container)):
        files = replace(files, notes=(*files.notes, f"If {table} has their labels: --labels {table}"))
    names = files.class_names
    chosen = tuple(names[number] for number in choose_classes(config.class_words, names))
    return files.only(chosen), chosen


def _table_in(container: Container) -> str:
    """Return the path of a table beside images that have no labels, if there is one."""
    if not isinstance(container, Folder):
        return ""
    tables = sorted(name for name in container.files if name.lower().endswith(".csv"))
    return str(container.path / min(tables, key=lambda name: "label" not in name.lower())) if tables else ""


def _what_else(files: Mapping[str, int]) -> str:
    """Say what kinds of files there are instead of images."""
    endings = Counter(Path(name).suffix.lower() or "no ending" for name in files)
    common = ", ".join(f"{count:,} {tidy(ending)}" for ending, count in endings.most_common(3))
    return f", only other files ({common})" if common else ""


def plan_of(reading: Reading, files: Layout, groups: Mapping[str, str] | None = None) -> Plan:
    """Look at every header, and return which image goes where in which shape.

    Args:
        reading: How files are read.
        files: Those of the set.
        groups: Name → group of files that go to one side; None where there are no groups.
    """
    items, config = (*files.train, *(files.heldout or ())), reading.config
    seen = _look(reading, items)
    faults = {item.name: sight.fault for item, sight in zip(items, seen, strict=True) if sight.fault}
    good = [
        (frame, sight)
        for item, sight in zip(items, seen, strict=True)
        if sight.header
        for frame in _frames_of(item, sight.header, config)
    ]
    if not good:
        raise nothing_left(reading.container, faults)
    shape, notes = _shape([sight.header for _, sight in good if sight.header], reading)
    if files.heldout is None:
        names = files.class_names
        labels = np.array([names.index(item.label) for item, _ in good])
        held = hold_out(
            [sight.digest for _, sight in good],
            labels,
            config.test_fraction,
            config.seed,
            groups=None if groups is None else [groups.get(item.name) for item, _ in good],
            rounding=config.rounding,
        )
    else:
        heldout = {item.name for item in files.heldout}
        held = np.array([item.name in heldout for item, _ in good])
    if held.all() or not held.any():
        raise nothing_left(reading.container, faults, "to train on" if held.any() else "to hold out")
    ordered = [good[row] for row in np.argsort(held, kind="stable")]
    train = int((~held).sum())
    wide = [
        [item for item, sight in part if sight.header and sight.header.is_wide]
        for part in (ordered[:train], ordered[train:])
    ]
    scales, said = _scales(reading, wide, has_split=files.heldout is not None)
    said = [*files.notes, *_on_frames(seen, config), *notes, *said]
    return Plan(tuple(item for item, _ in ordered), train, shape, tuple(said), faults, scales)


def _scales(reading: Reading, wide: Sequence[Sequence[Item]], *, has_split: bool) -> tuple[Scales, list[str]]:
    """Return the scale of each split's images that are wider than bytes, and words on it.

    A set without splits of its own has one scale.
    """
    found = [_range_of_all(reading, items) for items in wide]
    present = [each for each in found if each]
    if not present:
        return (None, None), [] if reading.config.ends is None else [
            f"Read as {reading.config.range}, as asked."
        ]
    if not has_split:
        present = [reduce(Range.joined, present)]
    scales, words = scales_of(present, str(reading.container.path), reading.config.ends)
    return (scales[0], scales[-1]), words


def _range_of_all(reading: Reading, items: Sequence[Item]) -> Range | None:
    """Return the range of the numbers of all images that can be decoded; None where there are none."""
    found: list[Range | None] = [None] * len(items)

    def measure(number: int, item: Item) -> None:
        with suppress(DataError), reading.container.open(item.name) as stream:
            found[number] = range_of(stream, item.name, item.frame)

    reading.each("measuring the images", items, measure)
    known = [each for each in found if each]
    return reduce(Range.joined, known) if known else None


def _frames_of(item: Item, header: Header, config: TrainConfig) -> list[Item]:
    """Return the images of a file: one frame of it, or all."""
    wanted = range(header.frames) if config.frame is None else [config.frame if header.frames > 1 else 0]
    return [Item(item.name, item.label, frame) for frame in wanted]


def _on_frames(seen: Sequence[_Seen], config: TrainConfig) -> list[str]:
    """Say how many files have several frames, and what is read of them."""
    counts = [sight.header.frames for sight in seen if sight.header and sight.header.frames > 1]
    if not counts:
        return []
    has = f"{len(counts):,} files have" if len(counts) > 1 else "1 file has"
    if config.frames is None:
        read = "the first of each is read; --frames all reads all, --frames N the Nth"
    else:
        read = "all are read" if config.frame is None else f"frame {config.frames} of each is read"
    return [f"{has} several frames, {sum(counts):,} in total: {read}."]


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
    is_colour = len(config.band_numbers) == 3 if config.bands else any(header.is_colour for header in headers)
    channels = config.channels or (3 if is_colour else 1)
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
