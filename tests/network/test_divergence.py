from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.errors import TrainingDiverged
from vaecli.network.divergence import require_finite


def test_finite_values_pass() -> None:
    require_finite({"loss": 1.0, "weight": np.zeros((2, 3)), "moment": tf.Variable([0.0, -1e38])}, epoch=1)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_variable_with_one_broken_value_is_named(broken: float) -> None:
    values = {"weight a": tf.Variable(np.zeros((2, 3))), "weight b": tf.Variable([[0.0, 1.0], [2.0, broken]])}
    with pytest.raises(TrainingDiverged, match="the weight b is not a finite number in epoch 2"):
        require_finite(values, epoch=2)


def test_one_infinite_value_among_many_is_named_with_its_epoch_and_step() -> None:
    values = {"loss": 1.0, "weight decoder/logits/bias": np.array([0.0, np.inf])}
    with pytest.raises(
        TrainingDiverged, match="the weight decoder/logits/bias is not a finite number in epoch 3 at step 7"
    ) as caught:
        require_finite(values, epoch=3, step=7)
    assert "--learning-rate" in caught.value.mend
    assert str(caught.value).count("\n") == 2
