"""Where the encoder puts the held-out images: the scatter of means, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vaecli.latents import Bounds
from vaecli.render.frames import Frame, Frames
from vaecli.render.page import Page, text_width
from vaecli.render.panel import Cloud, CloudPainter, LatentPanel, draw_legend, legend_width
from vaecli.render.style import QUIET

LEFT, TOP, BOTTOM, RIGHT = 60, 52, 56, 20  # margins of a panel, in pixels
_GAP = 28


def scatter(
    clouds: Sequence[Cloud],
    class_names: Sequence[str],
    bounds: Bounds,
    *,
    between: int = 0,
    side: int | None = None,
    scale: int = 1,
) -> Frames:
    """Draw one cloud, or several side by side on the same scale, epoch by epoch.

    Args:
        clouds: What to draw, one panel each. One with fewer frames rests on its last.
        class_names: Names of the classes, empty without labels.
        bounds: The window of every panel in every frame, as `latents.robust_bounds` gives it.
        between: Eased frames between one epoch and the next.
        side: Side of a panel in pixels: 560, or 460 when there are several.
        scale: Device pixels per pixel.

    Returns:
        Frames: as many as the longest cloud has, and `between` more after each but the last.
    """
    side = side or (560 if len(clouds) == 1 else 460)
    panels, page = _lay_out(clouds, class_names, bounds, side, scale)
    painters = [
        CloudPainter(panel, cloud, len(class_names)) for panel, cloud in zip(panels, clouds, strict=True)
    ]
    corners = [corner_text(page, cloud, panel.box) for panel, cloud in zip(panels, clouds, strict=True)]

    def draw(frame: int) -> Frame:
        index, step = divmod(frame, between + 1)
        page.wipe()
        for painter, corner in zip(painters, corners, strict=True):
            painter.paint(index, ease(step / (between + 1)))
            page.write(corner, painter.cloud.caption(index))
        return page.snap()

    longest = max(len(cloud.points) for cloud in clouds)
    return Frames((longest - 1) * (between + 1) + 1, draw)


def ease(share: float) -> float:
    """Return a share of the way that starts and ends at rest.

    >>> ease(0.0), ease(0.25), ease(1.0)
    (0.0, 0.15625, 1.0)
    """
    return share * share * (3.0 - 2.0 * share)


def _lay_out(
    clouds: Sequence[Cloud], class_names: Sequence[str], bounds: Bounds, side: int, scale: int
) -> tuple[list[LatentPanel], Page]:
    """Return the panels and the page that they stand on."""
    strips = strip_names(clouds[0], class_names)
    left = max(LEFT, 20 + max((text_width(name, 13) for name in strips), default=0))
    legend = 0.0 if strips else legend_width(class_names)
    across = len(clouds) * side + (len(clouds) - 1) * _GAP
    page = Page(left + across + RIGHT + (legend and legend + 8), TOP + side + BOTTOM, scale)
    panels = []
    for number, cloud in enumerate(clouds):
        box = (left + number * (side + _GAP), TOP, side, side)
        numbered = number == 0
        panels.append(
            LatentPanel(
                page,
                box,
                bounds,
                cloud.axis_labels,
                strips if numbered else [""] * len(strips),
                numbered=numbered,
            )
        )
        page.text(box[0], TOP - 16, cloud.title, size=16, bold=True)
    if legend:
        draw_legend(page, left + across + 18, TOP, side, class_names)
    return panels, page


def strip_names(cloud: Cloud, class_names: Sequence[str]) -> list[str]:
    """Return the strips that a cloud of one latent needs; none for two."""
    if np.shape(cloud.points[0])[1] > 1:
        return []
    return [""] if cloud.labels is None else list(class_names)


def corner_text(page: Page, cloud: Cloud, box: tuple[float, float, float, float]):  # type: ignore[no-untyped-def]
    """Return the moving text above a panel's right corner, wide enough for every caption."""
    width = max((text_width(words) for words in cloud.captions), default=0.0)
    return page.moving_text(box[0] + box[2] - width, box[1] - 16, colour=QUIET)
