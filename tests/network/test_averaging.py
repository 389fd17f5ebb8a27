from __future__ import annotations

import pytest
import tensorflow as tf

from vaecli.network.averaging import MovingAverage


def test_an_average_forgets_its_start_by_the_ramp_and_then_by_its_decay() -> None:
    variable = tf.Variable([0.0, 8.0])
    average = MovingAverage({"w": variable}, decay=0.5)
    variable.assign([1.0, 1.0])
    average.update(tf.constant(0))  # d = 1/10
    assert average.averages["w"].numpy() == pytest.approx([0.9, 1.7])
    variable.assign([2.0, 2.0])
    average.update(tf.constant(100))  # d = 0.5
    assert average.averages["w"].numpy() == pytest.approx([1.45, 1.85])
    assert variable.numpy().tolist() == [2.0, 2.0]


def test_variables_hold_their_averages_within_the_context_even_if_it_fails() -> None:
    variable = tf.Variable([0.0])
    average = MovingAverage({"w": variable}, decay=0.5)
    variable.assign([4.0])
    seen = []

    def fail() -> None:
        with average.in_place():
            seen.extend(variable.numpy().tolist())
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail()
    assert seen == [0.0]
    assert variable.numpy().tolist() == [4.0]
