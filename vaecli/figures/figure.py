"""What every drawing gives: frames, still or moving, with their facts."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vaecli import files
from vaecli.render.encode import Timing, encode, format_of
from vaecli.render.frames import Frame

#: Device pixels per pixel of a still, which is drawn for print and dense screens.
STILL_SCALE = 2


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture that can be saved, and that shows itself in a notebook.

    Attributes:
        stem: What it shows, as the name of a file without its ending.
        frames: `(height, width, 3)` uint8 each, all of one size, drawn when they are asked for.
        facts: What is shown, as plain values that JSON can hold.
        moving: Whether it is an animation.
        timing: How fast an animation runs.

    >>> import numpy as np
    >>> Figure("black", [np.zeros((4, 6, 3), np.uint8)])
    Figure('black', still)
    """

    stem: str
    frames: Sequence[Frame]
    facts: Mapping[str, Any] = field(default_factory=dict)
    moving: bool = False
    timing: Timing = field(default_factory=Timing)

    def __repr__(self) -> str:
        """Say what it shows; nothing is drawn for that."""
        return f"Figure({self.stem!r}, {f'{len(self.frames)} frames' if self.moving else 'still'})"

    @property
    def format(self) -> str:
        """What it is saved as where none is given: `gif` if it moves, else `png`."""
        return "gif" if self.moving else "png"

    @property
    def default_name(self) -> str:
        """The name of its file where none is given."""
        return f"{self.stem}.{self.format}"

    def save(self, path: Path | str | None = None) -> Path:
        """Write it to a file, whole or not at all, and return the file's path.

        Args:
            path: Its ending chooses the format: `.gif`, `.png`, `.webp` or `.mp4`; by default
                `default_name`, in the current folder. A still is saved as one frame, whatever the format.

        Raises:
            UsageError: If the ending is no picture's.
            EnvironmentFailure: If the file cannot be written.
        """
        target = Path(path or self.default_name)
        kind = format_of(target)
        files.save(target, lambda file: self.write(file, kind))
        return target

    def write(self, file: BinaryIO, kind: str | None = None) -> None:
        """Write it to an open binary file, which need not be seekable.

        Args:
            file: Where to write.
            kind: `gif`, `png`, `webp` or `mp4`; by default `format`.
        """
        encode(self.frames, file, kind or self.format, self.timing)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return what a notebook shows: a PNG of a still, a GIF of what moves."""
        buffer = io.BytesIO()
        self.write(buffer)
        pixels = base64.b64encode(buffer.getvalue()).decode("ascii")
        return {"text/plain": repr(self), f"image/{self.format}": pixels}
