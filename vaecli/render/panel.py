"""A window onto latent space: axes, the prior's circles, and points painted in it.

Two latents, or two axes of a projection, make a square window in which a step is as long on
either axis. A single latent makes a strip per class instead: the latent across, the classes
one under the other, and the points of a class spread evenly within its strip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from numpy.typing import NDArray

from vaecli.latents import Bounds
from vaecli.render.dots import fade, paint_dots
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, text_width
from vaecli.render.style import ACCENT, FAINT, INK, PAPER, PLAIN, QUIET, to_rgb

Box = tuple[float, float, float, float]  # left, top, width, height in pixels

_GOLDEN = 0.6180339887498949
_LEGEND_LINE = 26  # pixels from one class to the next


@dataclass(frozen=True)
class Cloud:
    """The points of one run, epoch by epoch.

    Attributes:
        points: One array `(n, 2)` per frame, or `(n, 1)` for a single latent; always the
            same images in the same order.
        labels: `(n,)` classes, or None.
        captions: What stands in the corner of each frame, as many as there are points.
        title: What the window shows, for example a run's name.
        axis_labels: Names of the axes.
    """

    points: Sequence[NDArray[np.floating]]
    labels: NDArray[np.integer] | None = None
    captions: Sequence[str] = ()
    title: str = ""
    axis_labels: tuple[str, ...] = ("z₁", "z₂")

    def caption(self, index: int) -> str:
        """Return the words of frame `index`; the last ones stay."""
        return self.captions[min(index, len(self.captions) - 1)] if self.captions else ""

    def colours(self, classes: int, look: Look = PLAIN_LOOK) -> NDArray[np.uint8]:
        """Return `(n, 3)` colours of the points."""
        if self.labels is None:
            return np.broadcast_to(to_rgb(PLAIN), (len(self.points[0]), 3))
        return np.asarray(look.class_colours(classes)[self.labels])


class LatentPanel:
    """Axes on a page, into which points are painted frame by frame.

    Args:
        page: Where it is drawn.
        box: left, top, width and height in pixels of the page.
        bounds: The window, the same for every frame.
        axis_labels: Two names, or one for a single latent.
        strips: Names of the strips when there is a single latent.
        numbered: Whether the vertical axis has numbers and a name.
    """

    def __init__(
        self,
        page: Page,
        box: Box,
        bounds: Bounds,
        axis_labels: Sequence[str],
        strips: Sequence[str] = (),
        *,
        numbered: bool = True,
    ) -> None:
        self.page, self.box, self.strips = page, box, tuple(strips)
        self._faint: dict[str, Any] = {"color": page.look.tone(FAINT), "linewidth": page.point}
        self.bounds = (*bounds[:2], float(len(strips)), 0.0) if strips else bounds
        self.axes = page.axes(*box)
        self.axes.set(xlim=self.bounds[:2], ylim=self.bounds[2:])
        left, top, width, height = box
        page.text(left + width / 2, top + height + 38, axis_labels[0], colour=QUIET, align="center")
        if strips:
            self._mark_strips()
            return
        self._mark_prior()
        if not numbered:
            self.axes.set_yticklabels([])
            return
        label_beside(page, box, axis_labels[1])

    def _mark_prior(self) -> None:
        """Draw circles one, two and three standard deviations of the prior from its centre."""
        for radius in (1, 2, 3):
            self.axes.add_patch(Circle((0, 0), radius, fill=False, **self._faint))

    def _mark_strips(self) -> None:
        """Name the strips, separate them, and draw the prior's standard deviations across."""
        for deviation in (-3, -2, -1, 1, 2, 3):
            self.axes.axvline(deviation, **self._faint)
        for edge in range(1, len(self.strips)):
            self.axes.axhline(edge, **self._faint)
        self.axes.set_yticks(np.arange(len(self.strips)) + 0.5, self.strips)
        self.axes.tick_params(
            axis="y", length=0, labelcolor=self.page.look.tone(INK), pad=8 * self.page.point
        )

    def place(
        self, points: NDArray[np.floating], labels: NDArray[np.integer] | None = None
    ) -> NDArray[np.float64]:
        """Return `(n, 2)` coordinates of points `(n, 2)`, or of `(n, 1)` spread over strips."""
        points = np.asarray(points, np.float64)
        if points.shape[1] > 1:
            return np.asarray(points[:, :2], np.float64)
        strip = np.zeros(len(points)) if labels is None else labels
        spread = np.arange(len(points)) * _GOLDEN % 1.0
        return np.stack([points[:, 0], strip + 0.12 + 0.76 * spread], axis=1)

    def place_below(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return `(n, 2)` coordinates of points `(n, 2)`, or of `(n, 1)` along the last strip."""
        points = np.asarray(points, np.float64)
        if points.shape[1] > 1:
            return np.asarray(points[:, :2], np.float64)
        return np.stack([points[:, 0], np.full(len(points), len(self.strips) - 0.5)], axis=1)

    def to_pixels(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return `(n, 2)` device pixels from the panel's top left corner."""
        x_low, x_high, y_low, y_high = self.bounds
        share = (places - [x_low, y_high]) / [x_high - x_low, y_low - y_high]
        return np.asarray(share * [self.box[2] * self.page.scale, self.box[3] * self.page.scale])

    def paint(self, places: NDArray[np.floating], colours: NDArray[np.uint8], radius: float) -> None:
        """Paint discs at `places` `(n, 2)`; the radius is in pixels of the page."""
        canvas = self.page.pixels[self.page.box(*self.box)]
        paper = self.page.look.rgb(PAPER)
        paint_dots(canvas, self.to_pixels(places), colours, radius * self.page.scale, paper)

    def paint_marks(self, places: NDArray[np.floating], radius: float, colour: str = ACCENT) -> None:
        """Paint discs with a rim of paper, which stand out from a cloud."""
        for rim, tone in ((1.4, PAPER), (0.0, colour)):
            self.paint(places, np.broadcast_to(self.page.look.rgb(tone), (len(places), 3)), radius + rim)


def label_beside(page: Page, box: Box, words: str) -> None:
    """Write the name of a vertical axis, upright if it is short."""
    rotation = 0 if text_width(words) < 30 else 90
    x, y = box[0] - 42, box[1] + box[3] / 2
    page.text(x, y, words, colour=QUIET, align="center", va="center", rotation=rotation)


class MovingNames:
    """Names of the two axes of a box that are others in each frame.

    Args:
        page: Where they are written.
        box: The box, in pixels of the page.
        names: Two names per frame; none at all if they are not others.
    """

    def __init__(self, page: Page, box: Box, names: Sequence[Sequence[str]]) -> None:
        self._page, self._names = page, names
        left, top, width, height = box
        self._texts = (
            page.moving_text(left + width / 2, top + height + 38, colour=QUIET, align="center"),
            page.moving_text(left - 42, top + height / 2, colour=QUIET, align="center", va="center"),
        )

    def write(self, index: int) -> None:
        """Write the names of a frame."""
        for text, name in zip(self._texts, self._names[index] if self._names else (), strict=False):
            self._page.write(text, name)


class CloudPainter:
    """Paints one cloud into one panel, with no class hidden behind the next.

    Points are painted in a shuffled order that is the same in every frame. Between epochs a
    point stays put until it has moved by two pixels (unless not `still`): the eye sees no
    difference, and an animation has less to store. The last frame is exact.
    """

    def __init__(
        self, panel: LatentPanel, cloud: Cloud, classes: int, *, opacity: float = 1.0, still: bool = True
    ) -> None:
        self.panel, self.cloud = panel, cloud
        count = len(cloud.points[0])
        self._order = np.random.default_rng(0).permutation(count)
        look = panel.page.look
        self._colours = fade(cloud.colours(classes, look), opacity, look.rgb(PAPER))[self._order]
        self._radius = _dot_radius(count)
        two_pixels = 2.0 * (panel.bounds[1] - panel.bounds[0]) / panel.box[2]
        self._shown = _settle(cloud.points, two_pixels) if still else list(cloud.points)

    def paint(self, index: int, towards: float = 0.0) -> None:
        """Paint frame `index`, `towards` (0 to 1) of the way to the next one."""
        last = len(self._shown) - 1
        points = np.asarray(self._shown[min(index, last)], np.float64)
        if towards and index < last:
            points = points + towards * (self._shown[index + 1] - points)
        places = self.panel.place(points, self.cloud.labels)
        self.panel.paint(places[self._order], self._colours, self._radius)


def _settle(frames: Sequence[NDArray[np.floating]], least: float) -> list[NDArray[np.floating]]:
    """Return the frames with every point resting until it is `least` away; the last as it is.

    >>> [float(frame[0, 0]) for frame in _settle([np.array([[x]]) for x in (0.0, 0.4, 1.2, 1.3)], 1.0)]
    [0.0, 0.0, 1.2, 1.3]
    """
    shown = [np.asarray(frames[0])]
    for frame in list(frames[1:-1]):
        moved = np.linalg.norm(frame - shown[-1], axis=1) > least
        shown.append(np.where(moved[:, None], frame, shown[-1]))
    return [*shown, *(np.asarray(frame) for frame in frames[len(shown) :])]


def _dot_radius(count: int) -> float:
    """Return a radius in pixels that suits a count of points.

    >>> _dot_radius(10_000), _dot_radius(100)
    (1.5, 3.4)
    """
    return float(np.clip(round(1.5 * (10_000 / max(count, 1)) ** 0.18, 1), 1.5, 3.5))


def legend_width(class_names: Sequence[str]) -> float:
    """Return the width of a legend in pixels, 0 without classes."""
    return max((text_width(name) for name in class_names), default=-32.0) + 32.0


def draw_legend(
    page: Page,
    left: float,
    top: float,
    height: float,
    class_names: Sequence[str],
    colours: NDArray[np.uint8] | None = None,
) -> None:
    """Write names one under the other, each after a dot of its colour, by default that of a class."""
    colours = page.look.class_colours(len(class_names)) if colours is None else colours
    line = max(18.0, min(_LEGEND_LINE, height / max(len(class_names), 1)))
    room = int(height // line)
    shown = list(class_names) if len(class_names) <= room else list(class_names[: room - 1])
    for row, name in enumerate(shown):
        y = top + (row + 0.5) * line
        _legend_dot(page, left + 6, y, colours[row])
        page.text(left + 20, y, name, va="center_baseline")
    if len(shown) < len(class_names):
        y = top + (len(shown) + 0.5) * line
        page.text(
            left + 20, y, f"and {len(class_names) - len(shown)} more", colour=QUIET, va="center_baseline"
        )


def _legend_dot(page: Page, x: float, y: float, colour: NDArray[np.uint8]) -> None:
    """Draw one disc of a class's colour on the still page."""
    across, up = page.at(x, y)
    look: dict[str, Any] = {"marker": "o", "markersize": 10.4 * page.point, "markeredgewidth": 0}
    page.figure.add_artist(Line2D([across], [up], color=tuple((colour / 255).tolist()), **look))
