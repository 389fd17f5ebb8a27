"""What every drawing gives: frames, still or moving, with their facts."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from vaecli import files
from vaecli.render.encode import Timing, encode, format_of
from vaecli.render.frames import Frame, Frames
from vaecli.render.look import DENSITY, Look

#: Device pixels per pixel of a still, which is drawn for print and dense screens.
STILL_SCALE = 2

#: Draws all frames in a look.
Draw = Callable[[Look], Sequence[Frame]]

_PRINT = 300.0  # dots per inch where only a width on paper is given
_INCH = 2.54  # centimetres


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture that can be saved, and that shows itself in a notebook.

    Attributes:
        stem: What it shows, as the name of a file without its ending.
        draw: Draws its frames, `(height, width, 3)` uint8 each, all of one size.
        details: What is shown, as plain values that JSON can hold.
        moving: Whether it is an animation.
        timing: How fast an animation runs.
        caption: What a paper would say below it.
        look: How it is dressed; see `dressed`.

    >>> import numpy as np
    >>> Figure("black", lambda look: [np.zeros((4, 6, 3), np.uint8)])
    Figure('black', still)
    """

    stem: str
    draw: Draw
    details: Mapping[str, Any] = field(default_factory=dict)
    moving: bool = False
    timing: Timing = field(default_factory=Timing)
    caption: str = ""
    look: Look | None = None

    def __repr__(self) -> str:
        """Say what it shows; nothing is drawn for that."""
        return f"Figure({self.stem!r}, {f'{len(self.frames)} frames' if self.moving else 'still'})"

    @cached_property
    def frames(self) -> Sequence[Frame]:
        """Its frames, drawn when they are asked for."""
        return self.draw(self.look or Look(scale=self._scale))

    @property
    def _scale(self) -> int:
        return 1 if self.moving else STILL_SCALE

    @property
    def facts(self) -> dict[str, Any]:
        """Its details, and how many frames it has."""
        return {**self.details, "frames": len(self.frames)}

    @property
    def format(self) -> str:
        """What it is saved as where none is given: `gif` if it moves, else `png`."""
        return "gif" if self.moving else "png"

    @property
    def default_name(self) -> str:
        """The name of its file where none is given."""
        return f"{self.stem}.{self.format}"

    def dressed(
        self,
        *,
        title: str = "",
        caption: bool = False,
        dark: bool = False,
        width: float | None = None,
        dpi: float | None = None,
    ) -> Figure:
        """Return the same figure, dressed for a screen or for print.

        Args:
            title: What stands above.
            caption: Whether its caption stands below.
            dark: Whether it is light on dark.
            width: How wide it is on paper, in centimetres.
            dpi: Dots per inch of paper, at least; by default 200, and 300 if a width is given.
        """
        words = self.caption if caption else ""
        look = Look(scale=self._scale, dark=dark, title=title, caption=words)
        if width is not None:
            look = self._fitted(look, width / _INCH, dpi or _PRINT)
        elif dpi is not None:
            look = replace(look, scale=max(1, math.ceil(dpi / DENSITY)))
        return replace(self, look=look)

    def _fitted(self, look: Look, inches: float, dpi: float) -> Look:
        """Return a look in which the page is so wide on paper, and has at least so many dots per inch."""
        for _ in range(2):  # images grow by whole factors, so that the page's width depends on the scale
            frames = self.draw(look)
            if isinstance(frames, Frames) and frames.page is not None:
                density = frames.page.width / inches
                look = replace(look, density=density, scale=max(1, math.ceil(dpi / density - 1e-6)))
        return look

    def save(self, path: Path | str | None = None) -> Path:
        """Write it to a file, whole or not at all, and return the file's path.

        Args:
            path: Its ending chooses the format: `.gif`, `.png`, `.webp` or `.mp4`; for a still also
                `.jpg`, `.pdf` or `.svg`; by default `default_name`, in the current folder.

        Raises:
            UsageError: If the ending is no picture's, or an animation's if it does not move.
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
            kind: An ending that `save` takes, without its dot; by default `format`.
        """
        encode(self.frames, file, kind or self.format, self.timing)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return what a notebook shows: a PNG of a still, a GIF of what moves."""
        buffer = io.BytesIO()
        self.write(buffer)
        pixels = base64.b64encode(buffer.getvalue()).decode("ascii")
        return {"text/plain": repr(self), f"image/{self.format}": pixels}
