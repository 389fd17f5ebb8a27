"""A set of another library, kept as plain files: how they are written, and read again.

::

    set.json             the form, class names, counts, what was left out, and the digest of all files
    train-images.npy     arrays: images of one size, uint8 `(n, height, width, channels)`,
    train-labels.npy       and labels, int64 `(n,)`; likewise test-…, if there is a split
    images/train/<class>/  files: PNG, where sizes differ; likewise images/test/

No folder is trusted: its digests are checked each time it is used.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vaecli import files
from vaecli.config import TrainConfig
from vaecli.data.adapting import adapted
from vaecli.data.dataset import Dataset
from vaecli.data.names import natural, tidy
from vaecli.data.sealed import digest_of_file, sealed, unsealed
from vaecli.data.splitting import array_digests, hold_out
from vaecli.errors import DataError, EnvironmentFailure, UsageError
from vaecli.values import LARGEST_SIDE

_VERSION = 2
_FACTS = "set.json"
_LARGEST = 1 << 33  # bytes of the images of one split that are kept as an array
_LONGEST = 50  # characters of a folder's name


class Writer:
    """Writes images as arrays as long as they are of one shape, else as PNG files.

    Args:
        folder: Where to write; made here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays: dict[str, NDArray[np.uint8]] = {}
        self._labels: dict[str, list[str | None]] = {}
        self._folders: dict[str | None, str] = {None: ""}
        self._as_files = False
        folder.mkdir()

    def add(self, split: str, image: Any, label: str | None, total: int) -> None:
        """Write an image.

        Args:
            split: `train` or `test`.
            image: An array, or an image of Pillow's.
            label: The name of its class; None if the set has no labels.
            total: The most images that the split will have.

        Raises:
            DataError: If it cannot be kept as an image, or is one too many.
        """
        pixels = pixels_of(image)
        labels = self._labels.setdefault(split, [])
        if len(labels) >= total:
            raise DataError(f"its split has more than the {total:,} images that it states")
        if not self._as_files and not self._fits(pixels, total):
            self._become_files()
        if self._as_files:
            self._write_file(split, len(labels), pixels, label)
        else:
            if split not in self._arrays:
                self._arrays[split] = open_memmap(
                    self._path(split, "images"), "w+", np.uint8, (total, *pixels.shape)
                )
            self._arrays[split][len(labels)] = pixels
        labels.append(label)

    def finish(self, class_names: Sequence[str] | None, made_by: str, notes: Sequence[str]) -> None:
        """Write the labels, and last of all what the set is; then let the disk have all of it.

        Args:
            class_names: The classes in their order; by default in the order of their names.
            made_by: The library and its version.
            notes: What was left out.
        """
        found = {label for labels in self._labels.values() for label in labels if label is not None}
        names = list(class_names or sorted(found, key=natural)) if found else None
        for split, array in self._arrays.items():
            self._finish_array(split, array, names)
        _flush(self._folder)
        facts = {
            "version": _VERSION,
            "form": "files" if self._as_files else "arrays",
            "class_names": names,
            "counts": {split: len(labels) for split, labels in self._labels.items()},
            "made_by": made_by,
            "notes": list(notes),
            "sha256": _digest_of(self._folder),
        }
        (self._folder / _FACTS).write_text(sealed(facts), encoding="utf-8")
        files.flush(self._folder / _FACTS)
        files.flush(self._folder)

    def _path(self, split: str, what: str) -> Path:
        return self._folder / f"{split}-{what}.npy"

    def _fits(self, pixels: NDArray[np.generic], total: int) -> bool:
        """Tell whether an image may be part of an array of uint8, beside those before it."""
        before = next(iter(self._arrays.values()), None)
        return (
            pixels.dtype == np.uint8
            and pixels.shape[2] in {1, 3}
            and (before is None or pixels.shape == before.shape[1:])
            and max(pixels.shape) <= LARGEST_SIDE
            and pixels.size * total <= _LARGEST
        )

    def _become_files(self) -> None:
        """Write what is in arrays as files."""
        self._as_files = True
        for split, array in self._arrays.items():
            for number, label in enumerate(self._labels[split]):
                self._write_file(split, number, array[number], label)
            self._path(split, "images").unlink()
        self._arrays = {}

    def _write_file(self, split: str, number: int, pixels: NDArray[Any], label: str | None) -> None:
        folder = self._folder / "images" / split / self._folder_of(label)
        folder.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        image.save(folder / f"{number:07}.png", compress_level=1)

    def _folder_of(self, label: str | None) -> str:
        """Return the name of a class as that of a folder, which no other class has."""
        if label not in self._folders:
            taken = {name.casefold() for name in self._folders.values()}
            plain = re.sub(r"[/\x00-\x1f\x7f]", "-", label or "").strip().lstrip(".")[:_LONGEST]
            while not plain or plain.casefold() in taken:
                plain = f"{plain} {len(taken)}".strip()
            self._folders[label] = plain
        return self._folders[label]

    def _finish_array(self, split: str, array: NDArray[np.uint8], names: list[str] | None) -> None:
        """Write the labels of an array, and cut it down if fewer images came than were stated."""
        labels, path = self._labels[split], self._path(split, "images")
        array.flush()  # type: ignore[attr-defined]
        if len(labels) < len(array):
            part = path.with_suffix(".part")
            shorter = open_memmap(part, "w+", np.uint8, (len(labels), *array.shape[1:]))
            shorter[:] = array[: len(labels)]
            shorter.flush()
            part.replace(path)
        if names is not None:
            numbers = {name: number for number, name in enumerate(names)}
            np.save(
                self._path(split, "labels"), np.array([numbers[str(label)] for label in labels], np.int64)
            )


def _flush(folder: Path) -> None:
    """Let the disk have all files below a folder, and the folders themselves."""
    for path in (folder, *folder.rglob("*")):
        files.flush(path)


def _digest_of(folder: Path) -> str:
    """Return the SHA-256 of the names and digests of all files below a folder but `set.json`.

    Raises:
        OSError: If one cannot be read.
    """
    digest = hashlib.sha256()
    for name in sorted(_names_in(folder)):
        digest.update(f"{name}\0{digest_of_file(folder / name)}\n".encode())
    return digest.hexdigest()


def _names_in(folder: Path) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        raise error

    for parent, _, names in os.walk(folder, onerror=refuse):
        yield from (os.path.relpath(f"{parent}/{name}", folder) for name in names if name != _FACTS)


def check_kept(folder: Path) -> None:
    """Check that a folder is what a `Writer` has left there: every name, and every byte.

    Raises:
        FileNotFoundError: If there is no such folder.
        DataError: If it is damaged.
        EnvironmentFailure: If it cannot be read.
    """
    if not os.path.lexists(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    facts = _facts_of(folder)
    with _damage_reported(folder):
        if _digest_of(folder) != facts["sha256"]:
            raise ValueError("a file is missing or not what was written")


def pixels_of(image: Any) -> NDArray[Any]:
    """Return an image, upright, as an array `(height, width, channels)`.

    That is uint8 with 1, 3 or, where something may be transparent, 4 channels; or uint16 with 1.

    Raises:
        DataError: If its values or its shape are not those of an image.

    >>> pixels_of(np.zeros((5, 4), np.uint8)).shape
    (5, 4, 1)
    """
    if isinstance(image, Image.Image):
        image = ImageOps.exif_transpose(image)
        if image.mode[0] not in "IF" and image.mode not in {"L", "RGB", "RGBA"}:
            colour = "RGBA" if image.has_transparency_data else "RGB"
            image = image.convert("L" if image.mode == "1" else colour)
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize > 1 and pixels.shape[-1] == 1 and pixels.size:
        low, high = int(pixels.min()), int(pixels.max())
        if low < 0 or high > 65_535:
            raise DataError(f"an image has values from {low} to {high}, more than 16 bits")
        pixels = pixels.astype(np.uint16)  # as the PNG files of 16 bits
    channels = {"uint8": {1, 3, 4}, "uint16": {1}}.get(str(pixels.dtype), set())
    if pixels.ndim != 3 or pixels.shape[2] not in channels:
        raise DataError(f"an image is {pixels.dtype} of shape {pixels.shape}")
    return pixels


def read_kept(
    folder: Path,
    word: str,
    name: str,
    config: TrainConfig,
    read_files: Callable[[Path, TrainConfig], Dataset],
) -> Dataset:
    """Return the set that a folder keeps.

    Args:
        folder: Where a `Writer` has left it.
        word: What the user calls it.
        name: What runs are called after.
        config: How to crop, scale, colour and split the images.
        read_files: Loads a folder of image files.

    Raises:
        DataError: If the folder is damaged, or what is in it needs a `--size`.
        EnvironmentFailure: If it cannot be read.
        UsageError: If the set has a split of its own, but another is asked for.
    """
    facts = _facts_of(folder)
    source = f"{word}, loaded by {tidy(facts['made_by'])} and kept in {folder}"
    if facts["form"] == "arrays":
        dataset = _read_arrays(folder, facts, word, config)
    else:
        try:
            dataset = read_files(folder / "images", config)
        except (
            DataError,
            UsageError,
            EnvironmentFailure,
        ) as error:  # it speaks of a folder that the user has never seen
            lines = (error.what, error.expected, error.mend)
            raise type(error)(*(line.replace(str(folder / "images"), word) for line in lines)) from error
    notes = (*map(_sentence, facts["notes"]), *dataset.notes)
    return replace(dataset, name=name, source=source, word=word, notes=notes)


def _facts_of(folder: Path) -> dict[str, Any]:
    """Return the facts that a folder records."""
    with _damage_reported(folder):
        facts = unsealed((folder / _FACTS).read_text(encoding="utf-8"))
        if facts.get("version") != _VERSION:
            raise ValueError(f"{_FACTS} is of another version")
        return facts


def _read_arrays(folder: Path, facts: dict[str, Any], word: str, config: TrainConfig) -> Dataset:
    """Return the set whose images are arrays: mapped, or copied where a part is held out."""
    names = facts["class_names"] and [tidy(str(name)) for name in facts["class_names"]]
    arrays = {}
    for split in facts["counts"]:
        images = _array(folder / f"{split}-images.npy")
        arrays[split] = images, _array(folder / f"{split}-labels.npy") if names else None
    images, labels = arrays["train"]
    if "test" in arrays:
        heldout_images, heldout_labels = arrays["test"]
    else:
        classes = np.zeros(len(images), np.int64) if labels is None else labels
        digests, fraction, seed = array_digests(images), config.test_fraction, config.seed
        held = hold_out(digests, classes, fraction, seed, rounding=config.rounding)
        images, heldout_images = images[~held], images[held]
        labels, heldout_labels = (None, None) if labels is None else (labels[~held], labels[held])
        config = replace(config, test_fraction=None)
    dataset = Dataset.from_arrays(
        word,
        images,
        labels,
        heldout_images=heldout_images,
        heldout_labels=heldout_labels,
        class_names=names,
    )
    return adapted(dataset, config)


def _array(path: Path) -> NDArray[Any]:
    """Return a kept array: images mapped, labels read."""
    with _damage_reported(path.parent):
        return np.load(path, mmap_mode="r" if "images" in path.name else None, allow_pickle=False)  # type: ignore[no-any-return]


@contextmanager
def _damage_reported(folder: Path) -> Iterator[None]:
    """Tell what is not as it was written from what cannot be read now."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, EOFError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise DataError(
            f"{folder}: kept from another library, but damaged: {reason}.",
            mend="It will be loaded again when it is next used.",
        ) from error
    except OSError as error:
        raise EnvironmentFailure(f"{folder} cannot be read: {error.strerror or error}.") from error


def _sentence(note: Any) -> str:
    return " ".join(str(note).split())
