"""A half of a network, encoder or decoder: an ordered row of layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaecli.blueprint.layers import Input, Layer, Shape, Weighted

if TYPE_CHECKING:
    from vaecli.blueprint.layers import Floats


@dataclass(frozen=True)
class Half:
    """An encoder or a decoder.

    Attributes:
        name: `encoder` or `decoder`; its tensors are stored under it.
        layers: Its layers, each after those whose outputs it takes; the first is an `Input`.
        outputs: The names of the layers whose outputs are its own.

    Raises:
        ValueError: If the shapes of the layers do not match.
    """

    name: str
    layers: tuple[Layer, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise ValueError(f"two layers of the {self.name} have the same name")
        for position, layer in enumerate(self.layers):
            if isinstance(layer, Input) != (position == 0):
                raise ValueError(f"the first layer of the {self.name}, and no other, is its input")
            if layer.arity not in (None, len(layer.inputs)) or not set(layer.inputs) <= set(names[:position]):
                raise ValueError(f"layer {layer.name} of the {self.name} cannot take {layer.inputs}")
        if not set(self.outputs) <= set(names):
            raise ValueError(f"the {self.name} has no layers {self.outputs}")

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every layer's output, by the layer's name."""
        shapes: dict[str, Shape] = {}
        for layer in self.layers:
            shapes[layer.name] = layer.output_shape(*(shapes[name] for name in layer.inputs))
        return shapes

    def tensors(self) -> dict[str, Shape]:
        """Return the names and shapes of its tensors as they are stored: `encoder/mean/bias`."""
        return {
            f"{self.name}/{layer.name}/{tensor}": shape
            for layer in self.layers
            for tensor, shape in layer.tensors(*self._inputs_of(layer)).items()
        }

    def largest(self) -> int:
        """Return how many numbers the largest array has that a pass makes, per image."""
        return max(layer.largest(*self._inputs_of(layer)) for layer in self.layers)

    def multiplications(self) -> float:
        """Return how many products with numbers of kernels a pass adds up, per image.

        >>> from vaecli.blueprint.network import draw
        >>> draw("dense", (28, 28, 1), 2).decoder.multiplications()
        598528
        """
        return sum(
            layer.products(*self._inputs_of(layer)) * math.prod(self.shapes[layer.name])
            for layer in self.layers
            if isinstance(layer, Weighted)
        )

    def apply(self, tensors: Mapping[str, Floats], given: Floats) -> tuple[Floats, ...]:
        """Return its outputs, `(n, *shape)` each.

        Args:
            tensors: The tensors, by the names under which they are stored.
            given: Images or latents, `(n, *shape)`.
        """
        first, *others = self.layers
        values = {first.name: given}
        for position, layer in enumerate(others, start=1):
            own = {
                tensor: tensors[f"{self.name}/{layer.name}/{tensor}"]
                for tensor in layer.tensors(*self._inputs_of(layer))
            }
            values[layer.name] = layer.apply(own, *(values[name] for name in layer.inputs))
            for name in self._last_used_at[position]:
                del values[name]
        return tuple(values[name] for name in self.outputs)

    def _inputs_of(self, layer: Layer) -> tuple[Shape, ...]:
        return tuple(self.shapes[name] for name in layer.inputs)

    @cached_property
    def _last_used_at(self) -> Mapping[int, tuple[str, ...]]:
        """Position of a layer → the layers whose outputs are not needed after it."""
        last = {name: position for position, layer in enumerate(self.layers) for name in layer.inputs}
        return {
            position: tuple(name for name, at in last.items() if at == position and name not in self.outputs)
            for position in range(len(self.layers))
        }
