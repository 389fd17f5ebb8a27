"""Drawing a half of a network layer by layer: what architectures are written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import (
    GLOROT,
    Activation,
    Convolution,
    Crop,
    Dense,
    Flatten,
    Initial,
    Input,
    Layer,
    Reshape,
    Shape,
    TransposedConvolution,
)

ImageShape = tuple[int, int, int]
Halves = tuple[Half, Half]

NEAR_ZERO = Initial(1e-4)


class Node(NamedTuple):
    """The output of a layer that was drawn."""

    name: str
    shape: Shape


class Draft:
    """A half that is being drawn.

    Args:
        half: `encoder` or `decoder`.
        given: What it is given, `images` or `latents`.
        shape: The shape of one of them.

    Attributes:
        given: The output of its input layer.

    >>> make = Draft("decoder", "latents", (2,))
    >>> x = make.dense(make.given, 12, "positions", "relu")
    >>> make.reshaped(x, (2, 2, 3), "image").shape
    (2, 2, 3)
    """

    def __init__(self, half: str, given: str, shape: Shape) -> None:
        self._half = half
        self._layers: list[Layer] = [Input(given, (), shape)]
        self.given = Node(given, shape)

    def half(self, *outputs: Node) -> Half:
        """Return the half with what was drawn so far."""
        return Half(self._half, tuple(self._layers), tuple(node.name for node in outputs))

    def add(self, kind: Callable[..., Layer], name: str, *inputs: Node, **sizes: Any) -> Node:
        """Add a layer of a kind, with its sizes, that takes the outputs of others."""
        layer = kind(name, tuple(node.name for node in inputs), **sizes)
        self._layers.append(layer)
        return Node(name, layer.output_shape(*(node.shape for node in inputs)))

    def dense(
        self, x: Node, units: int, name: str, activation: str = "linear", initial: Initial = GLOROT
    ) -> Node:
        """Add a dense layer."""
        return self.add(Dense, name, x, units=units, activation=activation, initial=initial)

    def stack(self, x: Node, widths: Sequence[int]) -> Node:
        """Add dense layers with ReLU, one per width."""
        for index, width in enumerate(widths):
            x = self.dense(x, width, f"dense_{index}", "relu")
        return x

    def conv(
        self,
        x: Node,
        filters: int,
        size: int,
        stride: int,
        name: str,
        activation: str = "linear",
        initial: Initial = GLOROT,
    ) -> Node:
        """Add a convolution; sides shrink to ⌈side / stride⌉."""
        x = self.add(Convolution, name, x, filters=filters, size=size, stride=stride, initial=initial)
        return self._activated(x, activation)

    def transposed(
        self,
        x: Node,
        filters: int,
        size: int,
        stride: int,
        name: str,
        activation: str = "linear",
        initial: Initial = GLOROT,
    ) -> Node:
        """Add a transposed convolution; sides grow by the stride."""
        x = self.add(
            TransposedConvolution, name, x, filters=filters, size=size, stride=stride, initial=initial
        )
        return self._activated(x, activation)

    def flat(self, x: Node, name: str = "flatten") -> Node:
        """Join height, width and channels."""
        return self.add(Flatten, name, x)

    def reshaped(self, x: Node, shape: Shape, name: str) -> Node:
        """Give the same values another shape."""
        return self.add(Reshape, name, x, shape=shape)

    def cropped(self, x: Node, height: int, width: int) -> Node:
        """Remove what the strides added below and on the right."""
        return self.add(Crop, "crop", x, height=height, width=width)

    def heads(
        self, x: Node, latent_dim: int, mean: Initial = NEAR_ZERO, log_var: Initial = NEAR_ZERO
    ) -> tuple[Node, Node]:
        """Add mean and log_var, both near 0 before training: every posterior is the prior."""
        return self.dense(x, latent_dim, "mean", initial=mean), self.dense(
            x, latent_dim, "log_var", initial=log_var
        )

    def _activated(self, x: Node, activation: str) -> Node:
        if activation == "linear":
            return x
        return self.add(Activation, f"{x.name}_{activation}", x, function=activation)
