"""Two evaluations beside each other: what differs between them, image by image.

Figures of single images vary far more than two networks differ. On the same images the differences are
paired, and their standard error is that of their own variation alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaecli.assessment.estimates import Estimate, mean_of
from vaecli.assessment.evaluation import Evaluation
from vaecli.assessment.numbers import NUMBERS


@dataclass(frozen=True, eq=False)
class Difference:
    """What one run has more than another.

    Attributes:
        run: The run's name.
        against: The name of the one that it is compared with.
        estimates: By the names of the numbers, this run's less the other's, paired by images.
        obstacle: Why nothing could be paired, in words; empty if it could.
    """

    run: str
    against: str
    estimates: dict[str, Estimate]
    obstacle: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        numbers = {name: estimate.to_dict() for name, estimate in self.estimates.items()}
        return {"run": self.run, "against": self.against, "numbers": numbers, "obstacle": self.obstacle}


def compare(run: Evaluation, against: Evaluation) -> Difference:
    """Return the paired differences of two evaluations.

    Args:
        run: The one whose numbers count as positive.
        against: The one to compare it with.

    Returns:
        The difference of each number that is a mean over images, if both are of the same images; of numbers
        on the likelihood's scale only if the likelihood is the same.
    """
    obstacle = _obstacle(run, against)
    if obstacle:
        return Difference(run.run, against.run, {}, obstacle)
    is_same_scale = run.protocol.likelihood == against.protocol.likelihood
    differences = {}
    for name in run.estimates.keys() & against.estimates.keys():
        first, second, number = run[name].per_image, against[name].per_image, NUMBERS[name]
        if first is None or second is None or number.is_of_images:
            continue
        if is_same_scale or not number.is_likelihood:
            differences[name] = mean_of(first - second)
    ordered = {name: differences[name] for name in NUMBERS if name in differences}
    return Difference(run.run, against.run, ordered)


def _obstacle(run: Evaluation, against: Evaluation) -> str:
    """Say why two evaluations are not of the same images, or nothing."""
    if run.protocol.fingerprint != against.protocol.fingerprint:
        return f"{run.run} and {against.run} are of different images: their differences cannot be paired."
    if run.protocol.split != against.protocol.split or not np.array_equal(
        run.per_image.index, against.per_image.index
    ):
        return f"{run.run} and {against.run} hold out different images: their differences cannot be paired."
    if run.protocol.binarised != against.protocol.binarised:
        return (
            f"{run.run} and {against.run} are of images that were binarised differently: "
            "their differences cannot be paired."
        )
    return ""
