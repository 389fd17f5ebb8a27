from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from vaecli.config import TrainConfig
from vaecli.network.optimizer import Adam, scheduled_rate


def test_five_steps_equal_those_of_keras_adam() -> None:
    random = np.random.default_rng(0)
    start = random.standard_normal((4, 3)).astype(np.float32)
    gradients = random.standard_normal((5, 4, 3)).astype(np.float32)
    ours, theirs = tf.Variable(start), keras.Variable(start)
    adam, reference = Adam({"w": ours}), keras.optimizers.Adam(0.01)
    for step, gradient in enumerate(gradients):
        adam.apply([tf.constant(gradient)], tf.constant(0.01), tf.constant(step))
        reference.apply([tf.constant(gradient)], [theirs])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert list(adam.moments) == ["w/first_moment", "w/second_moment"]


def rates(schedule: str, steps: int) -> list[float]:
    config = TrainConfig(schedule=schedule, learning_rate=0.01)
    return [float(scheduled_rate(config, tf.constant(step), 100)) for step in range(steps)]


def test_the_cosine_falls_from_the_full_rate_to_zero_and_stays_there() -> None:
    cosine = rates("cosine", 120)
    assert cosine[0] == pytest.approx(0.01)
    assert cosine[25] == pytest.approx(0.005 * (1 + np.sqrt(0.5)))
    assert cosine[50] == pytest.approx(0.005)
    assert 0 < cosine[99] < 1e-5
    assert cosine[100:] == [0.0] * 20
    assert cosine == sorted(cosine, reverse=True)


def test_the_constant_schedule_never_changes() -> None:
    assert rates("constant", 120) == [pytest.approx(0.01)] * 120
