"""Every kind of layer computes what Keras' layer computes, on odd, non-square sizes."""

from functools import partial

import keras
import numpy as np
import pytest

from vaecli.blueprint import layers
from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import (
    Activation,
    Add,
    Concatenate,
    Convolution,
    Crop,
    Dense,
    Flatten,
    GroupNormalization,
    Initial,
    Input,
    LogVariance,
    Rescaling,
    Reshape,
    TransposedConvolution,
    Upsampling,
)
from vaecli.network.building import build

IMAGE, ROW = (7, 5, 3), (6,)

#: A layer for each case, and the shapes of its inputs.
CASES = {
    **{f"dense {name}": (Dense("it", (), 4, name), [ROW]) for name in ("linear", "relu", "silu", "softplus")},
    **{
        f"convolution {size}/{stride}": (Convolution("it", (), 4, size, stride), [IMAGE])
        for size, stride in ((1, 1), (3, 1), (4, 1), (4, 2), (2, 2), (3, 5), (9, 4), (7, 7), (2, 3))
    },
    **{
        f"transposed convolution {size}/{stride}": (TransposedConvolution("it", (), 4, size, stride), [IMAGE])
        for size, stride in ((1, 1), (3, 1), (4, 1), (4, 2), (2, 2), (5, 3), (9, 4), (7, 7), (2, 3))
    },
    **{name: (Activation("it", (), name), [IMAGE]) for name in ("linear", "relu", "silu", "softplus")},
    "flatten": (Flatten("it", ()), [IMAGE]),
    "reshape": (Reshape("it", (), (3, 2, 1)), [ROW]),
    "crop": (Crop("it", (), 6, 5), [IMAGE]),
    "add": (Add("it", ()), [IMAGE, IMAGE]),
    "concatenate": (Concatenate("it", ()), [ROW, (2,)]),
    "rescaling": (Rescaling("it", (), 8.0, -4.0), [IMAGE]),
    "group normalisation": (GroupNormalization("it", (), 3), [(7, 5, 12)]),
    "upsampling": (Upsampling("it", (), 2), [IMAGE]),
    "log-variance": (LogVariance("it", ()), [ROW]),
}


def half_of(layer, shapes):
    """Return a half in which a layer takes inputs of some shapes, each cut out of one row of numbers."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    parts = [Input("given", (), (sum(sizes),))]
    for number, (size, shape) in enumerate(zip(sizes, shapes, strict=True)):
        parts += [
            Dense(f"row_{number}", ("given",), size),
            Reshape(f"in_{number}", (f"row_{number}",), shape),
        ]
    inputs = tuple(f"in_{number}" for number in range(len(shapes)))
    return Half("half", (*parts, type(layer)(**{**layer.__dict__, "inputs": inputs})), ("it",))


def weights_of(model, random):
    """Give a Keras model random weights, and return them by the names under which they are stored."""
    for weight in model.weights:
        weight.assign(random.normal(size=weight.shape))
    return {f"half/{weight.path}": weight.numpy() for weight in model.weights}


def test_every_kind_has_a_case():
    kinds = {
        kind for kind in vars(layers).values() if isinstance(kind, type) and issubclass(kind, layers.Layer)
    }
    assert kinds - {layers.Layer, layers.Weighted, Input} == {type(layer) for layer, _ in CASES.values()}


@pytest.mark.parametrize("case", CASES)
def test_a_layer_gives_what_keras_gives_with_the_same_tensors(case):
    layer, shapes = CASES[case]
    half, random = half_of(layer, shapes), np.random.default_rng(0)
    model = build(half, seed=0)
    weights = weights_of(model, random)
    assert half.tensors() == {name: weight.shape for name, weight in weights.items()}
    given = random.normal(size=(3, *half.shapes["given"])).astype(np.float32)
    (ours,), theirs = half.apply(weights, given), model(given)
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape == (3, *half.shapes["it"])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * float(np.abs(theirs).max()))
    (nothing,) = half.apply(weights, given[:0])
    assert nothing.shape == (0, *half.shapes["it"])


def test_the_log_variance_of_no_deviation_is_that_of_the_floor():
    layer = LogVariance("it", ("x",))
    assert layer.apply({}, np.float32([[0.0, -3.0]])) == pytest.approx(2 * np.log(1e-5))


def test_silu_and_softplus_keep_far_values_finite_and_warn_of_nothing():
    far = np.float32([[-1e30, -200.0, 200.0, 1e30]])
    assert Activation("it", ("x",), "silu").apply({}, far).tolist() == [[0.0, 0.0, 200.0, np.float32(1e30)]]
    assert Activation("it", ("x",), "softplus").apply({}, far).tolist() == [
        [0.0, 0.0, 200.0, np.float32(1e30)]
    ]


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (Reshape("it", (), (3, 3, 1)), [ROW], r"\(6,\) cannot be reshaped to \(3, 3, 1\)"),
        (Crop("it", (), 8, 5), [IMAGE], r"\(7, 5, 3\) cannot be cropped to 8 × 5"),
        (Add("it", ()), [ROW, IMAGE], r"cannot be added"),
        (GroupNormalization("it", (), 2), [IMAGE], "3 channels cannot be split into 2 groups"),
    ],
    ids=lambda value: value.__class__.__name__,
)
def test_a_layer_says_which_shapes_it_cannot_take(layer, shapes, message):
    with pytest.raises(ValueError, match=message):
        _ = half_of(layer, shapes).shapes


def test_the_initial_weights_of_a_layer_are_keras_own_of_the_same_scale():
    model = build(half_of(Dense("it", (), 400, initial=Initial(0.25)), [(200,)]), seed=3)
    layer = model.get_layer("it")
    assert isinstance(layer, keras.layers.Dense)
    assert np.var(layer.kernel) == pytest.approx(0.25 / 300, rel=0.05)  # Glorot's: scale / mean of the fans
    assert not np.any(layer.bias)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (partial(Dense, units=400), (300,)),
        (partial(Convolution, filters=32, size=3, stride=1), (30, 30, 16)),
        (partial(Convolution, filters=64, size=7, stride=7), (70, 70, 3)),
        (partial(TransposedConvolution, filters=16, size=8, stride=4), (16, 16, 48)),
        (partial(TransposedConvolution, filters=3, size=4, stride=4), (16, 16, 64)),
    ],
    ids=["dense", "3x3", "patches", "transposed, overlapping", "transposed"],
)
def test_a_variance_by_fan_in_keeps_the_size_of_what_passes(kind, shape):
    layer = kind("it", ("given",), initial=Initial(1.0, "in"))
    half = Half("half", (Input("given", (), shape), layer), ("it",))
    output = build(half, seed=0)(np.random.default_rng(0).standard_normal((8, *shape), np.float32)).numpy()
    middle = output[:, 4:-4, 4:-4] if output.ndim == 4 else output  # padding adds zeros at the border
    assert np.mean(np.square(middle)) == pytest.approx(1.0, rel=0.1)
