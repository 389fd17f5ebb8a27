"""A traversal: each latent moved by itself, the others held, so that one sees what it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import DataError
from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.epochs import drawn_epochs, stem_of
from vaecli.figures.figure import Figure
from vaecli.figures.points import Place, Point, find_places, with_originals
from vaecli.inference import Images, decode
from vaecli.latents import are_active, latent_name, traversal_axis, traversal_shares
from vaecli.observers import Say, silence
from vaecli.render.encode import Timing
from vaecli.render.frames import Frames
from vaecli.render.traversal import Base, Row, traversal, traversal_frames
from vaecli.runs import open_run
from vaecli.store import Run
from vaecli.words import number

_STEPS = 9  # images in a row; an animation has more of them
_MOVING_STEPS = 24


@dataclass(frozen=True)
class _Plan:
    """What is traversed.

    Attributes:
        dims: The latents, counted from 0, that with the most KL first.
        left_out: Those that are inactive.
        kl: `(latent_dim,)`, of all of them.
        values: `(len(dims), steps)`.
    """

    dims: list[int]
    left_out: list[int]
    kl: Sequence[float]
    values: NDArray[np.float32]

    def latents(self, base: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `(len(dims), steps, latent_dim)`, each row with one latent moved."""
        moved = np.tile(base, (*self.values.shape, 1))
        for row, dim in enumerate(self.dims):
            moved[row, :, dim] = self.values[row]
        return moved


def traverse(
    run: Run | str,
    *,
    at: Point | None = None,
    over: str = "range",
    steps: int | None = None,
    point: str = "member",
    moving: bool = False,
    epoch: int | None = None,
    fps: float = 12.0,
    hold: float = 0.0,
    say: Say = silence,
) -> Figure:
    """Move each latent by itself while the others are held: a row per latent, that with the most KL first.

    Latents that the encoder does not use are left out: moving them changes nothing.

    Args:
        run: The run, or a word that means one (see `open_run`).
        at: Where the other latents are held: a class's name, a held-out image as `#123`, the path of an
            image, a latent, or a sum such as `bag - boot + sandal`; by default the prior's mean, 0.
        over: `range`: equal steps between the 1 % and 99 % quantile of the held-out means; or
            `quantiles`: equal shares of the held-out images between neighbours.
        steps: Images per latent, by default 9, and 24 if it is animated.
        point: What a class's name means, as in `interpolate`.
        moving: Animate it: every latent goes from its lowest value to its highest and back.
        epoch: The epoch, by default the last one.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Called with a line on what is left out, and on what had to be converted or loaded.

    Raises:
        UsageError: If there are too few steps, or what is asked for is unknown.
        DataError: If a word does not name a point, or no latent is active.
        RunNotFound: If there is no such run or epoch, or it keeps no weights though they are needed.
    """
    run = open_run(run)
    (epoch,) = drawn_epochs(run, epoch)
    plan = _plan(run, epoch, steps or (_MOVING_STEPS if moving else _STEPS), over)
    place = _place(run, epoch, at, point, say)
    base, decoded = _decoded(run, epoch, plan, place, say)
    rows = [_row(plan, row, images) for row, images in enumerate(decoded)]
    note = _note(plan, say)
    title = f"{title_of(run)}  ·  epoch {epoch}"
    draw: Callable[..., Frames]
    if moving:
        draw = partial(traversal_frames, rows, title=f"{title}  ·  at {place.title}", note=note)
    else:
        (place,) = with_originals(run, epoch, [place], say)
        columns = _shares(decoded.shape[1]) if over == "quantiles" else ()
        draw = partial(traversal, rows, _base(place, base), columns=columns, title=title, note=note)
    facts = {
        "run": run.name,
        "epochs": [epoch],
        "at": place.name,
        "index": place.index,
        "latent": place.latent.tolist(),
        "over": over,
        "dims": [dim + 1 for dim in plan.dims],
        "left_out": [dim + 1 for dim in plan.left_out],
        "kl": [plan.kl[dim] for dim in plan.dims],
        "values": plan.values.tolist(),
    }
    stem = stem_of(run, "traversal", [epoch], whole=moving)
    what = f"Each latent moved by itself, the others held at {place.title}. {note}".rstrip()
    caption = paper_caption(what, [run], epoch)
    return Figure(stem, lambda look: draw(look=look), facts, moving, Timing(fps, hold), caption)


def _plan(run: Run, epoch: int, steps: int, over: str) -> _Plan:
    """Return which latents are moved, and over which values.

    Raises:
        DataError: If none is active.
    """
    mean, kl = run.snapshot(epoch).mean, run.metrics(epoch).kl_per_latent
    active = are_active(mean)
    dims = sorted(np.flatnonzero(active).tolist(), key=lambda dim: -kl[dim])
    if not dims:
        raise DataError(
            f"No latent of run {run.name} is active in epoch {epoch}: moving them changes nothing.",
            "Expected: at least one whose means vary by more than 0.01 over the held-out images.",
        )
    values = np.stack([traversal_axis(mean[:, dim], steps, over) for dim in dims])
    return _Plan(dims, np.flatnonzero(~active).tolist(), kl, values)


def _place(run: Run, epoch: int, at: Point | None, meaning: str, say: Say) -> Place:
    """Return where the other latents are held."""
    if at is None:
        return Place(np.zeros(run.config.latent_dim, np.float32), "the prior's mean")
    (place,) = find_places(run, epoch, [at], say, meaning=meaning)
    return place


def _decoded(run: Run, epoch: int, plan: _Plan, place: Place, say: Say) -> tuple[Images, Images]:
    """Return the image of the latent that is held, and `(len(dims), steps, …)` of the moved ones."""
    latents = plan.latents(place.latent)
    together = np.concatenate([latents.reshape(-1, latents.shape[-1]), place.latent[None]])
    images = decode(run, together, epoch=epoch, say=say)
    return images[-1], images[:-1].reshape(*latents.shape[:2], *images.shape[1:])


def _shares(steps: int) -> list[str]:
    """Return what stands above the columns of a traversal over quantiles.

    >>> _shares(3)
    ['1 %', '50 %', '99 %']
    """
    return [f"{100 * share:.0f} %" for share in traversal_shares(steps)]


def _row(plan: _Plan, row: int, images: Images) -> Row:
    """Return a row with what stands before it."""
    dim, values = plan.dims[row], plan.values[row]
    span = f"{number(values[0], '.1f')} … {number(values[-1], '.1f')}"
    return Row(latent_name(dim), [f"KL {number(plan.kl[dim], '.2f')}", span], images)


def _base(place: Place, decoded: Images) -> Base:
    """Return the latent that is held, with its picture and perhaps its original."""
    if place.original is None:
        return Base(place.name, [decoded], ["decoded"])
    return Base(place.name, [decoded, place.original], ["decoded", place.caption])


def _note(plan: _Plan, say: Say) -> str:
    """Return which latents are left out, and say it."""
    if not plan.left_out:
        return ""
    names = ", ".join(latent_name(dim) for dim in plan.left_out[:12])
    more = ", …" if len(plan.left_out) > 12 else ""
    words = f"Left out: {names}{more} ({len(plan.left_out)} of {len(plan.kl)} latents are inactive)."
    say(words)
    return words
