"""Where the encoder puts the held-out images: the scatter of means, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.text import Text

from vaecli.latents import Bounds
from vaecli.render.frames import Frame, Frames
from vaecli.render.labels import direct_labels
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, cut, text_width
from vaecli.render.panel import Box, Cloud, CloudPainter, LatentPanel, draw_legend, legend_width
from vaecli.render.style import QUIET

LEFT, TOP, BOTTOM, RIGHT = 60, 52, 58, 20  # margins of a panel, in pixels
_GAP = 28


def scatter(
    clouds: Sequence[Cloud],
    class_names: Sequence[str],
    bounds: Bounds,
    *,
    between: int = 0,
    side: int | None = None,
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw one cloud, or several side by side on the same scale, epoch by epoch.

    The classes are named in a column at the right, which stands still in an animation. A
    still has the names on the points instead, where they fit.

    Args:
        clouds: What to draw, one panel each. One with fewer frames rests on its last.
        class_names: Names of the classes, empty without labels.
        bounds: The window of every panel in every frame, as `latents.robust_bounds` gives it.
        between: Eased frames between one epoch and the next.
        side: Side of a panel in pixels, by default 560, less in animations and for several.
        look: How the page is dressed.

    Returns:
        Frames: as many as the longest cloud has, and `between` more after each but the last.
    """
    longest = max(len(cloud.points) for cloud in clouds)
    side = side or _side(len(clouds), still=longest == 1)
    page, panels = _lay_out(clouds, class_names, bounds, side, look, legend=False)
    names = _names_on_points(panels, clouds, class_names) if longest == 1 else None
    if names is None:
        page, panels = _lay_out(clouds, class_names, bounds, side, look, legend=True)
    pairs = list(zip(panels, clouds, strict=True))
    painters = [CloudPainter(panel, cloud, len(class_names), still=not between) for panel, cloud in pairs]
    corners = [corner_text(page, cloud.captions, panel.box) for panel, cloud in pairs]

    def draw(frame: int) -> Frame:
        index, step = divmod(frame, between + 1)
        page.wipe()
        for painter, corner in zip(painters, corners, strict=True):
            painter.paint(index, ease(step / (between + 1)))
            page.write(corner, painter.cloud.caption(index))
        for name in names or []:
            page.draw(name)
        return page.snap()

    return Frames((longest - 1) * (between + 1) + 1, draw, page)


def ease(share: float) -> float:
    """Return a share of the way that starts and ends at rest.

    >>> ease(0.0), ease(0.25), ease(1.0)
    (0.0, 0.15625, 1.0)
    """
    return share * share * (3.0 - 2.0 * share)


def _side(panels: int, *, still: bool) -> int:
    """Return the side of a panel in pixels; animations are a little smaller, for their bytes."""
    return (560 if still else 480) if panels == 1 else (460 if still else 420)


def _lay_out(
    clouds: Sequence[Cloud],
    class_names: Sequence[str],
    bounds: Bounds,
    side: int,
    look: Look,
    *,
    legend: bool,
) -> tuple[Page, list[LatentPanel]]:
    """Return a page and its panels, side by side."""
    strips = strip_names(clouds[0], class_names)
    left = left_margin(strips)
    right = left + len(clouds) * (side + _GAP) - _GAP
    column = 0.0 if strips or not legend else legend_width(class_names)
    page = Page(right + RIGHT + column, TOP + side + BOTTOM, look)
    panels = []
    for number, cloud in enumerate(clouds):
        box = (left + number * (side + _GAP), TOP, side, side)
        first = number == 0
        names = strips if first else [""] * len(strips)
        panels.append(LatentPanel(page, box, bounds, cloud.axis_labels, names, numbered=first))
        if cloud.axis_labels[1:] != clouds[0].axis_labels[1:]:  # the first panel's do not hold for it
            name, middle = cloud.axis_labels[-1], TOP + side / 2
            page.text(
                box[0] - 13, middle, name, size=13, colour=QUIET, align="center", va="center", rotation=90
            )
        beside = max((text_width(words) for words in cloud.captions), default=0.0) + 16
        page.text(box[0], TOP - 16, cut(cloud.title, side - beside, 16, bold=True), size=16, bold=True)
    if column:
        draw_legend(page, right + 18, TOP, side, class_names)
    return page, panels


def _names_on_points(
    panels: Sequence[LatentPanel], clouds: Sequence[Cloud], class_names: Sequence[str]
) -> list[Text] | None:
    """Return the names of all classes on the points of all panels, or None if they do not fit."""
    names = [direct_labels(panel, cloud, class_names) for panel, cloud in zip(panels, clouds, strict=True)]
    return None if None in names else [text for texts in names for text in texts or []]


def strip_names(cloud: Cloud, class_names: Sequence[str], extra: str = "") -> list[str]:
    """Return the strips that a cloud of one latent needs, none for two; `extra` is one more below."""
    if np.shape(cloud.points[0])[1] > 1:
        return []
    strips = [""] if cloud.labels is None else list(class_names)
    return [*strips, extra] if extra else strips


def left_margin(strips: Sequence[str]) -> float:
    """Return the room that the vertical axis's labels need, in pixels."""
    return float(max([LEFT, *(24 + text_width(name, 13) for name in strips)]))


def corner_text(page: Page, captions: Sequence[str], box: Box) -> Text:
    """Return the moving text above a panel's right corner, placed for the widest caption."""
    width = max((text_width(words) for words in captions), default=0.0)
    return page.moving_text(box[0] + box[2] - width, box[1] - 16, colour=QUIET)
