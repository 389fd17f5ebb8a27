"""The geometry of latent space: grids, walks, projections and bounds.

A latent is a point `(latent_dim,)` under a standard normal prior. Everything here is NumPy
on such points; nothing knows an image, a network or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaecli.errors import UsageError

#: The grid that every epoch stores: 20 × 20 latents, linear, from −3 to 3.
GRID_SIDE = 20
GRID_EXTENT = 3.0

#: So many nearest neighbours tell how pure and how dense the surroundings of an image are.
TYPICAL_NEIGHBOURS = 50

#: The ways in which a walk can lead from one point to the next.
WALKS = ("linear", "spherical", "data")

_BLOCK = 4_000_000  # distances in memory at a time
_MOST_STONES = 10_000  # means that a walk through the data looks at; its time grows with their square

Bounds = tuple[float, float, float, float]


def grid_axis(count: int, extent: float = GRID_EXTENT, spacing: str = "linear") -> NDArray[np.float32]:
    """Return `(count,)` ascending latent values from −extent to extent.

    Args:
        count: How many values; one value is 0.
        extent: The largest value.
        spacing: `linear`, or `quantile`: equal shares of the prior between neighbours,
            Φ⁻¹ of equal steps between Φ(−extent) and Φ(extent) (Kingma and Welling 2014, figure 4).

    Raises:
        UsageError: If count or extent is not positive, or spacing is unknown.

    >>> grid_axis(5, 2.0).tolist()
    [-2.0, -1.0, 0.0, 1.0, 2.0]
    >>> [round(float(value), 2) for value in grid_axis(5, 2.0, "quantile")]
    [-2.0, -0.64, 0.0, 0.64, 2.0]
    """
    if count < 1 or not 0 < extent < 8:
        raise UsageError(
            f"A grid of {count} values up to {extent:g} cannot be drawn.",
            "Expected: at least 1 value and an extent between 0 and 8.",
        )
    if spacing == "linear":
        values = np.linspace(-extent, extent, count)
    elif spacing == "quantile":
        normal = NormalDist()
        shares = np.linspace(normal.cdf(-extent), normal.cdf(extent), count)
        values = np.array([normal.inv_cdf(share) for share in shares])
    else:
        raise UsageError(f"spacing is {spacing!r}.", "Expected one of: linear, quantile.")
    return np.asarray((values - values[::-1]) / 2.0, np.float32)  # exactly symmetric; one value is 0


def grid(
    rows: int,
    columns: int,
    latent_dim: int,
    dims: Sequence[int] = (0, 1),
    extent: float = GRID_EXTENT,
    spacing: str = "linear",
    held: NDArray[np.floating] | None = None,
) -> NDArray[np.float32]:
    """Return a regular grid of latents, laid out as it is drawn: up is up.

    Args:
        rows: Rows; row 0 is the top, where latent `dims[1]` is largest.
        columns: Columns; column 0 is the left, where latent `dims[0]` is smallest.
        latent_dim: Dimensions of each latent.
        dims: The two latents of the plane, or one for a single row.
        extent: The largest value on either axis.
        spacing: `linear` or `quantile`, as in `grid_axis`.
        held: `(latent_dim,)`, where those outside `dims` are held, by default at 0.

    Returns:
        `(rows, columns, latent_dim)`; one row when `dims` names one latent.

    Raises:
        UsageError: If `dims` are not one or two different latents of the run.

    >>> grid(3, 2, 2, extent=1.0)[0].tolist()
    [[-1.0, 1.0], [1.0, 1.0]]
    """
    check_dims(dims, latent_dim)
    rows = rows if len(dims) == 2 else 1
    latents = np.zeros((rows, columns, latent_dim), np.float32)
    latents[:] = 0.0 if held is None else held
    latents[:, :, dims[0]] = grid_axis(columns, extent, spacing)[None, :]
    if len(dims) == 2:
        latents[:, :, dims[1]] = grid_axis(rows, extent, spacing)[::-1, None]
    return latents


def check_dims(dims: Sequence[int], latent_dim: int) -> None:
    """Raise `UsageError` unless `dims` are one or two different latents, counted from 0."""
    inside = all(0 <= dim < latent_dim for dim in dims)
    if not inside or len(set(dims)) != len(dims) or len(dims) not in {1, 2}:
        named = ", ".join(str(dim + 1) for dim in dims)
        raise UsageError(
            f"Latents {named} do not span a plane of this run.",
            f"Expected: two different numbers from 1 to {latent_dim}."
            if latent_dim > 1
            else "This run has one latent, so there is no plane to choose.",
        )


def grid_dims(kl_per_latent: ArrayLike) -> tuple[int, ...]:
    """Return the plane worth showing: the two latents that carry the most information.

    Args:
        kl_per_latent: `(latent_dim,)` nats.

    Returns:
        `(0,)` for one latent, `(0, 1)` for two, else the two with the largest KL, larger first.

    >>> grid_dims([0.1, 2.0, 0.0, 3.5])
    (3, 1)
    """
    kl = np.asarray(kl_per_latent, np.float64)
    if len(kl) <= 2:
        return tuple(range(len(kl)))
    first, second = np.argsort(-kl, kind="stable")[:2]
    return int(first), int(second)


def kl_per_latent(mean: NDArray[np.floating], log_var: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return KL(q(z | image) ‖ prior) of each latent, in nats, averaged over images.

    ½ (mean² + exp(log_var) − log_var − 1), Kingma and Welling 2014, appendix B.

    Args:
        mean: `(images, latent_dim)`.
        log_var: `(images, latent_dim)`.

    Returns:
        `(latent_dim,)`.

    >>> kl_per_latent(np.array([[0.0, 2.0]]), np.zeros((1, 2))).tolist()
    [0.0, 2.0]
    """
    mean, log_var = np.asarray(mean, np.float64), np.asarray(log_var, np.float64)
    return np.asarray(0.5 * (mean**2 + np.exp(log_var) - log_var - 1.0).mean(axis=0), np.float64)


def are_active(mean: NDArray[np.floating], threshold: float = 0.01) -> NDArray[np.bool_]:
    """Tell which latents are used: those whose mean varies over images by more than `threshold`.

    The measure of Burda et al. 2016: variance over the data of the posterior's mean.

    Args:
        mean: `(images, latent_dim)`.
        threshold: Variance above which a latent counts as used.

    Returns:
        `(latent_dim,)`.

    >>> are_active(np.array([[1.0, 0.0], [-1.0, 0.0]])).tolist()
    [True, False]
    """
    return np.asarray(np.asarray(mean, np.float64).var(axis=0) > threshold)


def active_units(mean: NDArray[np.floating], threshold: float = 0.01) -> int:
    """Count the latents that are used, as `are_active` tells them.

    >>> active_units(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    1
    """
    return int(are_active(mean, threshold).sum())


def class_means(mean: NDArray[np.floating], labels: NDArray[np.integer], classes: int) -> NDArray[np.float32]:
    """Return the centre of each class: `(classes, latent_dim)`, NaN for a class without images.

    >>> class_means(np.array([[0.0], [2.0], [5.0]]), np.array([0, 0, 2]), 3).tolist()
    [[1.0], [nan], [5.0]]
    """
    centres = np.full((classes, mean.shape[1]), np.nan, np.float32)
    for label in np.unique(labels):
        centres[label] = mean[labels == label].mean(axis=0, dtype=np.float64)
    return centres


def typical_member(
    mean: NDArray[np.floating], labels: NDArray[np.integer], label: int, neighbours: int = TYPICAL_NEIGHBOURS
) -> int:
    """Return the position of the member of a class that lies purest and densest among its own.

    The mean of a class may lie between two clusters of it, in the midst of another class; a member never
    decodes to what the class does not contain. Of all members the one is taken whose nearest neighbours
    have its class most often; of several, the one whose neighbours lie nearest; of several still, the first.

    Args:
        mean: `(n, latent_dim)`.
        labels: `(n,)`.
        label: The class; at least one of `labels`.
        neighbours: How many nearest neighbours are looked at; no more than the class has other members.

    >>> mean = np.array([[0.0], [0.1], [5.0], [5.1], [5.2], [5.3]])
    >>> typical_member(mean, np.array([0, 1, 0, 0, 0, 1]), 0)
    3
    """
    points = np.asarray(mean, np.float64)
    members = np.flatnonzero(labels == label)
    count = min(neighbours, len(members) - 1)
    if not count:
        return int(members[0])
    squares = np.square(points).sum(axis=1)
    own, reach = np.empty(len(members)), np.empty(len(members))
    step = max(1, _BLOCK // len(points))
    for start in range(0, len(members), step):
        block = members[start : start + step]
        distances = squares - 2 * points[block] @ points.T + squares[block, None]
        distances[np.arange(len(block)), block] = np.inf  # nobody is a neighbour of itself
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        own[start : start + step] = (labels[nearest] == label).mean(axis=1)
        reach[start : start + step] = np.take_along_axis(distances, nearest, axis=1).max(axis=1)
    return int(members[np.lexsort((reach, -own))[0]])


def walk_stops(count: int, steps: int) -> tuple[int, ...]:
    """Return the step at which a walk of `steps` latents stands on each of `count` points.

    Legs are equally long as far as they divide; the first ones take what is left over.

    Raises:
        UsageError: If there are fewer than two points or fewer steps than points.

    >>> walk_stops(3, 10)
    (0, 5, 9)
    """
    if count < 2 or steps < count:
        raise UsageError(
            f"{steps} steps cannot lead through {count} points.",
            "Expected: at least two points, and at least as many steps as points.",
        )
    each, left_over = divmod(steps - 1, count - 1)
    lengths = [each + (leg < left_over) for leg in range(count - 1)]
    return tuple(int(step) for step in np.cumsum([0, *lengths]))


def walk(
    points: NDArray[np.floating],
    steps: int,
    kind: str = "linear",
    mean: NDArray[np.floating] | None = None,
) -> NDArray[np.float32]:
    """Walk through all points in order, both ends included.

    Args:
        points: `(k, latent_dim)`, where the walk starts, passes and ends.
        steps: Latents in all; `walk_stops` says where the points fall.
        kind: `linear`; `spherical`: great circles about the origin with the radius
            changing evenly (White 2016), straight where a point is at the origin or the
            two are opposite; or `data`: from one mean of an image to a near one, as `way_through` finds it.
        mean: `(n, latent_dim)`, the means of images that a walk through the data passes.

    Returns:
        `(steps, latent_dim)`.

    Raises:
        UsageError: If steps are too few or kind is unknown.

    >>> walk(np.array([[0.0], [3.0]]), 4).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    if kind not in WALKS:
        raise UsageError(f"A walk cannot be {kind!r}.", f"Expected one of: {', '.join(WALKS)}.")
    points = np.asarray(points, np.float64)
    stops = walk_stops(len(points), steps)
    leg = {"linear": _straight, "spherical": _along_sphere, "data": _through(mean)}[kind]
    latents = np.empty((steps, points.shape[1]))
    for start, stop, low, high in zip(points, points[1:], stops, stops[1:], strict=False):
        share = np.linspace(0.0, 1.0, high - low + 1)[:, None]
        latents[low : high + 1] = leg(start, stop, share)
    latents[list(stops)] = points
    return latents.astype(np.float32)


def _straight(
    start: NDArray[np.float64], stop: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `(steps, latent_dim)` points on the line, at `share` `(steps, 1)` of the way."""
    return start + share * (stop - start)


def _along_sphere(
    start: NDArray[np.float64], stop: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `(steps, latent_dim)` points on the great circle from start to stop."""
    radii = np.linalg.norm(start), np.linalg.norm(stop)
    if min(radii) < 1e-9:
        return _straight(start, stop, share)
    first, last = start / radii[0], stop / radii[1]
    angle = np.arccos(np.clip(first @ last, -1.0, 1.0))
    if np.sin(angle) < 1e-6:
        return _straight(start, stop, share)
    direction = np.sin((1 - share) * angle) * first + np.sin(share * angle) * last
    return np.asarray(direction / np.sin(angle) * (radii[0] + share * (radii[1] - radii[0])))


def _through(mean: NDArray[np.floating] | None) -> Callable[..., NDArray[np.float64]]:
    """Return what gives `(steps, latent_dim)` points of the way through the data, at shares of its length."""

    def leg(
        start: NDArray[np.float64], stop: NDArray[np.float64], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        way = way_through(start[None, :] if mean is None else mean, start, stop)
        lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
        marks = np.concatenate([[0.0], np.cumsum(lengths)])
        return np.stack([np.interp(share[:, 0] * marks[-1], marks, column) for column in way.T], axis=1)

    return leg


def way_through(
    mean: NDArray[np.floating], start: NDArray[np.floating], stop: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the way from start to stop that passes the means of images in the shortest hops.

    Of all ways the one whose squared hops have the least sum (the power-weighted shortest path of Hwang,
    Damelin and Hero 2016, with power 2): many short hops where there are images cost less than one across a
    gap. Found by Dijkstra's algorithm between all pairs. Of more than 10,000 means, evenly chosen ones are
    looked at.

    Args:
        mean: `(n, latent_dim)`, at least one.
        start: `(latent_dim,)`.
        stop: `(latent_dim,)`.

    Returns:
        `(k, latent_dim)`, start and stop included.

    >>> start, stop = np.array([0.0, 0.0]), np.array([2.0, 0.0])
    >>> way_through(np.array([[1.0, 0.5], [1.0, 1.5]]), start, stop).tolist()
    [[0.0, 0.0], [1.0, 0.5], [2.0, 0.0]]
    """
    chosen = np.unique(np.linspace(0, len(mean) - 1, min(len(mean), _MOST_STONES)).round().astype(np.int64))
    points = np.concatenate([np.asarray(mean, np.float64)[chosen], [start, stop]])
    first, last = len(points) - 2, len(points) - 1
    cost, before = np.full(len(points), np.inf), np.full(len(points), first)
    is_open, here = np.ones(len(points), bool), first
    cost[here] = 0.0
    while here != last:
        is_open[here] = False
        reached = cost[here] + np.square(points - points[here]).sum(axis=1)
        better = is_open & (reached < cost)
        cost[better], before[better] = reached[better], here
        here = int(np.where(is_open, cost, np.inf).argmin())
    way = [last]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    return points[way[::-1]]


def traversal_axis(values: NDArray[np.floating], steps: int, spacing: str = "range") -> NDArray[np.float32]:
    """Return the values that one latent takes in a traversal: `(steps,)`, ascending.

    They cover what the encoder makes of images, but for the outermost hundredth on either side.

    Args:
        values: `(n,)`, the latent's means of many images.
        steps: How many.
        spacing: `range`: equal steps; or `quantiles`: equal shares of the images between neighbours.

    Raises:
        UsageError: If there are fewer than two steps, or the spacing is unknown.

    >>> traversal_axis(np.arange(101.0) ** 2, 3).tolist()
    [1.0, 4901.0, 9801.0]
    >>> traversal_axis(np.arange(101.0) ** 2, 3, "quantiles").tolist()
    [1.0, 2500.0, 9801.0]
    """
    if steps < 2:
        raise UsageError(f"A traversal of {steps} steps leads nowhere.", "Expected: at least 2.")
    shares = traversal_shares(steps)
    if spacing == "quantiles":
        return np.quantile(np.asarray(values, np.float64), shares).astype(np.float32)
    if spacing != "range":
        raise UsageError(f"A traversal cannot be over {spacing!r}.", "Expected one of: range, quantiles.")
    low, high = np.quantile(np.asarray(values, np.float64), shares[[0, -1]])
    return np.linspace(low, high, steps).astype(np.float32)


def traversal_shares(steps: int) -> NDArray[np.float64]:
    """Return which share of the images lies below each step of a traversal over quantiles.

    >>> traversal_shares(3).tolist()
    [0.01, 0.5, 0.99]
    """
    return np.linspace(0.01, 0.99, steps)


def robust_bounds(
    sequence: Iterable[NDArray[np.floating]], coverage: float = 0.998, at_least: float = 0.0
) -> Bounds:
    """Return one square window that suits every array of a sequence, outliers aside.

    Args:
        sequence: Arrays `(n, 2)`, or `(n, 1)` for one latent: the points of each epoch.
        coverage: Share of each array's points that must lie inside, on either axis.
        at_least: The window always reaches from −at_least to at_least on both axes.

    Returns:
        `(x_low, x_high, y_low, y_high)`, both axes of the same length, with a margin of 4 %.

    >>> robust_bounds([np.array([[-1.0, 0.0], [1.0, 1.0]])], coverage=1.0)
    (-1.08, 1.08, -0.58, 1.58)
    """
    tail = (1.0 - coverage) / 2.0
    edges = [np.quantile(points, [tail, 1.0 - tail], axis=0) for points in sequence if len(points)]
    if at_least or not edges:
        edges.append(np.array([[-at_least] * 2, [at_least] * 2]))
    low = np.min([np.broadcast_to(edge[0], 2) for edge in edges], axis=0)
    high = np.max([np.broadcast_to(edge[1], 2) for edge in edges], axis=0)
    half = max(float((high - low).max()) / 2.0, 1e-3) * 1.08
    x, y = (float(value) for value in (low + high) / 2.0)
    x_low, x_high, y_low, y_high = (round(edge, 6) for edge in (x - half, x + half, y - half, y + half))
    return x_low, x_high, y_low, y_high


@dataclass(frozen=True)
class Projection:
    """A fixed linear view of latent space, the same for every epoch.

    Attributes:
        centre: `(latent_dim,)`, what lies at the origin of the view.
        axes: `(latent_dim, 2)`, orthonormal columns; one column for a single latent.
        labels: What each axis shows, for example `z₁` or `PC 1 (34 %)`.
    """

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    labels: tuple[str, ...]

    def apply(self, mean: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return `(..., 2)` coordinates of latents `(..., latent_dim)`."""
        return np.asarray((np.asarray(mean, np.float64) - self.centre) @ self.axes)


def latent_name(dim: int) -> str:
    """Return the name of a latent, counted from 1 as on the command line.

    >>> latent_name(0), latent_name(11)
    ('z₁', 'z₁₂')
    """
    return "z" + str(dim + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def choose_latents(dims: Sequence[int], latent_dim: int) -> Projection:
    """Return the view along one or two latents as they are.

    >>> choose_latents((2, 0), 3).apply(np.array([[1.0, 2.0, 3.0]])).tolist()
    [[3.0, 1.0]]
    """
    check_dims(dims, latent_dim)
    axes = np.zeros((latent_dim, len(dims)))
    axes[list(dims), range(len(dims))] = 1.0
    return Projection(np.zeros(latent_dim), axes, tuple(latent_name(dim) for dim in dims))


def fit_projection(mean: NDArray[np.floating]) -> Projection:
    """Fit the two principal components of means `(n, latent_dim)`, latent_dim ≥ 2.

    Signs are fixed: the largest loading of either axis is positive, so the same means
    give the same picture on every machine.

    >>> line = np.array([[0.0, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, 2.0, 0.1]])
    >>> fit_projection(line).labels
    ('PC 1 (100 %)', 'PC 2 (0 %)')
    """
    mean = np.asarray(mean, np.float64)
    centre = mean.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(mean - centre, rowvar=False))
    axes = vectors[:, ::-1][:, :2]
    largest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    shares = 100 * variances[::-1][:2] / max(float(variances.sum()), 1e-12)
    labels = tuple(f"PC {number} ({share:.0f} %)" for number, share in enumerate(shares, start=1))
    return Projection(centre, axes, labels)


def prior_draws(count: int, latent_dim: int, seed: int = 0) -> NDArray[np.float32]:
    """Draw `(count, latent_dim)` latents from the prior; more draws extend fewer.

    >>> bool((prior_draws(5, 3, seed=1)[:2] == prior_draws(2, 3, seed=1)).all())
    True
    """
    return np.random.default_rng(seed).standard_normal((count, latent_dim), np.float32)
