"""What a file of arrays holds, and how much it may claim to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vaecli.data.files.containers import Container

LARGEST = 1 << 33  # bytes that one array may have
_DENSEST = 256  # times the bytes of its file may an array have; drawn shapes such as dSprites have 120
_FREE = 1 << 30  # bytes that any file's array may have, however small the file is


@dataclass(frozen=True)
class Arrays:
    """The arrays of a set as a file has them, unchecked.

    Attributes:
        images: Those to train on, or all; or files of images in an array.
        labels: Of these; None where there are none.
        heldout_images: The held-out ones; None where there is no split.
        heldout_labels: Of these.
        class_names: The name of each label, where the file has them.
        notes: Which arrays were left alone.
    """

    images: NDArray[Any] | Container
    labels: NDArray[Any] | None = None
    heldout_images: NDArray[Any] | Container | None = None
    heldout_labels: NDArray[Any] | None = None
    class_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def most_in(path: Path) -> int:
    """Return how many bytes an array of a packed file may have.

    Raises:
        OSError: If the file is not there.
    """
    return min(LARGEST, _FREE + _DENSEST * path.stat().st_size)
