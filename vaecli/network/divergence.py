"""The guard against numbers that are not numbers: nothing of the kind is ever handed on."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
from numpy.typing import ArrayLike

from vaecli.errors import TrainingDiverged


def diverged(what: str, epoch: int, step: int | None = None) -> TrainingDiverged:
    """Return the error to raise, naming what is not finite, the epoch and the step.

    >>> print(diverged("training loss", 3, 17))
    Training diverged: the training loss is not a finite number in epoch 3 at step 17.
    Expected: finite losses, metrics and weights.
    Lower --learning-rate, raise --batch-size or choose another --architecture or --seed.
    """
    where = f"epoch {epoch}" if step is None else f"epoch {epoch} at step {step}"
    return TrainingDiverged(
        f"Training diverged: the {what} is not a finite number in {where}.",
        "Expected: finite losses, metrics and weights.",
        "Lower --learning-rate, raise --batch-size or choose another --architecture or --seed.",
    )


def require_finite(
    values: Mapping[str, ArrayLike | tf.Variable], epoch: int, step: int | None = None
) -> None:
    """Raise `TrainingDiverged` unless every value is finite.

    Args:
        values: Arrays, variables or numbers, by what a user would call them; no variable is copied.
        epoch: The epoch they belong to.
        step: The step in the epoch, from 1, if they belong to one.
    """
    for what, value in values.items():
        if not tf.reduce_all(tf.math.is_finite(value)):
            raise diverged(what, epoch, step)
