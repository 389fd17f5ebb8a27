"""A walk through latent space: the images on the way, and the way on the scatter.

A walk is drawn as a filmstrip, read like text, or as an animation with one image per frame.
Where it starts, passes and ends is named above the images; on a filmstrip the image that was encoded there
stands below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray

from vaecli.latents import Bounds
from vaecli.render.cells import Cells
from vaecli.render.frames import Frame, Frames
from vaecli.render.images import Images
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, cut, fold, text_width
from vaecli.render.panel import Cloud, CloudPainter, LatentPanel
from vaecli.render.scatter import BOTTOM, RIGHT, TOP, left_margin, strip_names
from vaecli.render.style import ACCENT, FAINT, INK, QUIET

_MARGIN = 20
_LINE = 18  # height of a name on the scatter, in pixels
_NAMES = 26  # room above a row of images for the names of its stops
_GAP_ABOVE_ORIGINAL = 4  # between a decoded image and the original below it, beside the usual gap
_CAPTION_LINE = 14  # height of a line below an original
_TRACK = 64  # height of the line below a single image, with its names
_GAP = 40
_SIDE = 480


@dataclass(frozen=True)
class Walk:
    """What a walk is drawn from.

    Attributes:
        images: `(steps, height, width, channels)` uint8, decoded on the way.
        stops: The steps at which it starts, passes and ends, and their names.
        points: `(steps, 2)` in the scatter's coordinates, `(steps, 1)` for a single latent;
            needed only on the scatter.
        originals: The steps whose latent is that of a real image, `(height, width, channels)` uint8 each.
        captions: What stands below each of these.
    """

    images: Images
    stops: Mapping[int, str]
    points: NDArray[np.floating] | None = None
    originals: Mapping[int, Images] = field(default_factory=dict)
    captions: Mapping[int, str] = field(default_factory=dict)


def filmstrip(walk: Walk, *, title: str = "", columns: int | None = None, look: Look = PLAIN_LOOK) -> Frames:
    """Draw all images of a walk in order, its stops named above them.

    Args:
        walk: Images and stops.
        title: What stands above.
        columns: Images per row, by default at most ten.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    strip = _Strip(walk, columns or _even_rows(len(walk.images), 10), target=84, look=look)
    top = 44 if title else 8
    right = max(strip.width, text_width(title, 16, bold=True))
    page = Page(2 * _MARGIN + right, top + strip.height + _MARGIN, look)
    page.text(_MARGIN, 30, title, size=16, bold=True)
    strip.write_names(page, _MARGIN, top)

    def draw(index: int) -> Frame:
        page.wipe()
        strip.paste(page, _MARGIN, top)
        return page.snap()

    return Frames(1, draw, page)


def walk_frames(walk: Walk, *, title: str = "", look: Look = PLAIN_LOOK) -> Frames:
    """Draw a walk as an animation: one large image per frame, and how far it has come.

    Args:
        walk: Images and stops.
        title: What stands above.
        look: How the page is dressed.

    Returns:
        Frames: as many as the walk has steps.
    """
    stage = _Stage(walk, look)
    width = max(stage.width, text_width(title, 16, bold=True))
    page = Page(width + 2 * _MARGIN, TOP + stage.height, look)
    page.text(_MARGIN, 30, title, size=16, bold=True)
    return stage.frames(page, _MARGIN)


def walk_on_scatter(
    walk: Walk,
    cloud: Cloud,
    class_names: Sequence[str],
    bounds: Bounds,
    *,
    title: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw a walk on the scatter that it leads through, beside its filmstrip.

    Args:
        walk: Images, stops and points.
        cloud: The scatter; its last frame is drawn.
        class_names: Names of the classes, which name the strips of a single latent.
        bounds: The window of the scatter.
        title: What stands above the filmstrip.
        look: How the page is dressed.

    Returns:
        Frames: one.
    """
    strip = _strip_beside(walk, look)
    room = max(strip.width, text_width(title, 16, bold=True)), strip.height + _MARGIN
    page, way, beside = _scatter_page(walk, cloud, class_names, bounds, title, room, look)
    strip_top = TOP - 8 if title else TOP - _NAMES
    strip.write_names(page, beside, strip_top)

    def draw(index: int) -> Frame:
        page.wipe()
        way.draw()
        strip.paste(page, beside, strip_top)
        return page.snap()

    return Frames(1, draw, page)


def walk_on_scatter_frames(
    walk: Walk,
    cloud: Cloud,
    class_names: Sequence[str],
    bounds: Bounds,
    *,
    title: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw a walk as an animation: where it is on the scatter, beside what is decoded there.

    Args:
        walk: Images, stops and points.
        cloud: The scatter; its last frame is drawn.
        class_names: Names of the classes, which name the strips of a single latent.
        bounds: The window of the scatter.
        title: What stands above the image.
        look: How the page is dressed.

    Returns:
        Frames: as many as the walk has steps.
    """
    stage = _Stage(walk, look)
    room = stage.width, stage.height
    page, way, beside = _scatter_page(walk, cloud, class_names, bounds, title, room, look)
    return stage.frames(page, beside, way)


def _scatter_page(
    walk: Walk,
    cloud: Cloud,
    class_names: Sequence[str],
    bounds: Bounds,
    title: str,
    room: tuple[float, float],
    look: Look,
) -> tuple[Page, _Way, float]:
    """Return a page with a walk's scatter, and where room of some width and height begins beside it."""
    strips = strip_names(cloud, class_names, extra="walk")
    left = left_margin(strips)
    beside = left + _SIDE + _GAP
    page = Page(beside + room[0] + RIGHT, TOP + max(_SIDE + BOTTOM, room[1]), look)
    way = _Way(page, (left, TOP, _SIDE, _SIDE), walk, cloud, class_names, bounds, strips)
    page.text(beside, TOP - 16, title, size=16, bold=True)
    return page, way, beside


def _even_rows(count: int, most: int) -> int:
    """Return columns, at most so many, that fill all rows about equally.

    >>> _even_rows(16, 10), _even_rows(9, 10), _even_rows(11, 10)
    (8, 9, 6)
    """
    return -(-count // -(-count // most))


def _strip_beside(walk: Walk, look: Look) -> _Strip:
    """Return a filmstrip as wide as the scatter, which the originals make no higher than that."""
    count = len(walk.images)
    for most in range(int(np.ceil(np.sqrt(count))), count + 1):
        columns = _even_rows(count, most)
        strip = _Strip(walk, columns, target=_SIDE / columns, look=look)
        if not walk.originals or strip.height <= _SIDE + BOTTOM:
            break
    return strip


class _Strip:
    """The images of a walk in rows, with the names of its stops above them and originals below."""

    def __init__(self, walk: Walk, columns: int, target: float, look: Look) -> None:
        self.walk, self.columns = walk, columns
        self.cells = Cells(walk.images, target, look.scale)
        self.width = columns * self.cells.across - self.cells.gap
        self.captions = {
            step: fold(words, self.cells.across - 2, 12) for step, words in walk.captions.items()
        }
        lines = max((words.count("\n") + 1 for words in self.captions.values()), default=0)
        below = self.cells.down + _GAP_ABOVE_ORIGINAL + 6 + _CAPTION_LINE * lines
        with_originals = {step // columns for step in walk.originals}
        self._tops = [0.0]
        for row in range(-(-len(walk.images) // columns)):
            height = _NAMES + self.cells.down + (below if row in with_originals else 0)
            self._tops.append(self._tops[-1] + height)
        self.height = self._tops[-1] - self.cells.gap

    def _place(self, step: int) -> tuple[float, float]:
        row, column = divmod(step, self.columns)
        return column * self.cells.across, self._tops[row] + _NAMES

    def _place_below(self, step: int) -> tuple[float, float]:
        """Return where the original of a step goes."""
        x, y = self._place(step)
        return x, y + self.cells.down + _GAP_ABOVE_ORIGINAL

    def write_names(self, page: Page, left: float, top: float) -> None:
        """Name the stops; a name may reach over the unnamed images after it."""
        for step, name in self.walk.stops.items():
            x, y = self._place(step)
            row_end = (step // self.columns + 1) * self.columns
            following = min([row_end, *(other for other in self.walk.stops if other > step)])
            room = (following - step) * self.cells.across - self.cells.gap
            if text_width(name, 13, bold=True) > room and step % self.columns == self.columns - 1:
                room += self.cells.across  # the last of a row may reach back
                page.text(left + x + self.cells.width, top + y - 7, name, size=13, bold=True, align="right")
                continue
            page.text(left + x, top + y - 7, cut(name, room, 13, bold=True), size=13, bold=True)
        for step, words in self.captions.items():
            x, y = self._place_below(step)
            middle, below = left + x + self.cells.width / 2, top + y + self.cells.height + 4
            page.text(middle, below, words, size=12, colour=QUIET, align="center", va="top", linespacing=1.0)

    def paste(self, page: Page, left: float, top: float) -> None:
        """Put the images onto the page."""
        for step, picture in enumerate(self.cells.pictures(self.walk.images)):
            x, y = self._place(step)
            page.paste(picture, left + x, top + y)
        for step, original in self.walk.originals.items():
            x, y = self._place_below(step)
            page.paste(self.cells.pictures(original[None])[0], left + x, top + y)


class _Stage:
    """One large image at a time, and below it how far the walk has come."""

    def __init__(self, walk: Walk, look: Look) -> None:
        self.walk = walk
        self.cells = Cells(walk.images, 420, look.scale, gap=0)
        self.width, self.height = self.cells.width, self.cells.height + _TRACK

    def frames(self, page: Page, left: float, way: _Way | None = None) -> Frames:
        """Return a frame per step, with the image at the left edge given, and the scatter if there is one."""
        track = _Track(page, self.walk, (left, TOP + self.cells.height + 24, self.width))

        def draw(step: int) -> Frame:
            page.wipe()
            if way:
                way.draw(step)
            page.paste(self.cells.pictures(self.walk.images[step : step + 1])[0], left, TOP)
            track.draw(step)
            return page.snap()

        return Frames(len(self.walk.images), draw, page)


class _Track:
    """A line from start to end with a dot at each stop, and a marker that moves along it."""

    def __init__(self, page: Page, walk: Walk, place: tuple[float, float, float]) -> None:
        self.page, self.last = page, max(len(walk.images) - 1, 1)
        self.left, self.y, width = place
        self.left, self.width = self.left + 6, width - 12
        tone, point = page.look.tone, page.point
        page.figure.add_artist(self._line([0, self.last], color=tone(FAINT), linewidth=2.8 * point))
        steps = list(walk.stops)
        dot: dict[str, object] = {"linestyle": "", "marker": "o"}
        page.figure.add_artist(self._line(steps, **dot, markersize=7 * point, color=tone(INK)))
        for step, name in walk.stops.items():
            align = "left" if step == 0 else "right" if step == self.last else "center"
            page.text(self._x(step, align), self.y + 22, name, size=13, align=align)
        self.marker = self._line([0], **dot, markersize=12.5 * point, color=tone(ACCENT), animated=True)
        page.figure.add_artist(self.marker)

    def _x(self, step: int, align: str = "center") -> float:
        nudge = {"left": -6.0, "right": 6.0, "center": 0.0}[align]
        return self.left + self.width * step / self.last + nudge

    def _line(self, steps: Sequence[int], **look: object) -> Line2D:
        x, y = zip(*(self.page.at(self._x(step), self.y) for step in steps), strict=True)
        return Line2D(x, y, **look)  # type: ignore[arg-type]

    def draw(self, step: int) -> None:
        """Draw the marker at a step."""
        self.marker.set_xdata([self._x(step) / self.page.width])
        self.page.draw(self.marker)


class _Way:
    """A walk's line on a faded scatter, its stops named, and a marker where it is."""

    def __init__(
        self,
        page: Page,
        box: tuple[float, float, float, float],
        walk: Walk,
        cloud: Cloud,
        class_names: Sequence[str],
        bounds: Bounds,
        strips: Sequence[str],
    ) -> None:
        if walk.points is None:
            raise TypeError("A walk on the scatter needs its points.")
        self.page = page
        self.panel = LatentPanel(page, box, bounds, cloud.axis_labels, strips)
        page.text(box[0], TOP - 16, cloud.title, size=16, bold=True)
        last = Cloud(cloud.points[-1:], cloud.labels)
        self.painter = CloudPainter(self.panel, last, len(class_names), opacity=0.4)
        self.places = self.panel.place_below(walk.points)
        self.stops = sorted(walk.stops)
        style: dict[str, Any] = {"color": page.look.tone(ACCENT), "linewidth": 2.2 * page.point}
        self.line = Line2D(*self.places.T, **style, animated=True, path_effects=[page.halo()])
        self.panel.axes.add_line(self.line)
        self._taken: list[tuple[float, float, float]] = []  # where names stand: left, right, height
        self.names = [self._name(step, walk.stops[step]) for step in self.stops]

    def _name(self, step: int, name: str) -> Text:
        """Return a stop's name beside its point, on the side that the walk leaves free."""
        pixels = self.panel.to_pixels(self.places) / self.page.scale
        x, y = pixels[step]
        around = pixels[max(step - 1, 0) : step + 2, 0].mean()
        left, top, width, _ = self.panel.box
        words = text_width(name, bold=True) + 12
        on_the_right = (x >= around or x < words) and x + words < width
        nudge, align = (10, "left") if on_the_right else (-10, "right")
        y = self._free_height(x, x + words if on_the_right else x - words, y)
        text = self.page.moving_text(
            left + x + nudge, top + y, bold=True, halo=True, va="center_baseline", align=align
        )
        self.page.set_words(text, name)
        return text

    def _free_height(self, start: float, stop: float, wanted: float) -> float:
        """Return the height nearest to the wanted one at which a name touches none before it."""
        first, last = min(start, stop), max(start, stop)
        besides = [y for x0, x1, y in self._taken if first < x1 and x0 < last]
        rungs = [wanted + sign * _LINE * rung for rung in range(len(besides) + 1) for sign in (1, -1)]
        height = next(y for y in rungs if all(abs(y - other) >= _LINE for other in besides))
        self._taken.append((first, last, height))
        return height

    def draw(self, step: int | None = None) -> None:
        """Draw everything; without a step, a dot for each step."""
        self.painter.paint(0)
        self.page.draw(self.line)
        if step is None:
            self.panel.paint_marks(self.places, 1.5)
        self.panel.paint_marks(self.places[self.stops], 3.5, INK)
        if step is not None:
            self.panel.paint_marks(self.places[step : step + 1], 5.5)
        for name in self.names:
            self.page.draw(name)
