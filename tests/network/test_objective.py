from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.network.objective import Posterior, Terms, constant, elbo, rising

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
