"""What a page shows of a run, as plain arrays and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class EpochContent:
    """What a page shows of an epoch.

    Attributes:
        epoch: Its number.
        metrics: Figures by name, those worth a curve and `kl_per_latent`.
        mean: `(images, latent_dim)`, the encodings of the held-out images.
        weights: The decoder's tensors and the likelihood's, in the order of the description; None where
            the epoch left none.
        bits: How exact the weights are: 16, or 8.
    """

    epoch: int
    metrics: Mapping[str, Any]
    mean: NDArray[np.float32]
    weights: Weights | None
    bits: int = 16


@dataclass(frozen=True, eq=False)
class RunContent:
    """What a page shows of a run.

    Attributes:
        name: The run's.
        facts: Names and values to list.
        command: What trains such a run.
        description: The network, as `blueprint.description.describe` gives it.
        image_shape: `(height, width, channels)`.
        class_names: The name of each label; none if all images are of one class.
        colours: `#rrggbb` of each class.
        labels: `(images,)`.
        index: `(images,)`, the number by which each image is known.
        curve: The metrics of every epoch, by its number.
        epochs: Ascending. Those with weights can be shown; the points of the others lie on the way.
        axes: `(latent_dim, 2)`, the principal components of the last epoch, around `centre`.
        centre: `(latent_dim,)`.
        axis_names: What the two are called.
        images: `(pictured, height, width, channels)` uint8; None if they are left out.
        pictured: The rows of those that have a picture, where not all have one.
    """

    name: str
    facts: Sequence[tuple[str, str]]
    command: str
    description: Mapping[str, Any]
    image_shape: tuple[int, int, int]
    class_names: Sequence[str]
    colours: Sequence[str]
    labels: NDArray[np.integer]
    index: NDArray[np.integer]
    curve: Mapping[int, Mapping[str, Any]]
    epochs: Sequence[EpochContent]
    axes: NDArray[np.float64]
    centre: NDArray[np.float64]
    axis_names: Sequence[str]
    images: NDArray[np.uint8] | None
    pictured: NDArray[np.integer] | None = None

    @property
    def shown(self) -> list[int]:
        """The epochs that can be shown: those with weights, or all if none has any."""
        able = [epoch.epoch for epoch in self.epochs if epoch.weights is not None]
        return able or [epoch.epoch for epoch in self.epochs]
