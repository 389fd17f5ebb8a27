"""What training minimises: terms of the negative ELBO, weighed by schedules of the step.

An objective takes the terms of each image, the posterior that they came from and the step, and gives a
loss for each image. Another objective is another function of the three; the trainer stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from vaecli.config import TrainConfig
from vaecli.network import aggregate
from vaecli.network.posterior import sampled_kl
from vaecli.values import parse_capacity


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


def of_config(config: TrainConfig, steps: int, images: int) -> Objective:
    """Return the objective of a config.

    Args:
        config: A resolved config.
        steps: Steps of an epoch.
        images: How many images there are to train on.
    """
    warm_up = round((config.kl_warmup or 0) * steps)
    if config.capacity is not None:
        nats, epochs = parse_capacity(config.capacity)
        return capacity(rising(config.gamma or 0.0, warm_up), rising(nats, round((epochs or 0) * steps)))
    if config.objective == "tc":
        return total_correlation(rising(1.0, warm_up), config.beta, images)
    beta = rising(config.beta, warm_up)
    if config.objective == "iwae":
        return importance_weighted(beta, config.draws)
    return free_bits(beta, config.free_bits) if config.free_bits else elbo(beta)


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
        return _plus(terms.reconstruction, beta(step), tf.reduce_sum(terms.kl, axis=1))

    return objective


def free_bits(beta: Schedule, nats: float) -> Objective:
    """Return reconstruction + β·Σⱼ max(λ, KLⱼ), where KLⱼ is the mean KL of a latent over the batch.

    Kingma et al. (2016, appendix C.8), with a latent in each group. A latent whose mean KL is below the floor
    λ costs λ whatever it holds, so nothing presses it to hold less.

    Args:
        beta: The weight of the KL term.
        nats: λ, the floor of each latent.

    >>> terms = Terms(tf.constant([10.0, 10.0]), tf.constant([[1.0, 2.0], [0.0, 6.0]]))
    >>> posterior = Posterior(*[tf.zeros((2, 2))] * 3)
    >>> free_bits(constant(1.0), 3.0)(terms, posterior, tf.constant(0)).numpy().tolist()
    [15.0, 19.0]
    """

    def objective(terms: Terms, posterior: Posterior, step: tf.Tensor) -> tf.Tensor:
        is_above = tf.reduce_mean(terms.kl, axis=0) > nats  # (latent_dim,)
        floored = tf.where(is_above, terms.kl, nats)  # its mean over the batch is max(λ, KLⱼ)
        return _plus(terms.reconstruction, beta(step), tf.reduce_sum(floored, axis=1))

    return objective


def capacity(gamma: Schedule, nats: Schedule) -> Objective:
    """Return reconstruction + γ·|KL − C|, where KL is the mean over the batch (Burgess et al., 2018, eq. 8).

    Args:
        gamma: γ, the weight of the distance.
        nats: C, the capacity; rising, it lets in one factor of the images after the other.

    >>> terms = Terms(tf.constant([10.0, 10.0]), tf.constant([[1.0, 2.0], [0.0, 6.0]]))
    >>> posterior = Posterior(*[tf.zeros((2, 2))] * 3)
    >>> capacity(constant(2.0), constant(5.0))(terms, posterior, tf.constant(0)).numpy().tolist()
    [11.0, 11.0]
    """

    def objective(terms: Terms, posterior: Posterior, step: tf.Tensor) -> tf.Tensor:
        kl = tf.reduce_mean(tf.reduce_sum(terms.kl, axis=1))
        return _plus(terms.reconstruction, gamma(step), tf.abs(kl - nats(step)))

    return objective


def importance_weighted(beta: Schedule, draws: int) -> Objective:
    """Return −log of the mean of p(x | z)·(p(z) / q(z | x))^β over latents of an image.

    For β = 1 Burda et al. (2016, eq. 8): a bound of log p(x) that is the tighter the more latents there are.

    Args:
        beta: β; during a warm-up it rises to 1.
        draws: Latents of each image; terms and posterior have those of an image one after the other.
    """

    def objective(terms: Terms, posterior: Posterior, step: tf.Tensor) -> tf.Tensor:
        divergence = tf.reduce_sum(sampled_kl(*posterior), axis=1)  # (n·draws,)
        log_weights = -_plus(terms.reconstruction, beta(step), divergence)
        return math.log(draws) - tf.reduce_logsumexp(tf.reshape(log_weights, (-1, draws)), axis=1)

    return objective


def total_correlation(weight: Schedule, beta: float, images: int) -> Objective:
    """Return reconstruction + w·(KL + (β − 1)·TC), TC the total correlation of the latents.

    The β-TCVAE (Chen et al., 2018, eq. 4, with α = γ = 1): of the three parts of the KL, β weighs the one
    that is 0 where latents are independent. The others stay as they are, so there is no KL to give up.

    Args:
        weight: w, the weight of all three parts.
        beta: β.
        images: How many images there are to train on.
    """

    def objective(terms: Terms, posterior: Posterior, step: tf.Tensor) -> tf.Tensor:
        excess = (beta - 1.0) * aggregate.total_correlation(*posterior, images)
        return _plus(terms.reconstruction, weight(step), tf.reduce_sum(terms.kl, axis=1) + excess)

    return objective


def _plus(reconstruction: tf.Tensor, weight: tf.Tensor | float, term: tf.Tensor) -> tf.Tensor:
    """Return reconstruction + weight·term; where the weight is 0, a term that is not finite does no harm."""
    if isinstance(weight, tf.Tensor):
        return reconstruction + tf.math.multiply_no_nan(term, weight)
    return reconstruction + weight * term if weight else reconstruction
