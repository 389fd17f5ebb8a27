import numpy as np
import pytest

from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import Add, Dense, Flatten, Input

GIVEN = Input("images", (), (2, 3, 1))
FLAT = Flatten("flat", ("images",))
DENSE = Dense("dense", ("flat",), 6)


def test_shapes_and_tensors_follow_from_the_layers():
    half = Half("encoder", (GIVEN, FLAT, DENSE), ("dense",))
    assert half.shapes == {"images": (2, 3, 1), "flat": (6,), "dense": (6,)}
    assert half.tensors() == {"encoder/dense/kernel": (6, 6), "encoder/dense/bias": (6,)}
    assert half.largest() == 6


def test_an_output_may_be_taken_by_several_layers_and_be_an_output_of_the_half():
    half = Half("encoder", (GIVEN, FLAT, DENSE, Add("sum", ("flat", "dense", "dense"))), ("sum", "dense"))
    weights = {
        "encoder/dense/kernel": 2 * np.eye(6, dtype=np.float32),
        "encoder/dense/bias": np.ones(6, np.float32),
    }
    images = np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1)
    total, dense = half.apply(weights, images)
    np.testing.assert_array_equal(dense, 2 * images.reshape(2, 6) + 1)
    np.testing.assert_array_equal(total, 5 * images.reshape(2, 6) + 2)


@pytest.mark.parametrize(
    ("layers", "outputs", "message"),
    [
        ((GIVEN, FLAT, FLAT), ("flat",), "two layers of the encoder have the same name"),
        ((FLAT, DENSE), ("dense",), "the first layer of the encoder, and no other, is its input"),
        ((GIVEN, FLAT, Input("more", (), (2,))), ("flat",), "the first layer of the encoder, and no other"),
        ((GIVEN, DENSE, FLAT), ("dense",), r"layer dense of the encoder cannot take \('flat',\)"),
        ((GIVEN, Flatten("flat", ())), ("flat",), r"layer flat of the encoder cannot take \(\)"),
        ((GIVEN, FLAT), ("mean",), r"the encoder has no layers \('mean',\)"),
    ],
)
def test_layers_that_do_not_make_a_half_are_refused(layers, outputs, message):
    with pytest.raises(ValueError, match=message):
        Half("encoder", layers, outputs)
