"""A folder or a zip of image files → a dataset.

Two passes, each by several threads: the first looks at headers, so that size, channels
and the held-out images are known before anything is decoded; the second decodes every
image straight into its place, or, where images are streamed, only to see that it can be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.config import TrainConfig
from vaecli.data.dataset import Dataset, fingerprint_of
from vaecli.data.decoded import (
    IN_MEMORY,
    IN_MEMORY_RATHER_THAN_STREAMED,
    Decoded,
    keep_facts,
    remembered,
    remembered_facts,
)
from vaecli.data.files.containers import Container, open_container
from vaecli.data.files.groups import groups_of, words_on
from vaecli.data.files.layout import Item, Layout
from vaecli.data.files.planning import Plan, choose_files, fault_of, nothing_left, plan_of
from vaecli.data.files.reading import Reading, Watch
from vaecli.data.names import short_name, tidy
from vaecli.data.progress import Progress, silent
from vaecli.data.ranges import Scale
from vaecli.data.streamed import Streamed
from vaecli.data.summary import extremes_between
from vaecli.errors import DataError

_GREY = "All of them are grey, though stored in colour: one channel is kept."


def load_folder(
    path: Path,
    config: TrainConfig,
    progress: Progress | None = None,
    *,
    stream: bool = False,
    in_memory: int | None = None,
) -> Dataset:
    """Load the images of a folder or a zip.

    Images may be directly in it, in a subfolder for each class, or below `train/` and `test/`. A file
    that is not a readable image is skipped and reported; so is a file anywhere else.

    Args:
        path: The folder or zip.
        config: How to crop, scale, colour and split the images.
        progress: Called with what is being read: what, bytes so far, bytes in total.
        stream: Whether to decode many files each time they are taken, rather than once into the cache
            on the disk. The images are the same.
        in_memory: Decoded images of more bytes go to the cache on the disk, mapped, or are
            streamed; by default 32 MiB, or 256 MiB before they are streamed.

    Raises:
        DataError: If nothing in it can be read, or sizes are mixed and none is asked for.
        UsageError: If the set has a split of its own, but another is asked for.
        EnvironmentFailure: If the cache on the disk has no room.
    """
    container = open_container(path)
    files, class_names = choose_files(container, config)
    return load_items(container, files, class_names, config, progress, stream=stream, in_memory=in_memory)


def load_items(
    container: Container,
    files: Layout,
    class_names: Sequence[str],
    config: TrainConfig,
    progress: Progress | None = None,
    *,
    stream: bool = False,
    in_memory: int | None = None,
) -> Dataset:
    """Load the images of a container whose layout is known; the rest is as `load_folder` takes it.

    Args:
        container: The files.
        files: Which of them is of which split and class.
        class_names: The classes in their order.
        config: See `load_folder`; and so are the others.
        progress: See there.
        stream: See there.
        in_memory: See there.
    """
    path = container.path
    if files.heldout is not None:
        config = replace(
            config, test_fraction=None, seed=0, rounding=TrainConfig.rounding
        )  # they change nothing
    groups = None if config.group is None else groups_of(config.group, [item.name for item in files.train])
    reading = Reading(container, config, progress or silent)
    key = _key(path, container.stamp, files, groups, config)
    if in_memory is None:
        in_memory = IN_MEMORY_RATHER_THAN_STREAMED if stream else IN_MEMORY
    images, facts = remembered(key, reading.progress) or _read(
        reading, files, groups, class_names, key, in_memory, stream=stream
    )
    train, labels = facts["train"], np.array(facts["labels"], np.int64)
    names = [Item(name, "", frame).words for name, frame in zip(facts["files"], facts["frames"], strict=True)]
    train_images, heldout_images = _parts(images, facts)
    return Dataset.from_arrays(
        short_name(path),
        train_images,
        labels[:train],
        heldout_images=heldout_images,
        heldout_labels=labels[train:],
        class_names=class_names,
        source=container.words,
        word=str(path),
        notes=[*facts["notes"], *([] if groups is None else [words_on(groups, len(files.train))])],
        fingerprint=facts["fingerprint"],
        files=(names[:train], names[train:]),
    )


def _key(path: Path, stamp: str, files: Layout, groups: Mapping[str, str] | None, config: TrainConfig) -> str:
    """Return what decoded images are made from: the files, and what shapes them, however it was typed.

    How names were understood is part of it: what was kept under another understanding is not used.
    """
    return repr((str(path), stamp, files, groups, config.shaping_key()))


def _parts(
    images: NDArray[np.uint8] | Streamed, facts: Mapping[str, Any]
) -> tuple[NDArray[np.uint8] | Streamed, NDArray[np.uint8] | Streamed]:
    """Return the images to train on and the held-out ones; streamed ones come with their extremes."""
    train, heldout = slice(facts["train"]), slice(facts["train"], None)
    if isinstance(images, Streamed):
        of_train, of_heldout = map(tuple, facts["extremes"])
        return images.only(train, of_train), images.only(heldout, of_heldout)
    return images[train], images[heldout]


def _read(
    reading: Reading,
    files: Layout,
    groups: Mapping[str, str] | None,
    class_names: Sequence[str],
    key: str,
    in_memory: int,
    *,
    stream: bool,
) -> tuple[NDArray[np.uint8] | Streamed, dict[str, Any]]:
    """Read a set that is not in the cache: return its images and the facts about them."""
    if stream and (facts := remembered_facts(key)):
        return _streamed(reading, facts), facts
    faults: dict[str, str] = {}
    while True:
        plan = plan_of(reading, files.without(faults), groups)
        plan = replace(plan, faults={**plan.faults, **faults})
        try:
            return _read_as_planned(reading, plan, class_names, key, in_memory, stream=stream)
        except _UnusableSplitError as error:
            is_hopeless = error.faults.keys() <= faults.keys() or not files.without(error.faults).train
            if files.heldout is not None or is_hopeless:
                raise nothing_left(reading.container, error.faults, error.purpose) from error
            faults = dict(error.faults)  # the few held-out images were bad ones: hold out others


def _read_as_planned(
    reading: Reading, plan: Plan, class_names: Sequence[str], key: str, in_memory: int, *, stream: bool
) -> tuple[NDArray[np.uint8] | Streamed, dict[str, Any]]:
    """Decode the images of a plan, or look at each where they are to be streamed."""
    if not stream or len(plan.items) * math.prod(plan.shape) <= in_memory:
        return _decoded(reading, plan, class_names, key, in_memory)
    facts = _surveyed(reading, plan, class_names)
    keep_facts(key, facts)
    return _streamed(reading, facts), facts


def _decoded(
    reading: Reading, plan: Plan, class_names: Sequence[str], key: str, in_memory: int
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Decode every image of a plan into its place; return all that could be, and their facts."""
    shape = (len(plan.items), *plan.shape)
    room, trial = Decoded(shape, key if math.prod(shape) > in_memory else None), _Trial(reading, plan)

    def decode_into(number: int, item: Item) -> None:
        room.images[number] = trial.pixels(number, item)

    try:
        reading.each("decoding the images", plan.items, decode_into)
        left = trial.verdict()
        rows = np.array([row for row, item in enumerate(plan.items) if item.words not in left.faults])
        images = room.keep(rows, left.shape[2])
        facts = _facts(left, class_names, images[: left.train], images[left.train :])
        return room.finish(facts), facts
    finally:
        room.close()


def _surveyed(reading: Reading, plan: Plan, class_names: Sequence[str]) -> dict[str, Any]:
    """Decode every image of a plan and keep none; return the facts, and what to stream them by."""
    trial, count = _Trial(reading, plan), len(plan.items)
    low, high = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    watch = Watch("decoding the images", reading, plan.items)

    def look_at(number: int) -> NDArray[np.uint8]:
        pixels = trial.pixels(number, plan.items[number])
        low[number], high[number] = pixels.min(), pixels.max()
        watch.saw(plan.items[number])
        return pixels

    images = Streamed(look_at, (count, *plan.shape))
    parts = slice(plan.train), slice(plan.train, None)
    facts = _facts(plan, class_names, *(images.only(part) for part in parts))
    if (left := trial.verdict()) != plan:  # some cannot be decoded or all are grey: digested in vain
        return _surveyed(reading, left, class_names)
    extremes = [extremes_between(low[part], high[part]) for part in parts]
    scales = [scale and (scale.low, scale.high) for scale in plan.scales]
    return {**facts, "shape": plan.shape, "extremes": extremes, "scales": scales}


def _facts(
    plan: Plan,
    class_names: Sequence[str],
    train: NDArray[np.uint8] | Streamed,
    heldout: NDArray[np.uint8] | Streamed,
) -> dict[str, Any]:
    """Return what is to be remembered of the images of a plan, all of which are there."""
    labels = np.array([class_names.index(item.label) for item in plan.items])
    return {
        "train": plan.train,
        "labels": labels.tolist(),
        "files": [item.name for item in plan.items],
        "frames": [item.frame for item in plan.items],
        "notes": [*plan.notes, *_skipped(plan.faults)],
        "fingerprint": fingerprint_of(train, labels[: plan.train], heldout, labels[plan.train :]),
    }


class _UnusableSplitError(Exception):
    """None of the images of a split can be decoded.

    Attributes:
        faults: Name → what is wrong with it.
        purpose: What no image is left for.
    """

    def __init__(self, faults: Mapping[str, str], purpose: str) -> None:
        super().__init__(purpose)
        self.faults, self.purpose = faults, purpose


class _Trial:
    """The images of a plan being decoded for the first time, by several threads: not all can be.

    Where the number of channels is left to the images, it is found out, too, whether any shows a colour.
    """

    def __init__(self, reading: Reading, plan: Plan) -> None:
        self._reading, self._plan = reading, plan
        self._faults: dict[str, str] = {}
        self._is_coloured = reading.config.channels is not None or plan.shape[2] == 1
        self._nothing = np.zeros(plan.shape, np.uint8)

    def pixels(self, number: int, item: Item) -> NDArray[np.uint8]:
        """Return the image at a position of the plan, black if it cannot be decoded."""
        try:
            pixels = self._reading.pixels(item, self._plan.shape, self._plan.scale(number))
        except DataError as error:
            self._faults[item.words] = fault_of(error, item)
            return self._nothing
        if not self._is_coloured and (pixels != pixels[..., :1]).any():
            self._is_coloured = True
        return pixels

    def verdict(self) -> Plan:
        """Return the plan for what is left now that all have been tried.

        Raises:
            _UnusableSplitError: If nothing is left to train on or to hold out.
        """
        plan, faults = self._plan, {**self._plan.faults, **self._faults}
        usable = [item.words not in self._faults for item in plan.items]
        train, items = sum(usable[: plan.train]), tuple(itertools.compress(plan.items, usable))
        if not 0 < train < len(items):
            raise _UnusableSplitError(faults, "to hold out" if train else "to train on")
        if not self._is_coloured:
            shape, notes = (*plan.shape[:2], 1), (*plan.notes, _GREY)
        else:
            shape, notes = plan.shape, plan.notes
        return Plan(items, train, shape, notes, faults, plan.scales)


def _streamed(reading: Reading, facts: Mapping[str, Any]) -> Streamed:
    """Return images that are decoded when they are taken, by the facts of an earlier survey."""
    items = [Item(name, "", frame) for name, frame in zip(facts["files"], facts["frames"], strict=True)]
    height, width, channels = facts["shape"]
    scales = [scale and Scale(*scale) for scale in facts["scales"]]

    def decode_one(number: int) -> NDArray[np.uint8]:
        scale = scales[0 if number < facts["train"] else 1]
        try:
            return reading.pixels(items[number], (height, width, channels), scale)
        except DataError as error:
            raise DataError(
                f"{reading.container.path}: {error.what}",
                "Expected: the images as they were when the dataset was opened.",
            ) from error

    return Streamed(decode_one, (len(items), height, width, channels))


def _skipped(faults: Mapping[str, str]) -> list[str]:
    """Say how many images could not be read, and why the first few could not."""
    if not faults:
        return []
    listed = [f"{tidy(name)}: {fault}" for name, fault in sorted(faults.items())[:3]]
    more = f"; and {len(faults) - 3:,} more" if len(faults) > 3 else ""
    return [f"{len(faults):,} skipped that cannot be used: {'; '.join(listed)}{more}."]
