"""Pages as vector graphics: letters, axes and lines stay what they are, points and images are rasterised.

A frame is drawn as always, except that artists which it would draw onto its pixels are held back. What the
pixels show more before each of them, and at the end, is a see-through picture; pictures and artists are laid
over the still page in the order in which they were drawn. So every page can be printed.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from vaecli.render.frames import Frame, Frames
from vaecli.render.page import Page

Pixels = NDArray[np.uint8]

_ABOVE = 50  # above all that stands still

#: Letters as outlines in SVG, which look the same everywhere; as embedded fonts in PDF.
_SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "vaecli",
    "path.simplify": True,
}


def write_vector(frames: Frames, file: BinaryIO, kind: str) -> None:
    """Write a still as vector graphics; its page can be drawn on no more.

    Args:
        frames: One, with its page.
        file: Where to write.
        kind: `pdf` or `svg`.
    """
    page = frames.page
    if page is None:
        write_vector(as_frames(frames[0]), file, kind)
        return
    with page.holding_back() as layers:
        frames[0]
    drawn = [artist for _, artist in layers]
    for artist in page.figure.findobj(lambda each: each.get_animated()):
        artist.set_visible(any(artist is other for other in drawn))
    before = page.still.copy()
    for order, (pixels, held) in enumerate(layers, start=_ABOVE):
        _add_picture(page, before, pixels, order)
        _lift(page, held, order)
        before = pixels
    stamp = {"pdf": {"CreationDate": None, "Creator": "vaecli"}, "svg": {"Date": None, "Creator": "vaecli"}}
    with mpl.rc_context(_SETTINGS):
        page.figure.savefig(file, format=kind, facecolor=page.figure.get_facecolor(), metadata=stamp[kind])


def as_frames(frame: Frame) -> Frames:
    """Return a frame that stands by itself as a page that shows nothing else."""
    height, width = frame.shape[:2]
    page = Page(width, height)

    def draw(index: int) -> Frame:
        page.wipe()
        page.paste(frame, 0, 0)
        return page.snap()

    return Frames(1, draw, page)


def _add_picture(page: Page, before: Pixels, after: Pixels, order: float) -> None:
    """Add what changed in the pixels as a picture that is see-through elsewhere."""
    changed = (after[..., :3] != before[..., :3]).any(axis=2)
    if not changed.any():
        return
    picture = np.dstack([after[..., :3], np.where(changed, 255, 0).astype(np.uint8)])
    axes = page.figure.add_axes((0, 0, 1, 1), zorder=order)
    axes.axis("off")
    axes.imshow(picture, extent=(0, 1, 0, 1), aspect="auto", interpolation="none")


def _lift(page: Page, artist: Artist | None, order: float) -> None:
    """Bring an artist above the pictures before it, out of its axes if it is in some."""
    if artist is None:
        return
    artist.set_animated(False)
    if not isinstance(artist, Line2D) or artist.axes is None:
        artist.set_zorder(order + 0.5)
        return
    axes, clips = artist.axes, artist.get_clip_on()
    above = page.figure.add_axes(axes.get_position().bounds, zorder=order + 0.5)
    above.axis("off")
    above.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    artist.remove()
    artist.set_transform(above.transData)
    above.add_line(artist)
    artist.set_clip_on(clips)
