"""Figures against epochs or seconds: a panel for each, a line for each run.

A panel's window suits what is learnt: it holds the trained epochs, without leaps. Whatever lies outside,
such as the untrained network or a sudden leap of the loss, is marked at the edge with its value, so that
nothing is hidden and nothing is flattened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from vaecli.render.frames import Frame, Frames
from vaecli.render.look import PLAIN_LOOK, Look
from vaecli.render.page import Page, text_width
from vaecli.render.panel import draw_legend, legend_width
from vaecli.render.style import FAINT, PAPER, QUIET
from vaecli.words import number

_WIDTH, _HEIGHT = 300, 200  # of a panel, in pixels
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 44, 34, 62
_TITLE = 38  # more above, where there is a title or a caption
_ACROSS, _DOWN = 76, 66  # between panels
_COLUMNS = 3
_DARK_FIRST = [0, 3, 2, 4, 6, 7, 5, 8, 9, 1]
_MARKED = 60  # up to so many epochs each has a dot
_LEAP = 6  # so many times what lies below the median is no ordinary distance above it


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    Attributes:
        x: `(n,)`, ascending.
        y: `(n,)`; what is not finite is left out.
        epochs: `(n,)`, which epoch each point belongs to.
        run: Which run it is of, counted from 0; this decides its colour.
        dashed: Whether it is dashed.
        name: What stands at its end.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    epochs: NDArray[np.int64]
    run: int = 0
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True)
class Chart:
    """A panel.

    Attributes:
        title: What it shows.
        curves: Its lines.
        note: More about it, after the title.
        from_zero: Whether its window begins at 0.
        whole: Whether its values are whole numbers.
    """

    title: str
    curves: Sequence[Curve]
    note: str = ""
    from_zero: bool = False
    whole: bool = False


def curves(
    charts: Sequence[Chart],
    run_names: Sequence[str],
    x_label: str,
    *,
    epochs: Sequence[int] = (),
    captions: Sequence[str] = (),
    title: str = "",
    look: Look = PLAIN_LOOK,
) -> Frames:
    """Draw charts in rows of three, all over the same horizontal axis.

    Args:
        charts: The panels.
        run_names: The runs, which a legend names if there are several.
        x_label: What the horizontal axes show.
        epochs: Up to which epoch each frame draws; by default one frame draws everything.
        captions: What stands in the corner of each frame.
        title: What stands above.
        look: How the page is dressed.

    Returns:
        Frames: as many as there are `epochs`, or one.
    """
    legend = legend_width(run_names) + 10 if len(run_names) > 1 else 0.0
    top = _TOP + (_TITLE if title or captions else 0)
    right = _LEFT + _COLUMNS * (_WIDTH + _ACROSS) - _ACROSS
    height = -(-len(charts) // _COLUMNS) * (_HEIGHT + _DOWN) - _DOWN
    page = Page(right + _RIGHT + legend, top + height + _BOTTOM, look)
    page.text(_LEFT, 34, title, size=16, bold=True)
    widest = max((text_width(words) for words in captions), default=0.0)
    corner = page.moving_text(right - widest, 34, colour=QUIET)
    if legend:
        draw_legend(page, right + 24, top, height, run_names, line_colours(len(run_names), look))
    panels = []
    for place, chart in enumerate(charts):
        row, column = divmod(place, _COLUMNS)
        corner_of_panel = _LEFT + column * (_WIDTH + _ACROSS), top + row * (_HEIGHT + _DOWN)
        is_last = place + _COLUMNS >= len(charts)
        colours = line_colours(len(run_names), look) / 255
        panels.append(_Panel(page, corner_of_panel, chart, colours, x_label if is_last else ""))
    last = max(
        (int(curve.epochs[-1]) for chart in charts for curve in chart.curves if len(curve.x)), default=0
    )
    until = list(epochs) or [last]

    def draw(index: int) -> Frame:
        page.wipe()
        for panel in panels:
            panel.draw(until[index])
        page.write(corner, captions[index] if captions else "")
        return page.snap()

    return Frames(len(until), draw, page)


def line_colours(count: int, look: Look = PLAIN_LOOK) -> NDArray[np.uint8]:
    """Return `(count, 3)` colours for lines: those of the classes, the pale ones last.

    >>> line_colours(2).tolist()
    [[34, 118, 224], [204, 63, 25]]
    """
    ten = look.class_colours(10)[_DARK_FIRST]
    return np.asarray(ten[np.arange(count) % 10])


def window(curves: Sequence[Curve], *, from_zero: bool = False) -> tuple[float, float]:
    """Return the values between which a panel shows its curves.

    All of the trained epochs are inside, except leaps: values far above the median of their curve, which are
    also above where it began.

    Args:
        curves: All that the panel shows.
        from_zero: Begin at 0; then the untrained epoch counts, too.

    >>> rise = np.array([400.0, 260.0, 255.0, 9000.0, 250.0, 249.0])
    >>> window([Curve(np.arange(6.0), rise, np.arange(6))])
    (249.0, 260.0)
    """
    shown = [_finite(curve.y[curve.epochs >= (0 if from_zero else 1)]) for curve in curves]
    shown = [values for values in shown if len(values)] or [_finite(curve.y) for curve in curves]
    ranges = [_without_leaps(values, from_zero=from_zero) for values in shown if len(values)]
    if not ranges:
        return 0.0, 1.0
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _without_leaps(values: NDArray[np.float64], *, from_zero: bool) -> tuple[float, float]:
    """Return the least and the largest of a curve's values that are no leaps."""
    low = min(float(values.min()), 0.0) if from_zero else float(values.min())
    median = float(np.median(values))
    highest = max(float(values[0]), median + _LEAP * (median - low))
    return low, float(values[values <= highest].max())


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


class _Panel:
    """Axes with the curves of a chart, drawn up to an epoch."""

    def __init__(
        self,
        page: Page,
        corner: tuple[float, float],
        chart: Chart,
        colours: NDArray[np.float64],
        x_label: str,
    ) -> None:
        self.page, self.chart = page, chart
        left, top = corner
        self.axes = page.axes(left, top, _WIDTH, _HEIGHT)
        page.text(left, top - 12, chart.title, bold=True)
        page.text(left + text_width(chart.title, bold=True) + 8, top - 12, chart.note, size=13, colour=QUIET)
        page.text(left + _WIDTH / 2, top + _HEIGHT + 40, x_label, colour=QUIET, align="center")
        self._lines = [_Line(page, self.axes, curve, colours[curve.run]) for curve in chart.curves]
        self._set_window()
        self._marks = self._marked_leaps(page, corner, colours)
        self._write_names(page, corner, colours)

    def _set_window(self) -> None:
        """Fix the axes, with a little room around the curves."""
        curves = self.chart.curves
        low, high = window(curves, from_zero=self.chart.from_zero)
        room = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
        self.bounds = low - room, high + room
        last = max((float(curve.x[-1]) for curve in curves if len(curve.x)), default=1.0) or 1.0
        self.axes.set(xlim=(-0.02 * last, 1.03 * last), ylim=self.bounds)
        self.axes.grid(color=self.page.look.tone(FAINT), linewidth=0.7 * self.page.point, alpha=0.6)
        self.axes.set_axisbelow(True)
        by_epoch = all((curve.x == curve.epochs).all() for curve in curves)
        self.axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=by_epoch))
        self.axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=self.chart.whole))
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, ",.10g")))

    def _marked_leaps(
        self, page: Page, corner: tuple[float, float], colours: NDArray[np.float64]
    ) -> list[tuple[int, list[Line2D]]]:
        """Return marks at the edge for what lies outside, each with the epoch from which it is drawn."""
        low, high = self.bounds
        marks = []
        named: list[float] = []  # where numbers stand already
        for curve in self.chart.curves:
            for x, y, epoch in zip(curve.x, curve.y, curve.epochs.tolist(), strict=True):
                if not np.isfinite(y) or low <= y <= high:
                    continue
                edge, marker = (high, "^") if y > high else (low, "v")
                look = {
                    "marker": marker,
                    "markersize": 8.3 * page.point,
                    "color": colours[curve.run],
                    "clip_on": False,
                }
                mark = Line2D([x], [edge], linestyle="", animated=True, **look)
                self.axes.add_line(mark)
                marks.append((epoch, [mark, *self._value(page, corner, x, y, named)]))
        return marks

    def _value(
        self, page: Page, corner: tuple[float, float], x: float, y: float, named: list[float]
    ) -> list[Line2D]:
        """Return the number beside a mark, unless another one stands there."""
        low, high = self.axes.get_xlim()
        place = corner[0] + _WIDTH * (x - low) / (high - low)
        words = number(y, ",.4g") if abs(y) < 10_000 else number(y, ".2g")
        width = text_width(words, 12)
        if any(abs(place - other) < width + 14 for other in named):
            return []
        named.append(place)
        on_the_right = place + 10 + width < corner[0] + _WIDTH
        text = page.moving_text(
            place + (9 if on_the_right else -9),
            corner[1] + (12 if y > self.bounds[1] else _HEIGHT - 5),
            size=12,
            colour=QUIET,
            halo=True,
            align="left" if on_the_right else "right",
        )
        text.set_text(words)
        return [text]  # type: ignore[list-item]

    def _write_names(self, page: Page, corner: tuple[float, float], colours: NDArray[np.float64]) -> None:
        """Name curves at their ends, moved apart where they would touch."""
        low, high = self.bounds
        ends = [
            (corner[1] + _HEIGHT * (high - curve.y[-1]) / (high - low), curve.name)
            for curve in self.chart.curves
            if curve.name and len(curve.y) and np.isfinite(curve.y[-1])
        ]
        taken = -np.inf
        for wanted, name in sorted(ends):
            y = max(wanted, taken + 14)
            taken = y
            page.text(corner[0] + _WIDTH + 5, y, name, size=13, colour=QUIET, va="center_baseline")

    def draw(self, epoch: int) -> None:
        """Draw everything up to an epoch."""
        for line in self._lines:
            line.draw(self.page, epoch)
        for first, artists in self._marks:
            if first <= epoch:
                for artist in artists:
                    self.page.draw(artist)


class _Line:
    """A curve as a line with dots, which grows."""

    def __init__(self, page: Page, axes: Axes, curve: Curve, colour: NDArray[np.float64]) -> None:
        self.curve = curve
        marker = "o" if len(curve.x) <= _MARKED and not curve.dashed else ""
        self.line = Line2D(
            curve.x,
            curve.y,
            color=tuple(colour),
            linewidth=2.0 * page.point,
            linestyle=(0, (4, 2)) if curve.dashed else "-",
            marker=marker,
            markersize=5.0 * page.point,
            markeredgecolor=page.look.tone(PAPER),
            markeredgewidth=0.7 * page.point,
            animated=True,
        )
        axes.add_line(self.line)

    def draw(self, page: Page, epoch: int) -> None:
        """Draw it up to an epoch."""
        shown = self.curve.epochs <= epoch
        self.line.set_data(self.curve.x[shown], self.curve.y[shown])
        page.draw(self.line)
