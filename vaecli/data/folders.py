"""A folder or a zip of image files → a dataset.

Two passes, each by several threads: the first looks at headers, so that size, channels
and the held-out images are known before anything is decoded; the second decodes every
image straight into its place.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.catalogue import Progress
from vaecli.data.classes import choose_classes
from vaecli.data.containers import Container, open_container
from vaecli.data.dataset import Dataset, fingerprint_of
from vaecli.data.decoded import IN_MEMORY, Decoded, remembered
from vaecli.data.images import FORMATS, Header, decode, fitted, look, quietly
from vaecli.data.knobs import LARGEST_SIDE, Knobs
from vaecli.data.layout import Item, Layout, layout, tidy
from vaecli.data.splitting import file_digest, hold_out
from vaecli.errors import DataError, UsageError

_CHUNK = 64  # files that a thread takes at a time
_GREY = "All of them are grey, though stored in colour: one channel is kept."
_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class _Seen:
    """What the first pass found behind a name: a header and a digest, or a fault."""

    header: Header | None
    digest: bytes
    fault: str = ""


@dataclass(frozen=True)
class _Plan:
    """Which image goes where.

    Attributes:
        items: Those to train on, then the held-out ones.
        train: How many of them are to train on.
        shape: `(height, width, channels)` to decode to.
        notes: What was found and left out so far.
        faults: Name → what is wrong with a file that is no image.
    """

    items: tuple[Item, ...]
    train: int
    shape: tuple[int, int, int]
    notes: tuple[str, ...]
    faults: Mapping[str, str]


def load_folder(
    path: Path, knobs: Knobs, progress: Progress | None = None, in_memory: int = IN_MEMORY
) -> Dataset:
    """Load the images of a folder or a zip.

    Images may lie flat, in a subfolder for each class, or below `train/` and `test/`. A file
    that is no readable image is left out and said; so is whatever lies outside that order.

    Args:
        path: The folder or zip.
        knobs: How to cut, scale, colour and split.
        progress: Told what is being read: what, bytes so far, bytes in all.
        in_memory: Decoded images of more bytes go to the cache on the disk, mapped.

    Raises:
        DataError: If nothing in it can be read, or sizes are mixed and none is asked for.
        UsageError: If a set with a split of its own is asked for another.
        EnvironmentFailure: If the cache on the disk has no room.
    """
    container = open_container(path)
    files, class_names = _chosen(container, knobs)
    if files.heldout is not None:
        knobs = replace(knobs, test_fraction=None, seed=0)  # they change nothing
    key = repr((str(path), container.stamp, sorted(asdict(knobs).items())))
    if (entry := remembered(key)) is None:
        reading = _Reading(container, knobs, progress or _silent)
        entry = _decoded(reading, _plan(reading, files), class_names, key, in_memory)
    images, facts = entry
    train, labels = facts["train"], np.array(facts["labels"], np.int64)
    return Dataset.from_arrays(
        short_name(path),
        images[:train],
        labels[:train],
        heldout_images=images[train:],
        heldout_labels=labels[train:],
        class_names=class_names,
        source=container.words,
        word=str(path),
        notes=facts["notes"],
        fingerprint=facts["fingerprint"],
    )


def short_name(path: Path) -> str:
    """Return a name for runs that a path suggests: short, and safe in every shell.

    >>> short_name(Path("/data/My Pictures (2024).zip"))
    'my-pictures-2024'
    """
    stem = path.name if path.is_dir() else path.name.split(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:32].strip("-") or "images"


@dataclass(frozen=True)
class _Reading:
    """Files being read, by several threads, with somebody watching."""

    container: Container
    knobs: Knobs
    progress: Progress

    def each(self, what: str, items: Sequence[Item], work: Callable[[int, Item], None]) -> None:
        """Do some work on each item; what is a `DataError` is the work's to keep."""
        sizes = [self.container.files[item.name] for item in items]
        total, done = sum(sizes), 0

        def run(start: int) -> int:
            for number in range(start, min(start + _CHUNK, len(items))):
                work(number, items[number])
            return sum(sizes[start : start + _CHUNK])

        threads = ThreadPoolExecutor(_THREADS)
        try:
            with quietly():
                for size in threads.map(run, range(0, len(items), _CHUNK)):
                    done += size
                    self.progress(what, done, total)
        finally:
            threads.shutdown(cancel_futures=True)


def _chosen(container: Container, knobs: Knobs) -> tuple[Layout, tuple[str, ...]]:
    """Return the files of the classes that are wanted, and the names of those classes."""
    files = layout(container.files)
    if not files.train:
        raise DataError(
            f"{container.path}: no images in it{_what_else(container.files)}.",
            f"Expected: {', '.join(FORMATS)} files in it, in a folder per class, or in train/ and test/.",
        )
    if files.heldout is not None and knobs.test_fraction is not None:
        raise UsageError(
            f"{container.path} has a split of its own: {len(files.heldout):,} held-out images.",
            "Expected: --test-fraction only for sets without one.",
        )
    names = files.class_names
    chosen = tuple(names[number] for number in choose_classes(knobs.classes, names))
    return files.only(chosen), chosen


def _what_else(files: Mapping[str, int]) -> str:
    """Say what kinds of files there are instead of images."""
    endings = Counter(Path(name).suffix.lower() or "no ending" for name in files)
    common = ", ".join(f"{count:,} {tidy(ending)}" for ending, count in endings.most_common(3))
    return f", only other files ({common})" if common else ""


def _plan(reading: _Reading, files: Layout) -> _Plan:
    """Look at every header, and return which image goes where in which shape."""
    items, knobs = (*files.train, *(files.heldout or ())), reading.knobs
    seen = _look(reading, items)
    good = [(item, sight) for item, sight in zip(items, seen, strict=True) if sight.header]
    faults = {item.name: sight.fault for item, sight in zip(items, seen, strict=True) if sight.fault}
    if not good:
        raise _nothing(reading.container, faults)
    shape, notes = _shape([sight.header for _, sight in good if sight.header], reading)
    if files.heldout is None:
        names = files.class_names
        labels = np.array([names.index(item.label) for item, _ in good])
        held = hold_out([sight.digest for _, sight in good], labels, knobs.test_fraction, knobs.seed)
    else:
        heldout = set(files.heldout)
        held = np.array([item in heldout for item, _ in good])
    if held.all() or not held.any():
        raise _nothing(reading.container, faults, "to train on" if held.any() else "to hold out")
    ordered = [good[row][0] for row in np.argsort(held, kind="stable")]
    return _Plan(tuple(ordered), int((~held).sum()), shape, (*files.notes, *notes), faults)


def _look(reading: _Reading, items: Sequence[Item]) -> list[_Seen]:
    """Return what the header of each file says, and a digest of its content."""
    seen = [_Seen(None, b"")] * len(items)

    def look_at(number: int, item: Item) -> None:
        try:
            with reading.container.open(item.name) as stream:
                digest = file_digest(stream)
                seen[number] = _Seen(look(stream, item.name), digest)
        except DataError as error:
            seen[number] = _Seen(None, b"", _fault(error, item))

    reading.each("looking at the images", items, look_at)
    return seen


def _shape(headers: Sequence[Header], reading: _Reading) -> tuple[tuple[int, int, int], list[str]]:
    """Return the shape to decode to, and how sizes have to change for it.

    Raises:
        DataError: If there are several sizes, or too large ones, and none is asked for.
    """
    where, knobs = reading.container.path, reading.knobs
    sizes = Counter(header.size for header in headers)
    (common, count), *_ = sizes.most_common(1)
    channels = knobs.channels or (3 if any(header.is_colour for header in headers) else 1)
    if knobs.size is None and len(sizes) > 1:
        raise DataError(
            f"{where}: images of {len(sizes):,} sizes.",
            f"The commonest is {_by(common)}: {count:,} of {len(headers):,} images.",
            _try_size(common),
        )
    if knobs.size is None and max(common) > LARGEST_SIDE:
        raise DataError(
            f"{where}: its images are {_by(common)}: too large to train on as they are.",
            mend="Add --size 64, or another size.",
        )
    notes = []
    if knobs.size and set(sizes) != {knobs.size}:
        smaller = sum(times for size, times in sizes.items() if min(size) < min(knobs.size))
        commonest = f"{len(sizes):,} sizes (the commonest {_by(common)}: {count:,} of {len(headers):,})"
        origin = _by(common) if len(sizes) == 1 else commonest
        enlarged = f"; {smaller:,} enlarged" if smaller else ""
        notes = [f"Scaled from {origin}, to {knobs.fit}{enlarged}."]
    return (*(knobs.size or common), channels), notes


def _try_size(common: tuple[int, int]) -> str:
    """Return the flag that would help, and a smaller size where the common one is large."""
    flag = f"Add --size {common[0]}x{common[1]}"
    if max(common) > LARGEST_SIDE:
        return "Add --size 64, or another size."
    return f"{flag}, or a smaller one as --size 64." if max(common) > 128 else f"{flag}, or another size."


def _decoded(
    reading: _Reading, plan: _Plan, class_names: Sequence[str], key: str, in_memory: int
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Decode every image of a plan into its place; return all that could be, and their facts."""
    shape = (len(plan.items), *plan.shape)
    room = Decoded(shape, key if math.prod(shape) > in_memory else None)
    try:
        faults, is_grey = _fill(reading, plan, room.images)
        bad = [item.name in faults for item in plan.items]
        rows, train = np.flatnonzero(~np.array(bad)), plan.train - sum(bad[: plan.train])
        faults = {**plan.faults, **faults}
        if not 0 < train < len(rows):
            raise _nothing(reading.container, faults, "to hold out" if train else "to train on")
        images = room.keep(rows, 1 if is_grey else plan.shape[2])
        labels = np.array([class_names.index(plan.items[row].label) for row in rows])
        notes = [*plan.notes, *([_GREY] if is_grey else []), *_skipped(faults)]
        facts = {
            "train": train,
            "labels": labels.tolist(),
            "notes": notes,
            "fingerprint": fingerprint_of(images[:train], labels[:train], images[train:], labels[train:]),
        }
        return room.finish(facts), facts
    finally:
        room.close()


def _fill(reading: _Reading, plan: _Plan, images: NDArray[np.uint8]) -> tuple[dict[str, str], bool]:
    """Decode into `images`; return the faults by name, and whether no image shows a colour.

    That is only found out where the number of channels is left to the images.
    """
    knobs, faults = reading.knobs, {}
    coloured = [knobs.channels is not None or plan.shape[2] == 1]

    def decode_into(number: int, item: Item) -> None:
        try:
            with reading.container.open(item.name) as stream:
                image = decode(stream, item.name, knobs, wanted=knobs.size)
            images[number] = pixels = fitted(image, plan.shape, knobs)
            if not coloured[0] and (pixels != pixels[..., :1]).any():
                coloured[0] = True
        except DataError as error:
            faults[item.name] = _fault(error, item)

    reading.each("decoding the images", plan.items, decode_into)
    return faults, not coloured[0]


def _skipped(faults: Mapping[str, str]) -> list[str]:
    """Say how many images could not be read, and why the first few could not."""
    if not faults:
        return []
    listed = [f"{tidy(name)}: {fault}" for name, fault in sorted(faults.items())[:3]]
    more = f"; and {len(faults) - 3:,} more" if len(faults) > 3 else ""
    return [f"{len(faults):,} skipped that cannot be used: {'; '.join(listed)}{more}."]


def _nothing(container: Container, faults: Mapping[str, str], purpose: str = "") -> DataError:
    """Say that no image is left, and what is wrong with the first."""
    name, fault = next(iter(faults.items()), ("", ""))
    return DataError(
        f"{container.path}: no image{f' {purpose}' if purpose else ''} can be read.",
        f"The first of {len(faults):,} that cannot: {tidy(name)}: {fault}." if faults else "",
    )


def _fault(error: DataError, item: Item) -> str:
    """Return what is wrong with an image, without its name."""
    return error.what.removeprefix(f"{item.name}: ").removesuffix(".")


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def _silent(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""
