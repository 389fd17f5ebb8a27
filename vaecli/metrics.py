"""The metrics of an epoch, each declared once.

Whatever reads them reads this list: the schema of `epoch.json`, TensorBoard, the tables and lines of the
command line, its JSON, and curves. A new metric is a new field of `EpochMetrics` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from vaecli.words import nats, number


def _metric(
    meaning: str,
    title: str | None = None,
    form: str | Callable[[EpochMetrics], str] = "",
    *,
    brief: Callable[[EpochMetrics], str] | None = None,
    since: int = 1,
    curve: bool = False,
) -> Any:
    """Declare a metric.

    Args:
        meaning: What it is, for schemas.
        title: The head of its column in tables; without one it has no column of its own.
        form: How a table writes it.
        brief: How an epoch's line writes it; without it the line leaves it out.
        since: The version of the run format that has it first; in older epochs it is None.
        curve: Whether it is worth a curve against the epochs, as in TensorBoard.
    """
    declared = {
        "meaning": meaning,
        "title": title,
        "form": form,
        "brief": brief,
        "since": since,
        "curve": curve,
    }
    return field(default=None if since > 1 else MISSING, metadata=declared)


def _elbo_line(metrics: EpochMetrics) -> str:
    """Return the negative ELBO and its parts, with the spread of the pixels that it depends on."""
    words = f"−ELBO {nats(metrics.negative_elbo)} = {nats(metrics.reconstruction)} + {nats(metrics.kl)}"
    if metrics.bits_per_dimension is not None:
        return f"{words} · {number(metrics.bits_per_dimension, '.2f')} bits/dimension"
    return words if metrics.pixel_scale is None else f"{words} · σ {metrics.pixel_scale:.3f}"


def _active(metrics: EpochMetrics) -> str:
    return f"{metrics.active_units}/{len(metrics.kl_per_latent)}"


def _speed_line(metrics: EpochMetrics) -> str:
    speed = metrics.images_per_second
    return "untrained" if speed is None else f"{speed:,.0f} images/s"


def _seconds(metrics: EpochMetrics) -> str:
    return f"{metrics.training_seconds + metrics.evaluation_seconds:.1f}"


@dataclass(frozen=True, kw_only=True)
class EpochMetrics:
    """The metrics of an epoch, in nats per image unless stated otherwise.

    `negative_elbo` = `reconstruction` + `kl` is that of the held-out images with β = 1 and one
    sampled latent each, whatever the loss was.
    """

    negative_elbo: float = _metric("Held out, nats per image.", "−ELBO", ".2f", brief=_elbo_line, curve=True)
    reconstruction: float = _metric("−log p(x | z), held out.", "reconstruction", ".2f", curve=True)
    kl: float = _metric("KL(q(z | x) ‖ p(z)), held out.", "KL", ".2f", curve=True)
    kl_per_latent: tuple[float, ...] = _metric("The KL of each latent.")
    active_units: int = _metric(
        "Latents whose mean varies over the held-out images by more than 0.01 (Burda et al., 2016).",
        "active",
        _active,
        brief=lambda metrics: f"active {_active(metrics)}",
        curve=True,
    )
    squared_error: float | None = _metric(
        "Held out, of reconstructions from the mean, per pixel and channel in [0, 1]; null in epochs of"
        " format version 1.",
        "MSE",
        ".6f",
        since=2,
        curve=True,
    )
    pixel_scale: float | None = _metric(
        "The spread that all pixels share: σ of gaussian, the scale of logistic ones.",
        "scale",
        ".4f",
        since=2,
        curve=True,
    )
    bits_per_dimension: float | None = _metric(
        "The negative ELBO per pixel and channel in bits, for the logistic likelihood.",
        "bits/dimension",
        ".3f",
        since=2,
        curve=True,
    )
    training_loss: float | None = _metric(
        "Mean over the epoch's training images; null in epoch 0.", "training loss", ".2f", curve=True
    )
    images_per_second: float | None = _metric(
        "While training; null in epoch 0.", "images/s", ",.0f", brief=_speed_line
    )
    training_seconds: float = _metric("Seconds of training.", "seconds", _seconds)
    evaluation_seconds: float = _metric("Seconds of evaluation.")
    learning_rate: float | None = _metric("Of the epoch's last step.", curve=True)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold, in the order of the fields."""
        return {**asdict(self), "kl_per_latent": list(self.kl_per_latent)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EpochMetrics:
        """Return the metrics that `to_dict` gave; those that an older format lacks are None."""
        return cls(**{**values, "kl_per_latent": tuple(values["kl_per_latent"])})


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is known of a metric, whatever its value.

    Attributes:
        name: The field of `EpochMetrics`.
        kind: `float`, `int` or `list`.
        optional: Whether it may be None.
        meaning: What it is.
        title: The head of its column in tables, if it has one.
        form: How a table writes it: a format of Python's, or a function of all metrics.
        brief: How an epoch's line writes it, if it does.
        since: The version of the run format that has it first.
        curve: Whether it is worth a curve against the epochs.
    """

    name: str
    kind: type
    optional: bool
    meaning: str
    title: str | None
    form: str | Callable[[EpochMetrics], str]
    brief: Callable[[EpochMetrics], str] | None
    since: int
    curve: bool

    def cell(self, metrics: EpochMetrics) -> str | None:
        """Return what a table writes, or None where the epoch has no such metric."""
        value = getattr(metrics, self.name)
        if value is None:
            return None
        return self.form(metrics) if callable(self.form) else number(value, self.form)


def _declared() -> Iterator[Metric]:
    kinds = {"float": float, "int": int, "tuple[float, ...]": list}
    for knob in fields(EpochMetrics):
        kind, _, none = str(knob.type).partition(" | ")
        yield Metric(name=knob.name, kind=kinds[kind], optional=bool(none), **knob.metadata)


#: Every metric of an epoch, in the order in which they are stored and shown.
METRICS = tuple(_declared())


def line(metrics: EpochMetrics) -> str:
    """Return an epoch's metrics in words, in the order in which they are read."""
    return " · ".join(metric.brief(metrics) for metric in METRICS if metric.brief)
