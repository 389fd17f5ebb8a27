"""A moving average of the weights: what an epoch is evaluated with, and what is kept of it.

At a high learning rate the weights circle around a good place, and a figure at one step depends on
where they happen to be. Their average is nearer to the middle, so curves and pictures are steady.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import tensorflow as tf

RAMP = 10  # steps; early averages are of about the last tenth of the steps taken


class MovingAverage:
    """The exponential moving average of variables (Polyak and Juditsky, 1992, for equal weights).

    Args:
        variables: What is averaged, by name.
        decay: What is left of the average at each step.

    Attributes:
        averages: The average of each variable, by the same name; it begins with the variable's value.
    """

    def __init__(self, variables: Mapping[str, tf.Variable], decay: float) -> None:
        self._variables, self._decay = variables, decay
        self.averages = {name: tf.Variable(variable, trainable=False) for name, variable in variables.items()}

    def update(self, step: tf.Tensor) -> None:
        """Take the variables' values into the average.

        average ← average − (1 − d)·(average − value), where d = min(decay, (1 + step) / (10 + step)), so that
        a short training does not remember its first step.

        Args:
            step: Scalar integer, 0 for the very first step of the training.
        """
        taken = tf.cast(step, tf.float32)
        share = 1.0 - tf.minimum(self._decay, (1.0 + taken) / (RAMP + taken))
        for name, average in self.averages.items():
            tf.raw_ops.ResourceApplyGradientDescent(
                var=average.handle, alpha=share, delta=average - self._variables[name]
            )

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the variables hold their averages within the context, and their own values after it."""
        own = {name: tf.identity(variable) for name, variable in self._variables.items()}
        try:
            for name, variable in self._variables.items():
                variable.assign(self.averages[name])
            yield
        finally:
            for name, variable in self._variables.items():
                variable.assign(own[name])
