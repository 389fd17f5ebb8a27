"""A folder or a zip of image files → a dataset.

Two passes, each by several threads: the first looks at headers, so that size, channels
and the held-out images are known before anything is decoded; the second decodes every
image straight into its place, or, where images are streamed, only to see that it can be.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.data.catalogue import Progress
from vaecli.data.classes import choose_classes
from vaecli.data.containers import Container, open_container
from vaecli.data.dataset import Dataset, fingerprint_of
from vaecli.data.decoded import (
    IN_MEMORY,
    IN_MEMORY_RATHER_THAN_STREAMED,
    Decoded,
    keep_facts,
    remembered,
    remembered_facts,
)
from vaecli.data.images import FORMATS, Header, decode, fitted, look, quietly
from vaecli.data.knobs import LARGEST_SIDE, Knobs
from vaecli.data.layout import Item, Layout, layout, tidy
from vaecli.data.splitting import file_digest, hold_out
from vaecli.data.streamed import THREADS, Streamed
from vaecli.errors import DataError, UsageError

_CHUNK = 64  # files that a thread takes at a time
_GREY = "All of them are grey, though stored in colour: one channel is kept."


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
    path: Path, knobs: Knobs, progress: Progress | None = None, in_memory: int | None = None
) -> Dataset:
    """Load the images of a folder or a zip.

    Images may lie flat, in a subfolder for each class, or below `train/` and `test/`. A file
    that is no readable image is left out and said; so is whatever lies outside that order.

    Args:
        path: The folder or zip.
        knobs: How to cut, scale, colour and split.
        progress: Told what is being read: what, bytes so far, bytes in all.
        in_memory: Decoded images of more bytes go to the cache on the disk, mapped, or are
            streamed; by default 32 MiB, or 256 MiB before they are streamed.

    Raises:
        DataError: If nothing in it can be read, or sizes are mixed and none is asked for.
        UsageError: If a set with a split of its own is asked for another.
        EnvironmentFailure: If the cache on the disk has no room.
    """
    container = open_container(path)
    files, class_names = _chosen(container, knobs)
    if files.heldout is not None:
        knobs = replace(knobs, test_fraction=None, seed=0)  # they change nothing
    reading = _Reading(container, knobs, progress or _silent)
    wishes = sorted((wish, value) for wish, value in asdict(knobs).items() if wish != "stream")
    key = repr((str(path), container.stamp, wishes))
    if in_memory is None:
        in_memory = IN_MEMORY_RATHER_THAN_STREAMED if knobs.stream else IN_MEMORY
    images, facts = remembered(key) or _read(reading, files, class_names, key, in_memory)
    train, labels = facts["train"], np.array(facts["labels"], np.int64)
    return Dataset.from_arrays(
        short_name(path),
        _part(images, slice(train), facts),
        labels[:train],
        heldout_images=_part(images, slice(train, None), facts),
        heldout_labels=labels[train:],
        class_names=class_names,
        source=container.words,
        word=str(path),
        notes=facts["notes"],
        fingerprint=facts["fingerprint"],
    )


def _part(
    images: NDArray[np.uint8] | Streamed, rows: slice, facts: Mapping[str, Any]
) -> NDArray[np.uint8] | Streamed:
    """Return the images of one split, of which streamed ones know their extremes."""
    if isinstance(images, Streamed):
        return images.only(rows, tuple(facts["extremes"][bool(rows.start)]))
    return images[rows]


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
        watch = _Watch(what, self, items)

        def run(start: int) -> Sequence[Item]:
            for number in range(start, min(start + _CHUNK, len(items))):
                work(number, items[number])
            return items[start : start + _CHUNK]

        threads = ThreadPoolExecutor(THREADS)
        try:
            with quietly():
                for done in threads.map(run, range(0, len(items), _CHUNK)):
                    watch.saw(*done)
        finally:
            threads.shutdown(cancel_futures=True)

    def pixels(self, name: str, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
        """Decode an image to a shape.

        Raises:
            DataError: If it cannot be.
        """
        with self.container.open(name) as stream:
            image = decode(stream, name, self.knobs, wanted=self.knobs.size)
        return fitted(image, shape, self.knobs)


class _Watch:
    """Tells how far a reading has come, in bytes of files."""

    def __init__(self, what: str, reading: _Reading, items: Sequence[Item]) -> None:
        self._what, self._progress, self._sizes = what, reading.progress, reading.container.files
        self._total, self._done, self._lock = sum(self._sizes[item.name] for item in items), 0, Lock()

    def saw(self, *items: Item) -> None:
        """Some more have been read; any thread may say so."""
        with self._lock:
            self._done += sum(self._sizes[item.name] for item in items)
            self._progress(self._what, self._done, self._total)


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


def _read(
    reading: _Reading, files: Layout, class_names: Sequence[str], key: str, in_memory: int
) -> tuple[NDArray[np.uint8] | Streamed, dict[str, Any]]:
    """Read a set that is not in the cache: return its images and the facts about them."""
    is_streamed = reading.knobs.stream
    if is_streamed and (facts := remembered_facts(key)):
        return _streamed(reading, facts), facts
    plan = _plan(reading, files)
    if not is_streamed or len(plan.items) * math.prod(plan.shape) <= in_memory:
        return _decoded(reading, plan, class_names, key, in_memory)
    facts = _surveyed(reading, plan, class_names)
    keep_facts(key, facts)
    return _streamed(reading, facts), facts


def _decoded(
    reading: _Reading, plan: _Plan, class_names: Sequence[str], key: str, in_memory: int
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Decode every image of a plan into its place; return all that could be, and their facts."""
    shape = (len(plan.items), *plan.shape)
    room, trial = Decoded(shape, key if math.prod(shape) > in_memory else None), _Trial(reading, plan)

    def decode_into(number: int, item: Item) -> None:
        room.images[number] = trial.pixels(item)

    try:
        reading.each("decoding the images", plan.items, decode_into)
        left = trial.verdict()
        rows = np.array([row for row, item in enumerate(plan.items) if item.name not in left.faults])
        images = room.keep(rows, left.shape[2])
        facts = _facts(left, class_names, images[: left.train], images[left.train :])
        return room.finish(facts), facts
    finally:
        room.close()


def _surveyed(reading: _Reading, plan: _Plan, class_names: Sequence[str]) -> dict[str, Any]:
    """Decode every image of a plan and keep none; return the facts, and what to stream them by."""
    trial, count = _Trial(reading, plan), len(plan.items)
    low, high = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    watch = _Watch("decoding the images", reading, plan.items)

    def look_at(number: int) -> NDArray[np.uint8]:
        pixels = trial.pixels(plan.items[number])
        low[number], high[number] = pixels.min(), pixels.max()
        watch.saw(plan.items[number])
        return pixels

    images = Streamed(look_at, (count, *plan.shape))
    parts = slice(plan.train), slice(plan.train, None)
    facts = _facts(plan, class_names, *(images.only(part) for part in parts))
    if (left := trial.verdict()) != plan:  # some cannot be decoded or all are grey: digested in vain
        return _surveyed(reading, left, class_names)
    extremes = [
        (int(low[part].min()), int(high[part].max()), int((low == high)[part].sum())) for part in parts
    ]
    return {**facts, "files": [item.name for item in plan.items], "shape": plan.shape, "extremes": extremes}


def _facts(
    plan: _Plan,
    class_names: Sequence[str],
    train: NDArray[np.uint8] | Streamed,
    heldout: NDArray[np.uint8] | Streamed,
) -> dict[str, Any]:
    """Return what is to be remembered of the images of a plan, all of which are there."""
    labels = np.array([class_names.index(item.label) for item in plan.items])
    return {
        "train": plan.train,
        "labels": labels.tolist(),
        "notes": [*plan.notes, *_skipped(plan.faults)],
        "fingerprint": fingerprint_of(train, labels[: plan.train], heldout, labels[plan.train :]),
    }


class _Trial:
    """The images of a plan being decoded for the first time, by several threads: not all can be.

    Where the number of channels is left to the images, it is found out, too, whether any shows a colour.
    """

    def __init__(self, reading: _Reading, plan: _Plan) -> None:
        self._reading, self._plan = reading, plan
        self._faults: dict[str, str] = {}
        self._is_coloured = reading.knobs.channels is not None or plan.shape[2] == 1
        self._nothing = np.zeros(plan.shape, np.uint8)

    def pixels(self, item: Item) -> NDArray[np.uint8]:
        """Return an image, black if it cannot be decoded."""
        try:
            pixels = self._reading.pixels(item.name, self._plan.shape)
        except DataError as error:
            self._faults[item.name] = _fault(error, item)
            return self._nothing
        if not self._is_coloured and (pixels != pixels[..., :1]).any():
            self._is_coloured = True
        return pixels

    def verdict(self) -> _Plan:
        """Return the plan for what is left now that all have been tried.

        Raises:
            DataError: If nothing is left to train on or to hold out.
        """
        plan, faults = self._plan, {**self._plan.faults, **self._faults}
        usable = [item.name not in self._faults for item in plan.items]
        train, items = sum(usable[: plan.train]), tuple(itertools.compress(plan.items, usable))
        if not 0 < train < len(items):
            raise _nothing(self._reading.container, faults, "to hold out" if train else "to train on")
        if not self._is_coloured:
            shape, notes = (*plan.shape[:2], 1), (*plan.notes, _GREY)
        else:
            shape, notes = plan.shape, plan.notes
        return _Plan(items, train, shape, notes, faults)


def _streamed(reading: _Reading, facts: Mapping[str, Any]) -> Streamed:
    """Return images that are decoded when they are taken, by the facts of an earlier survey."""
    names = facts["files"]
    height, width, channels = facts["shape"]

    def decode_one(number: int) -> NDArray[np.uint8]:
        try:
            return reading.pixels(names[number], (height, width, channels))
        except DataError as error:
            raise DataError(
                f"{reading.container.path}: {error.what}",
                "Expected: the images as they were when the set was opened.",
            ) from error

    return Streamed(decode_one, (len(names), height, width, channels))


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
