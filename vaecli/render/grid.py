"""What the decoder makes of latent space: images of a grid of latents, without seams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from vaecli.images import tiled
from vaecli.latents import Bounds
from vaecli.render.frames import Frame, Frames
from vaecli.render.images import Images, as_rgb, rescale, whole_factor
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, cut, text_width
from vaecli.render.panel import (
    Box,
    Cloud,
    CloudPainter,
    LatentPanel,
    MovingNames,
    draw_legend,
    label_beside,
    legend_width,
)
from vaecli.render.scatter import BOTTOM, LEFT, RIGHT, TOP, corner_text, left_margin, strip_names
from vaecli.render.style import INK, QUIET
from vaecli.words import number

_SIDE = 560  # what a grid fills, in pixels, as far as whole factors allow
_NOTE = 26  # height of the line below
_GAP = 64  # between the scatter and the grid beside it


@dataclass(frozen=True)
class Grid:
    """Decoded grids of one run, one per frame.

    Attributes:
        images: `(rows, columns, height, width, channels)` uint8 per frame; row 0 is the top.
        x_axis: `(columns,)` latent values, ascending.
        y_axis: `(rows,)` latent values, descending; None for one row of a single latent.
        captions: What stands in the corner of each frame.
        title: What stands above.
        axis_labels: Names of the latents.
        planes: Two names of latents per frame, if they are not the same in all.
        note: What stands below.
    """

    images: Sequence[Images]
    x_axis: NDArray[np.floating]
    y_axis: NDArray[np.floating] | None = None
    captions: Sequence[str] = ()
    title: str = ""
    axis_labels: Sequence[str] = ("z₁", "z₂")
    planes: Sequence[Sequence[str]] = ()
    note: str = ""


def grids(side_by_side: Sequence[Grid], *, look: Look = PLAIN_LOOK) -> Frames:
    """Draw decoded grids, those of several runs side by side.

    Args:
        side_by_side: The grids of each run; one with fewer frames rests on its last.
        look: How the page is dressed.

    Returns:
        Frames: as many as the run with the most grids has.
    """
    sizes = [_fitted(each.images[0], look.scale) for each in side_by_side]
    lefts, right = [], 0.0
    for each, (_, width, _) in zip(side_by_side, sizes, strict=True):
        lefts.append(right + (LEFT if each.y_axis is not None else 20))
        right = lefts[-1] + max(width, text_width(each.title, 16, bold=True) if len(sizes) > 1 else width)
    tallest, noted = max(height for _, _, height in sizes), any(each.note for each in side_by_side)
    page = Page(right + RIGHT, TOP + tallest + BOTTOM + (_NOTE if noted else 0), look)
    panels = [
        _GridPanel(page, each, (left, TOP, width, height), factor)
        for each, left, (factor, width, height) in zip(side_by_side, lefts, sizes, strict=True)
    ]

    def draw(index: int) -> Frame:
        page.wipe()
        for panel in panels:
            panel.draw(index)
        return page.snap()

    return Frames(max(len(each.images) for each in side_by_side), draw, page)


class _GridPanel:
    """The grids of one run on a page.

    Args:
        page: Where they are drawn.
        grid: The grids.
        box: left, top, width and height in pixels of the page.
        factor: By which images grow.
    """

    def __init__(self, page: Page, grid: Grid, box: Box, factor: int) -> None:
        self._page, self._grid, self._box, self._factor = page, grid, box, factor
        left, top, width, height = box
        _draw_axes(page, box, grid.x_axis, grid.y_axis, ("", "") if grid.planes else grid.axis_labels)
        beside = max((text_width(words) for words in grid.captions), default=0.0) + 16
        title = cut(grid.title, max(width - beside, 60), 16, bold=True) if beside > 16 else grid.title
        page.text(left, top - 16, title, size=16, bold=True)
        page.text(left, top + height + BOTTOM + _NOTE - 14, grid.note, size=13, colour=QUIET)
        self._corner, self._names = corner_text(page, grid.captions, box), MovingNames(page, box, grid.planes)

    def draw(self, index: int) -> None:
        """Draw a frame's grid, or the last one."""
        index = min(index, len(self._grid.images) - 1)
        left, top, _, _ = self._box
        self._page.paste(_picture(self._grid.images[index], self._factor), left, top)
        self._page.write(self._corner, self._grid.captions[index] if self._grid.captions else "")
        self._names.write(index)


def grid_beside_scatter(
    cloud: Cloud,
    class_names: Sequence[str],
    bounds: Bounds,
    images: Sequence[Images],
    latents: NDArray[np.floating],
    x_axis: NDArray[np.floating],
    y_axis: NDArray[np.floating] | None = None,
    *,
    planes: Sequence[Sequence[str]] = (),
    note: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw the grid's points on the scatter, beside the images that they decode to.

    Args:
        cloud: The scatter, one array of points per frame.
        class_names: Names of the classes, empty without labels.
        bounds: The window of the scatter in every frame.
        images: `(rows, columns, height, width, channels)` uint8 per frame; row 0 is the top.
        latents: `(rows, columns, 2)` the grid in the scatter's coordinates, or
            `(1, columns, 1)` for a single latent.
        x_axis: `(columns,)` latent values, ascending.
        y_axis: `(rows,)` latent values, descending; None for a single latent.
        planes: Two names of latents per frame, if they are not the same in all.
        note: What stands below the images.
        look: How the page is dressed.

    Returns:
        Frames: as many as there are grids.
    """
    factor, width, height = _fitted(images[0], look.scale)
    strips = strip_names(cloud, class_names, extra="grid")
    left, legend = left_margin(strips), 0.0 if strips else legend_width(class_names)
    side = max(width if strips else height, 420)
    # A single row goes below its strips, a plane beside its scatter.
    grid_left, grid_top = (left, TOP + side + 84) if strips else (left + side + _GAP, TOP)
    bottom = max(grid_top + height, TOP + side)
    page = Page(grid_left + max(width, side) + RIGHT + legend, bottom + BOTTOM + (_NOTE if note else 0), look)
    page.text(grid_left, bottom + BOTTOM + _NOTE - 14, note, size=13, colour=QUIET)
    labels = ("", "") if planes else cloud.axis_labels
    panel = LatentPanel(page, (left, TOP, side, side), bounds, labels, strips)
    box = (grid_left, grid_top, width, height)
    _draw_axes(page, box, x_axis, y_axis, labels)
    names = [MovingNames(page, place, planes) for place in (panel.box, box)]
    page.text(left, TOP - 16, cloud.title, size=16, bold=True)
    page.text(grid_left, grid_top - 16, "decoded", size=16, bold=True)
    corner = corner_text(page, cloud.captions, panel.box)
    if legend:
        draw_legend(page, grid_left + width + 18, TOP, side, class_names)
    painter = CloudPainter(panel, cloud, len(class_names), opacity=0.75)
    marks = panel.place_below(np.reshape(latents, (-1, latents.shape[-1])))

    def draw(index: int) -> Frame:
        page.wipe()
        painter.paint(index)
        panel.paint_marks(marks, 1.2, INK)
        page.paste(_picture(images[index], factor), grid_left, grid_top)
        page.write(corner, cloud.caption(index))
        for name in names:
            name.write(index)
        return page.snap()

    return Frames(len(images), draw, page)


def _fitted(images: Images, scale: int) -> tuple[int, float, float]:
    """Return the factor that fits a grid to the page, and its width and height in pixels."""
    rows, columns, height, width, _ = images.shape
    factor = whole_factor(max(rows * height, columns * width), _SIDE * scale)
    down, across = (
        tiles * rescale(images[0, 0], factor).shape[axis] for axis, tiles in enumerate((rows, columns))
    )
    return factor, across / scale, down / scale


def _picture(images: Images, factor: int) -> Images:
    """Return a grid as one picture of device pixels."""
    return rescale(tiled(as_rgb(images)), factor) if factor > 0 else tiled(rescale(as_rgb(images), factor))


def _draw_axes(
    page: Page,
    box: Box,
    x_axis: NDArray[np.floating],
    y_axis: NDArray[np.floating] | None,
    axis_labels: Sequence[str],
) -> None:
    """Number the grid with latent values: a tick stands where its value would be decoded."""
    left, top, width, height = box
    axes = page.axes(*box)
    axes.set(xlim=(0, len(x_axis)), ylim=(1 if y_axis is None else len(y_axis), 0))
    axes.set_xticks(*_ticks(x_axis, 34 * len(x_axis) / width))
    for spine in axes.spines.values():
        spine.set_visible(False)
    page.text(left + width / 2, top + height + 38, axis_labels[0], colour=QUIET, align="center")
    if y_axis is None:
        axes.set_yticks([])
        return
    axes.set_yticks(*_ticks(y_axis, 20 * len(y_axis) / height))
    label_beside(page, box, axis_labels[1])


def _ticks(values: NDArray[np.floating], apart: float = 0.0) -> tuple[list[float], list[str]]:
    """Return where along an axis of cells round latent values lie, and their names.

    Args:
        values: `(cells,)` latent values, ascending or descending.
        apart: Cells between two numbers at least; where they crowd, the inner ones stay.

    >>> _ticks(np.array([2.0, 1.0, 0.0, -1.0, -2.0]))
    ([2.5, 1.5, 3.5, 0.5, 4.5], ['0', '1', '−1', '2', '−2'])
    """
    low, high = float(values.min()), float(values.max())
    candidates = [low]
    if low < high:
        candidates = [float(value) for value in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high)]
    order = np.argsort(values)
    ticks: dict[float, str] = {}
    for value in sorted(candidates, key=lambda value: (abs(value), -value)):
        place = float(np.interp(value, values[order], order + 0.5))
        if low - 1e-6 <= value <= high + 1e-6 and all(abs(place - other) >= apart for other in ticks):
            ticks[place] = number(value)
    return list(ticks), list(ticks.values())
