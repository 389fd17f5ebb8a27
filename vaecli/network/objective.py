"""What training minimises: terms of the negative ELBO, weighed by schedules of the step.

An objective takes the terms of each image, the posterior that they came from and the step, and gives a
loss for each image. Another objective is another function of the three; the trainer stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Terms(NamedTuple):
    """The negative ELBO of each image in its two parts, in nats."""

    reconstruction: tf.Tensor  # (n,)
    kl: tf.Tensor  # (n, latent_dim)


class Posterior(NamedTuple):
    """What the encoder makes of each image, and the latents that were drawn from it."""

    mean: tf.Tensor  # (n, latent_dim)
    log_var: tf.Tensor  # (n, latent_dim)
    latents: tf.Tensor  # (n, latent_dim)


#: The step, an integer scalar counted over all epochs from 0 → a weight.
Schedule = Callable[[tf.Tensor], "tf.Tensor | float"]

#: Terms, posterior and step → the loss of each image, `(n,)`.
Objective = Callable[[Terms, Posterior, tf.Tensor], tf.Tensor]


def constant(weight: float) -> Schedule:
    """Return the schedule that is the same at every step.

    >>> constant(0.5)(tf.constant(7))
    0.5
    """
    return lambda step: weight


def rising(weight: float, steps: int) -> Schedule:
    """Return the schedule that rises in a straight line from 0 to a weight within some steps.

    As the weight of the KL term it lets latents be used before they have to be cheap (Bowman et al.,
    2016, section 3.1; Sønderby et al., 2016, section 2.3).

    >>> [float(rising(2.0, 4)(tf.constant(step))) for step in (0, 1, 4, 9)]
    [0.0, 0.5, 2.0, 2.0]
    """
    if not weight or not steps:
        return constant(weight)
    return lambda step: weight * tf.minimum(tf.cast(step, tf.float32) / steps, 1.0)


def elbo(beta: Schedule) -> Objective:
    """Return reconstruction + β·KL, the negative ELBO for β = 1 (Higgins et al., 2017, eq. 4).

    Args:
        beta: The weight of the KL term. Where it is 0, a KL that is not finite does no harm.

    >>> terms = Terms(tf.constant([10.0]), tf.constant([[1.0, 2.0]]))
    >>> elbo(constant(2.0))(terms, Posterior(*[tf.zeros((1, 2))] * 3), tf.constant(0)).numpy().tolist()
    [16.0]
    """

    def objective(terms: Terms, posterior: Posterior, step: tf.Tensor) -> tf.Tensor:
        weight, kl = beta(step), tf.reduce_sum(terms.kl, axis=1)
        if isinstance(weight, tf.Tensor):
            return terms.reconstruction + tf.math.multiply_no_nan(kl, weight)
        return terms.reconstruction + weight * kl if weight else terms.reconstruction

    return objective
