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


def test_five_steps_with_weight_decay_equal_those_of_keras_adamw_and_leave_biases_alone() -> None:
    random = np.random.default_rng(0)
    start, bias = random.standard_normal((4, 3)).astype(np.float32), np.ones(3, np.float32)
    gradients = random.standard_normal((5, 4, 3)).astype(np.float32)
    ours, biases, theirs = tf.Variable(start), tf.Variable(bias), keras.Variable(start)
    adam = Adam({"w": ours, "b": biases}, weight_decay=0.3)
    reference = keras.optimizers.AdamW(0.01, weight_decay=0.3)
    for step, gradient in enumerate(gradients):
        adam.apply([tf.constant(gradient), tf.zeros(3)], tf.constant(0.01), tf.constant(step))
        reference.apply([tf.constant(gradient)], [theirs])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(biases, bias)


@pytest.mark.parametrize(("length", "clip", "passed"), [(10.0, 2.0, 2.0), (1.5, 2.0, 1.5), (10.0, 0.0, 10.0)])
def test_gradients_far_longer_than_usual_are_shortened(length: float, clip: float, passed: float) -> None:
    direction = np.array([[0.6, 0.8]], np.float32)  # of length 1, shared by two variables
    variables = {name: tf.Variable(np.zeros((1, 1), np.float32)) for name in "ab"}
    adam = Adam(variables, clip=clip)
    steps = [1.0] * 30 + [length]
    for step, size in enumerate(steps):
        before = {name: moment.numpy() for name, moment in adam.moments.items()}
        gradients = [tf.constant(size * direction[:, [axis]]) for axis in (0, 1)]
        adam.apply(gradients, tf.constant(0.01), tf.constant(step))
    taken = (adam.moments["b/first_moment"] - 0.9 * before["b/first_moment"]) / 0.1
    np.testing.assert_allclose(taken, passed * direction[:, [1]], rtol=1e-4)


def test_the_first_steps_are_not_clipped() -> None:
    adam = Adam({"a": tf.Variable(np.zeros((1, 1), np.float32))}, clip=1.0)
    for step, size in enumerate((1e-3, 1.0, 50.0)):
        before = adam.moments["a/first_moment"].numpy()
        adam.apply([tf.constant([[size]])], tf.constant(0.01), tf.constant(step))
    np.testing.assert_allclose((adam.moments["a/first_moment"] - 0.9 * before) / 0.1, [[50.0]], rtol=1e-5)


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
