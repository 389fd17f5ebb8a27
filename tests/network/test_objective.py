from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from vaecli.config import TrainConfig
from vaecli.network import aggregate
from vaecli.network.objective import (
    Objective,
    Posterior,
    Terms,
    capacity,
    constant,
    elbo,
    free_bits,
    importance_weighted,
    of_config,
    rising,
    total_correlation,
)
from vaecli.network.posterior import gaussian_kl

TERMS = Terms(tf.constant([10.0, 20.0]), tf.constant([[1.0, 2.0], [0.5, 0.0]]))
POSTERIOR = Posterior(tf.zeros((2, 2)), tf.zeros((2, 2)), tf.zeros((2, 2)))


@pytest.mark.parametrize(("beta", "losses"), [(0.0, [10.0, 20.0]), (1.0, [13.0, 20.5]), (4.0, [22.0, 22.0])])
def test_beta_weighs_the_kl_of_each_image(beta: float, losses: list[float]) -> None:
    assert elbo(constant(beta))(TERMS, POSTERIOR, tf.constant(0)).numpy().tolist() == losses


def test_beta_may_change_with_the_step_in_one_graph() -> None:
    warm_up = elbo(rising(1.0, 10))
    losses = tf.function(lambda step: warm_up(TERMS, POSTERIOR, step))
    found = [losses(tf.constant(step, tf.int64)).numpy().tolist() for step in (0, 5, 10, 20)]
    assert found == [[10.0, 20.0], [11.5, 20.25], [13.0, 20.5], [13.0, 20.5]]
    assert losses.experimental_get_tracing_count() == 1


def test_a_weight_of_nothing_and_one_that_need_not_rise_are_constant() -> None:
    assert [rising(0.0, 10)(tf.constant(5)), rising(2.0, 0)(tf.constant(0))] == [0.0, 2.0]


@pytest.mark.parametrize("beta", [0.0, tf.constant(0.0)], ids=["a number", "a tensor"])
def test_a_kl_that_overflows_does_no_harm_where_it_has_no_weight(beta: float | tf.Tensor) -> None:
    overflowing = TERMS._replace(kl=tf.fill((2, 2), np.inf))
    losses = elbo(lambda step: beta)(overflowing, POSTERIOR, tf.constant(0))
    assert losses.numpy().tolist() == [10.0, 20.0]


def kl_gradient(objective: Objective, kl: list[list[float]], step: int = 0) -> np.ndarray:
    """Return the derivative of a batch's mean loss by the KL of each image and latent."""
    variable = tf.Variable(kl)
    with tf.GradientTape() as tape:
        losses = objective(Terms(tf.zeros(len(kl)), variable), POSTERIOR, tf.constant(step))
        loss = tf.reduce_mean(losses)
    return np.asarray(tape.gradient(loss, variable))


def test_the_free_bits_of_a_latent_are_a_floor_below_its_mean_over_the_batch() -> None:
    kl = np.float32([[0.0, 4.0, 0.2], [1.0, 0.0, 0.2]])  # means 0.5, 2 and 0.2
    losses = free_bits(constant(3.0), 0.6)(Terms(tf.zeros(2), tf.constant(kl)), POSTERIOR, tf.constant(0))
    assert np.mean(losses) == pytest.approx(3.0 * (0.6 + 2.0 + 0.6))
    expected = [[0.0, 1.5, 0.0], [0.0, 1.5, 0.0]]  # only what is above the floor is pressed down
    np.testing.assert_allclose(kl_gradient(free_bits(constant(3.0), 0.6), kl.tolist()), expected)


def test_no_free_bits_are_the_elbo() -> None:
    np.testing.assert_array_equal(
        free_bits(constant(2.0), 0.0)(TERMS, POSTERIOR, tf.constant(0)),
        elbo(constant(2.0))(TERMS, POSTERIOR, tf.constant(0)),
    )


def test_the_kl_is_drawn_to_its_capacity_from_both_sides() -> None:
    kl = [[1.0, 2.0], [0.5, 0.5]]  # 2 nats per image on average
    for nats, distance, slope in ((0.5, 1.5, 1.0), (5.0, 3.0, -1.0)):
        held = capacity(constant(10.0), constant(nats))
        losses = held(Terms(tf.constant([7.0, 9.0]), tf.constant(kl)), POSTERIOR, tf.constant(0))
        np.testing.assert_allclose(losses, [7.0 + 10 * distance, 9.0 + 10 * distance])
        np.testing.assert_allclose(kl_gradient(held, kl), np.full((2, 2), 10 * slope / 2))


def test_the_objective_of_a_config_has_its_weights_and_rises_over_its_epochs() -> None:
    def losses(step: int, **knobs: object) -> list[float]:
        objective = of_config(TrainConfig(**knobs).resolved(), steps=100, images=1000)
        found = objective(TERMS, POSTERIOR, tf.constant(step, tf.int64))
        return np.round(found, 5).tolist()

    assert losses(0, kl_warmup=2) == [10.0, 20.0]
    assert losses(100, kl_warmup=2, beta=4.0) == [16.0, 21.0]
    assert losses(0, kl_warmup=0, free_bits=2.0) == [14.0, 24.0]
    assert losses(100, kl_warmup=2, free_bits=2.0) == [12.0, 22.0]
    # 1.75 nats on average; the capacity is 0, then 5 and at last 10
    assert [losses(step, capacity="10", gamma=2.0, epochs=8)[0] for step in (0, 200, 400, 700)] == [
        10 + 2 * distance for distance in (1.75, 3.25, 8.25, 8.25)
    ]
    assert losses(0, capacity="1:0") == [10 + 7.5, 20 + 7.5]


def linear_gaussian(
    x: float, mean: float, variance: float, draws: int, seed: int = 0
) -> tuple[Terms, Posterior]:
    """Return terms and posterior of x ~ N(z, 1), z ~ N(0, 1), of latents drawn from N(mean, variance)."""
    noise = tf.random.stateless_normal((draws, 1), (seed, 1))
    latents = mean + variance**0.5 * noise
    means, log_vars = tf.fill((draws, 1), mean), tf.fill((draws, 1), math.log(variance))
    reconstruction = 0.5 * (math.log(2 * math.pi) + tf.square(x - latents[:, 0]))
    return Terms(reconstruction, gaussian_kl(means, log_vars)), Posterior(means, log_vars, latents)


def log_evidence(x: float) -> float:
    """Return log p(x) of that model, N(0, 2)."""
    return -0.5 * (math.log(2 * math.pi * 2) + x**2 / 2)


@pytest.mark.parametrize("draws", [1, 3])
def test_importance_weighting_by_the_true_posterior_gives_log_p_exactly(draws: int) -> None:
    terms, posterior = linear_gaussian(1.5, mean=0.75, variance=0.5, draws=6)
    losses = importance_weighted(constant(1.0), draws)(terms, posterior, tf.constant(0))
    np.testing.assert_allclose(losses, np.full(6 // draws, -log_evidence(1.5)), rtol=1e-5)


def test_more_latents_make_the_bound_tighter_and_one_is_the_elbo() -> None:
    terms, posterior = linear_gaussian(1.5, mean=0.0, variance=1.0, draws=2**18)
    exact = -log_evidence(1.5)
    bounds = [
        float(tf.reduce_mean(importance_weighted(constant(1.0), draws)(terms, posterior, tf.constant(0))))
        for draws in (1, 4, 64)
    ]
    negative_elbo = 0.5 * (math.log(2 * math.pi) + 1.5**2 + 1)  # E(x − z)² = x² + 1, and a KL of 0
    assert bounds[0] == pytest.approx(negative_elbo, abs=0.01)
    assert bounds[0] > bounds[1] + 0.1 > bounds[2] + 0.1 > exact
    assert bounds[2] == pytest.approx(exact, abs=0.02)


def test_the_gradient_of_an_image_is_that_of_its_latents_weighed_by_importance() -> None:
    reconstruction = tf.Variable([1.0, 2.0, 5.0, 5.0])
    same = Posterior(*[tf.zeros((4, 1))] * 3)
    with tf.GradientTape() as tape:
        losses = importance_weighted(constant(1.0), 2)(
            Terms(reconstruction, tf.zeros((4, 1))), same, tf.constant(0)
        )
    first = 1 / (1 + math.exp(-1))
    np.testing.assert_allclose(tape.gradient(losses, reconstruction), [first, 1 - first, 0.5, 0.5], rtol=1e-6)


def test_beta_of_the_total_correlation_adds_to_the_kl_and_1_adds_nothing() -> None:
    posterior = Posterior(
        tf.constant([[0.0, 0.0], [2.0, 2.0]]), tf.zeros((2, 2)), tf.constant([[0.1, 0.0], [2.0, 2.1]])
    )
    at_1, at_6 = (
        total_correlation(constant(1.0), beta, 2)(TERMS, posterior, tf.constant(0)) for beta in (1.0, 6.0)
    )
    np.testing.assert_allclose(at_1, elbo(constant(1.0))(TERMS, posterior, tf.constant(0)))
    excess = aggregate.total_correlation(*posterior, images=2)
    np.testing.assert_allclose(at_6 - at_1, 5 * excess, rtol=1e-5)


def test_a_config_chooses_its_objective() -> None:
    warm = TrainConfig(objective="tc", beta=6.0, kl_warmup=1).resolved()
    start = of_config(warm, steps=10, images=100)(TERMS, POSTERIOR, tf.constant(0, tf.int64))
    assert start.numpy().tolist() == [10.0, 20.0]
    several = of_config(TrainConfig(objective="iwae", importance_samples=2, kl_warmup=0).resolved(), 10, 100)
    assert several(TERMS, POSTERIOR, tf.constant(0)).shape == (1,)
