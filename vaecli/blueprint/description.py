"""A blueprint as plain values that JSON can hold, for interpreters in other languages.

Everything that a pass needs is said: the order of the layers, what each takes and gives, its sizes, and the
order in which its tensors follow each other. How a kernel began before training is left out.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import Layer
from vaecli.blueprint.network import Blueprint

_SAID_ELSEWHERE = {"name", "inputs", "shape", "initial"}
_CONSTANTS = ("epsilon", "floor")  # of a kind of layer, not of one layer


def describe(blueprint: Blueprint) -> dict[str, Any]:
    """Return a network as plain values.

    Returns:
        `encoder` and `decoder`, each with its `layers` and the names of its `outputs`; the `likelihood`.

    >>> from vaecli.blueprint.network import draw
    >>> decoder = describe(draw("dense", (4, 4, 1), 2))["decoder"]
    >>> decoder["layers"][1]["kind"], decoder["layers"][1]["tensors"]
    ('Dense', {'kernel': [2, 256], 'bias': [256]})
    """
    likelihood = blueprint.likelihood
    return {
        "encoder": _described(blueprint.encoder),
        "decoder": _described(blueprint.decoder),
        "likelihood": {
            "kind": type(likelihood).__name__,
            "tensors": {weight.name: list(weight.shape) for weight in likelihood.weights},
        },
    }


def _described(half: Half) -> dict[str, Any]:
    layers = [_layer(half, layer) for layer in half.layers]
    return {"name": half.name, "layers": layers, "outputs": list(half.outputs)}


def _layer(half: Half, layer: Layer) -> dict[str, Any]:
    """Return a layer: its kind, what it takes, the shape that it gives, its tensors and its sizes."""
    inputs = (half.shapes[name] for name in layer.inputs)
    constants = {name: getattr(layer, name) for name in _CONSTANTS if hasattr(layer, name)}
    sizes = {field.name: getattr(layer, field.name) for field in fields(layer)}
    return {
        "kind": type(layer).__name__,
        "name": layer.name,
        "inputs": list(layer.inputs),
        "shape": list(half.shapes[layer.name]),
        "tensors": {name: list(shape) for name, shape in layer.tensors(*inputs).items()},
        **constants,
        **{name: size for name, size in sizes.items() if name not in _SAID_ELSEWHERE},
    }
