"""A finished run → an entry of the results: its numbers with their protocol, and its way there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

import vaecli
from benchmarks.scoreboard.running import Trained
from benchmarks.scoreboard.trainings import Training
from vaecli import machine
from vaecli.observers import Say


@dataclass(frozen=True)
class Entry:
    """What was measured of a training with one seed.

    Attributes:
        row: The row's name.
        training: The training's name.
        seed: The run's seed.
        run: The run's name, which follows from all that the training follows from.
        asked: What the evaluation was asked for.
        parameters: Of the network.
        epochs: How many it was trained for.
        seconds: Of training.
        numbers: Number → value and standard error over images, if it has one.
        curve: Seconds of training and held-out −ELBO after each epoch.
        load: The machine's load average before and after the training, where it is known.
        protocol: That of the evaluation.
        processor: The machine's.
        cores: The machine's.
        date: When it was measured.
    """

    row: str
    training: str
    seed: int
    run: str
    asked: Mapping[str, Any]
    parameters: int
    epochs: int
    seconds: float
    numbers: Mapping[str, tuple[float, float | None]]
    curve: tuple[tuple[float, float], ...]
    load: tuple[float, ...]
    protocol: Mapping[str, Any]
    processor: str
    cores: int
    date: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Entry:
        """Return the entry that `to_dict` gave."""
        numbers = {name: (value, error) for name, (value, error) in values["numbers"].items()}
        curve = tuple((seconds, elbo) for seconds, elbo in values["curve"])
        return cls(**{**values, "numbers": numbers, "curve": curve, "load": tuple(values["load"])})

    def after(self, seconds: float) -> float:
        """Return −ELBO at the end of the epoch under way after some seconds; of a shorter run, at its end."""
        reached = (elbo for moment, elbo in self.curve if moment >= seconds)
        return next(reached, self.curve[-1][1])


def measured(row: str, training: Training, seed: int, trained: Trained, say: Say) -> Entry:
    """Evaluate a finished run on its held-out images."""
    run, dataset = trained.run, trained.dataset
    found = vaecli.evaluate(run, dataset, say=say, **training.numbers)
    numbers = {name: (each.value, each.error) for name, each in found.estimates.items()}
    for name, derive in DERIVED.items():
        value = derive(run, dataset, {key: each for key, (each, _) in numbers.items()})
        if value is not None:
            numbers[name] = (value, None)
    facts = machine.facts()
    return Entry(
        row=row,
        training=training.name,
        seed=seed,
        run=run.name,
        asked=dict(training.numbers),
        parameters=run.facts.parameters,
        epochs=run.epochs()[-1],
        seconds=round(trained.seconds, 2),
        numbers={name: (_short(value), _short(error)) for name, (value, error) in numbers.items()},
        curve=_curve(run),
        load=trained.load,
        protocol=found.protocol.to_dict(),
        processor=str(facts["processor"]),
        cores=int(facts["cores"]),
        date=datetime.now(UTC).date().isoformat(),
    )


def _curve(run: vaecli.Run) -> tuple[tuple[float, float], ...]:
    """Return seconds and −ELBO after each trained epoch."""
    seconds, points = 0.0, []
    for epoch in run.epochs()[1:]:
        metrics = run.metrics(epoch)
        seconds += metrics.training_seconds
        points.append((round(seconds, 2), round(metrics.negative_elbo, 2)))
    return tuple(points)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


Known = Mapping[str, float]


def _explained(run: vaecli.Run, dataset: vaecli.Dataset, known: Known) -> float | None:
    """Return the share of the held-out images' variance that reconstructions from the mean explain.

    1 less the squared error over that of the mean held-out image.
    """
    if "squared_error" not in known:
        return None
    pixels = dataset.heldout.images[:].astype(np.float32) / 255
    return 1 - known["squared_error"] / float(pixels.var(axis=0, dtype=np.float64).mean())


def _squares_and_kl(run: vaecli.Run, dataset: vaecli.Dataset, known: Known) -> float | None:
    """Return Σ squared error + KL of a run with σ² = ½, whose −log density is Σ squared error + ½·D·log π."""
    if run.config.sigma is None or not math.isclose(run.config.sigma**2, 0.5):
        return None
    return known["negative_elbo"] - 0.5 * math.prod(dataset.shape) * math.log(math.pi)


def _frechet_ratio(run: vaecli.Run, dataset: vaecli.Dataset, known: Known) -> float | None:
    """Return the Fréchet distance of draws over that of PCA-Gaussian draws."""
    if "frechet_distance_of_pca" not in known:
        return None
    return known["frechet_distance"] / known["frechet_distance_of_pca"]


def _marginal(run: vaecli.Run, dataset: vaecli.Dataset, known: Known) -> float | None:
    """Return −log p(x) of all images: their −ELBO less the inference gap of the few that were integrated.

    The gap varies far less from image to image than −log p(x) does, so this is the nearer estimate (the
    difference estimator; Cochran, Sampling Techniques, 1977, chapter 7).
    """
    if "inference_gap" not in known:
        return None
    return known["negative_elbo"] - known["inference_gap"]


#: What follows from the numbers of an evaluation and the images.
DERIVED: Mapping[str, Callable[[vaecli.Run, vaecli.Dataset, Known], float | None]] = {
    "explained": _explained,
    "squares_and_kl": _squares_and_kl,
    "frechet_ratio": _frechet_ratio,
    "marginal": _marginal,
}

#: How a number is written, and what it is called, where `assessment.NUMBERS` does not say.
FORMS = {"explained": ".3f", "squares_and_kl": ".2f", "frechet_ratio": ".3f", "marginal": ".2f"}
TITLES = {
    "explained": "variance explained",
    "squares_and_kl": "Σ squared error + KL",
    "frechet_ratio": "Fréchet distance / PCA's",
    "marginal": "−log p(x)",
}
