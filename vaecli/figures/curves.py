"""How trainings went: their figures against epochs or seconds, several runs in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import UsageError
from vaecli.figures.captions import paper_caption, title_of
from vaecli.figures.comparison import telling_names
from vaecli.figures.epochs import caption_of
from vaecli.figures.figure import Figure
from vaecli.latents import latent_name
from vaecli.metrics import EpochMetrics
from vaecli.observers import Say, silence
from vaecli.render.curves import Chart, Curve
from vaecli.render.curves import curves as draw_curves
from vaecli.render.encode import Timing
from vaecli.runs import last_epoch, open_run
from vaecli.store import Run

#: What the horizontal axis may show, and what is written below it.
AGAINST = {"epochs": "epoch", "seconds": "seconds of training and evaluation"}

_NAMED = 8  # latents whose names stand at their curves; more would touch


@dataclass(frozen=True)
class _History:
    """The metrics of a run's epochs.

    Attributes:
        run: The run.
        epochs: `(n,)`.
        metrics: Of each of them.
    """

    run: Run
    epochs: NDArray[np.int64]
    metrics: list[EpochMetrics]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """`(n,)`, what training and evaluation took until then."""
        return np.cumsum([each.training_seconds + each.evaluation_seconds for each in self.metrics])

    def values(self, name: str) -> NDArray[np.float64]:
        """Return `(n,)` values of a metric, NaN where an epoch has none."""
        found = [getattr(each, name) for each in self.metrics]
        return np.array([np.nan if value is None else value for value in found], np.float64)

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        names = ("negative_elbo", "training_loss", "reconstruction", "kl", "active_units", "learning_rate")
        return {
            "run": self.run.name,
            "epochs": self.epochs.tolist(),
            "seconds": self.seconds.round(3).tolist(),
            **{name: [getattr(each, name) for each in self.metrics] for name in names},
            "kl_per_latent": [list(each.kl_per_latent) for each in self.metrics],
        }


def curves(
    *runs: Run | str,
    against: str = "epochs",
    moving: bool = False,
    fps: float = 4.0,
    hold: float = 2.0,
    say: Say = silence,
) -> Figure:
    """Draw −ELBO, reconstruction, KL, KL per latent, active latents and learning rate of runs.

    Args:
        runs: Runs, or words that mean some (see `open_run`); by default the latest one.
        against: `epochs` or `seconds`.
        moving: Animate it: a frame per epoch, in which the curves have come so far.
        fps: Frames per second.
        hold: Seconds that the last frame stays.
        say: Called with a line if the figures of the runs cannot be compared.

    Raises:
        UsageError: If `against` is neither.
        RunNotFound: If there is no such run, or it has no epoch.
    """
    if against not in AGAINST:
        raise UsageError(f"against is {against!r}.", f"Expected one of: {', '.join(AGAINST)}.")
    histories = [_read(open_run(run)) for run in runs or ("latest",)]
    _say_what_differs([each.run for each in histories], say)
    until = sorted({int(epoch) for each in histories for epoch in each.epochs}) if moving else []
    first = histories[0].run
    several = len(histories) > 1
    draw = partial(
        draw_curves,
        _charts(histories, against),
        telling_names([each.run for each in histories]),
        AGAINST[against],
        epochs=until,
        captions=[_caption(histories, epoch) for epoch in until],
        title="" if several else title_of(first),
    )
    facts = {"against": against, "curves": [each.facts() for each in histories]}
    stem = "-".join([*(each.run.name for each in histories[:3]), "curves"])
    caption = paper_caption(
        f"−ELBO, its parts and the learning rate against {against}.", [each.run for each in histories]
    )
    return Figure(stem, lambda look: draw(look=look), facts, moving, Timing(fps, hold), caption)


def _read(run: Run) -> _History:
    """Return the metrics of all epochs of a run."""
    last_epoch(run)
    epochs = run.epochs()
    return _History(run, np.array(epochs), [run.metrics(epoch) for epoch in epochs])


def _caption(histories: Sequence[_History], epoch: int) -> str:
    """Return what stands in the corner of a frame."""
    if len(histories) == 1:
        return caption_of(histories[0].run, epoch)
    return f"epoch {epoch}"


def _charts(histories: Sequence[_History], against: str) -> list[Chart]:
    """Return the panels, in the order in which they are read."""

    def chart(title: str, name: str, note: str = "", **more: bool) -> Chart:
        return Chart(title, _lines(histories, name, against), note, **more)

    losses = _lines(histories, "training_loss", against, dashed=True)
    held_out = _lines(histories, "negative_elbo", against)
    return [
        Chart("−ELBO", [*losses, *held_out], "nats; dashed: training loss"),
        chart("reconstruction", "reconstruction", "nats"),
        chart("KL", "kl", "nats", from_zero=True),
        Chart("KL per latent", _of_each_latent(histories, against), "nats", from_zero=True),
        chart("active latents", "active_units", from_zero=True, whole=True),
        chart("learning rate", "learning_rate", from_zero=True),
    ]


def _lines(histories: Sequence[_History], name: str, against: str, *, dashed: bool = False) -> list[Curve]:
    """Return the curves of a metric, one for each run."""
    return [
        Curve(_across(each, against), each.values(name), each.epochs, run, dashed)
        for run, each in enumerate(histories)
    ]


def _across(history: _History, against: str) -> NDArray[np.float64]:
    return history.seconds if against == "seconds" else history.epochs.astype(np.float64)


def _of_each_latent(histories: Sequence[_History], against: str) -> list[Curve]:
    """Return a curve for each latent of each run; those of a single run are named, if they are few."""
    found = []
    for run, history in enumerate(histories):
        kl = np.array([each.kl_per_latent for each in history.metrics])
        names = [latent_name(latent) for latent in range(kl.shape[1])]
        if len(histories) > 1 or kl.shape[1] > _NAMED:
            names = [""] * kl.shape[1]
        found += [
            Curve(_across(history, against), values, history.epochs, run, name=name)
            for values, name in zip(kl.T, names, strict=True)
        ]
    return found


def _say_what_differs(runs: Sequence[Run], say: Say) -> None:
    """Say why −ELBOs cannot be compared, if they cannot."""
    for what, kinds in (
        ("likelihoods", {run.config.likelihood for run in runs}),
        ("images", {(run.dataset.fingerprint, run.dataset.shape) for run in runs}),
    ):
        if len(kinds) > 1:
            say(f"−ELBO and reconstruction cannot be compared: the runs have different {what}.")
