from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.config import TrainConfig
from vaecli.network.objective import (
    Objective,
    Posterior,
    Terms,
    capacity,
    constant,
    elbo,
    free_bits,
    of_config,
    rising,
)

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
        objective = of_config(TrainConfig(**knobs).resolved(), steps=100)
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
