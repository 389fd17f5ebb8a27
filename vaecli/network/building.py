"""Keras models of what a blueprint says: the Keras layer of each kind, with its initial weights.

Every layer keeps its name, since weights are stored by name and their initial values follow from it.
"""

from __future__ import annotations

from functools import partial, singledispatch
from typing import Any, TypeAlias

import keras

from vaecli.blueprint import layers
from vaecli.blueprint.halves import Half
from vaecli.network import randomness
from vaecli.network.transposed import OverlappingPatches

Tensor: TypeAlias = keras.KerasTensor


def build(half: Half, seed: int) -> keras.Model:
    """Return a half of a network as a Keras model, with the initial weights that follow from a seed.

    Args:
        half: The encoder or the decoder.
        seed: Mixed with the names of the half and of each layer.
    """
    first, *others = half.layers
    given = keras.Input(half.shapes[first.name], name=first.name)
    tensors = {first.name: given}
    for layer in others:
        number = randomness.number(seed, 0, f"{half.name}/{layer.name}")
        inputs = [tensors[name] for name in layer.inputs]
        made = keras_layer(layer, half.shapes[layer.inputs[0]], number)
        tensors[layer.name] = made(inputs[0] if len(inputs) == 1 else inputs)
    outputs = [tensors[name] for name in half.outputs]
    return keras.Model(given, outputs[0] if len(outputs) == 1 else tuple(outputs), name=half.name)


@singledispatch
def keras_layer(layer: layers.Layer, given: layers.Shape, seed: int) -> keras.layers.Layer:
    """Return the Keras layer of a layer.

    Args:
        layer: The layer.
        given: The shape of its first input.
        seed: What its initial kernel follows from.

    Raises:
        TypeError: If its kind has none.
    """
    raise TypeError(f"there is no Keras layer of the kind {type(layer).__name__}")


@keras_layer.register
def _(layer: layers.Dense, given: layers.Shape, seed: int) -> keras.layers.Layer:
    kernel = _kernel(layer, given, seed)
    return keras.layers.Dense(layer.units, layer.activation, kernel_initializer=kernel, name=layer.name)


@keras_layer.register
def _(layer: layers.Convolution, given: layers.Shape, seed: int) -> keras.layers.Layer:
    kernel = _kernel(layer, given, seed)
    make = partial(keras.layers.Conv2D, padding="same", kernel_initializer=kernel, name=layer.name)
    return make(layer.filters, layer.size, layer.stride)


@keras_layer.register
def _(layer: layers.TransposedConvolution, given: layers.Shape, seed: int) -> keras.layers.Layer:
    kernel = _kernel(layer, given, seed)
    sizes = layer.filters, layer.size, layer.stride
    kind = OverlappingPatches if OverlappingPatches.suits(*sizes) else keras.layers.Conv2DTranspose
    return kind(*sizes, padding="same", kernel_initializer=kernel, name=layer.name)


@keras_layer.register
def _(layer: layers.Activation, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Activation(layer.function, name=layer.name)


@keras_layer.register
def _(layer: layers.Flatten, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Flatten(name=layer.name)


@keras_layer.register
def _(layer: layers.Reshape, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Reshape(layer.shape, name=layer.name)


@keras_layer.register
def _(layer: layers.Crop, given: layers.Shape, seed: int) -> keras.layers.Layer:
    over = (0, given[0] - layer.height), (0, given[1] - layer.width)
    return keras.layers.Cropping2D(over, name=layer.name)


@keras_layer.register
def _(layer: layers.Add, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Add(name=layer.name)


@keras_layer.register
def _(layer: layers.Concatenate, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Concatenate(name=layer.name)


@keras_layer.register
def _(layer: layers.Rescaling, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.Rescaling(layer.factor, layer.offset, name=layer.name)


@keras_layer.register
def _(layer: layers.GroupNormalization, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.GroupNormalization(layer.groups, epsilon=layer.epsilon, name=layer.name)


@keras_layer.register
def _(layer: layers.Upsampling, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return keras.layers.UpSampling2D(layer.factor, interpolation="nearest", name=layer.name)


@keras_layer.register
def _(layer: layers.LogVariance, given: layers.Shape, seed: int) -> keras.layers.Layer:
    return _LogVariance(layer.floor, name=layer.name)


def _kernel(layer: layers.Weighted, given: layers.Shape, seed: int) -> keras.initializers.Initializer:
    """Return what gives a layer its initial kernel."""
    limit = layer.initial_limit(given)
    return keras.initializers.RandomUniform(-limit, limit, seed)


@keras.saving.register_keras_serializable("vaecli")
class _LogVariance(keras.layers.Layer):
    """Turn a standard deviation into a log-variance."""

    def __init__(self, floor: float, **options: Any) -> None:
        super().__init__(**options)
        self.floor = floor

    def call(self, deviation: Tensor) -> Tensor:
        return 2.0 * keras.ops.log(keras.ops.maximum(deviation, self.floor))
