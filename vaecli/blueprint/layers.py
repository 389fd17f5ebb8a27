"""The kinds of layers: what each gives, which tensors it has, and what it computes.

A layer is data. From the shapes of its inputs follow the shape of its output and its tensors; with
the tensors it is a function of NumPy arrays. What Keras calls the same is in `network.building`, and the
two agree to the last digits of float32.

Shapes are those of one image or latent; arrays have an axis of many before it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer(ABC):
    """A step of a half of a network.

    Attributes:
        name: Its name, unique in its half; its tensors are stored under it.
        inputs: The names of the layers whose outputs it takes.
    """

    name: str
    inputs: tuple[str, ...]

    #: How many inputs it takes; None for any number.
    arity: ClassVar[int | None] = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of its output; by default that of its input.

        Raises:
            ValueError: If it does not take inputs of these shapes.
        """
        return inputs[0]

    def tensors(self, *inputs: Shape) -> dict[str, Shape]:
        """Return the names and shapes of its tensors, in the order in which they are made."""
        return {}

    def largest(self, *inputs: Shape) -> int:
        """Return how many numbers its largest array has, per image."""
        return math.prod(self.output_shape(*inputs))

    @abstractmethod
    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return its output, `(n, *output_shape)`.

        Args:
            tensors: Its tensors, by name.
            inputs: The outputs that it takes, `(n, *shape)` each.
        """


@dataclass(frozen=True)
class Initial:
    """How widely the values of a kernel are spread before training: uniformly around 0, by their variance.

    Attributes:
        scale: The variance is scale / fan.
        fan: `average`, the mean of a kernel's inputs and outputs (Glorot and Bengio, 2010, eq. 16), or
            `in`, the products that are added up for one value of the output (He et al., 2015, eq. 10:
            a scale of 2 keeps the variance of what passes through ReLU layers).
    """

    scale: float = 1.0
    fan: str = "average"


GLOROT = Initial()


@dataclass(frozen=True)
class Weighted(Layer):
    """A layer with a kernel and a bias."""

    @property
    @abstractmethod
    def initial(self) -> Initial:
        """How its kernel is spread before training; its bias is 0."""

    @abstractmethod
    def products(self, *inputs: Shape) -> float:
        """Return how many products are added up for one value of the output."""

    def initial_limit(self, *inputs: Shape) -> float:
        """Return the largest absolute value that its initial kernel can have.

        >>> Dense("it", (), 100, initial=Initial(3.0, "in")).initial_limit((9,))
        1.0
        """
        *taps, before, after = self.tensors(*inputs)["kernel"]
        average = math.prod(taps) * (before + after) / 2
        fan = self.products(*inputs) if self.initial.fan == "in" else average
        return math.sqrt(3.0 * self.initial.scale / fan)


@dataclass(frozen=True)
class Input(Layer):
    """What a half is given: images or latents.

    Attributes:
        shape: Of one of them.
    """

    shape: Shape

    arity: ClassVar[int | None] = 0

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return its own shape."""
        return self.shape

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return what is given as it is."""
        return inputs[0]


@dataclass(frozen=True)
class Dense(Weighted):
    """activation(x·kernel + bias).

    Attributes:
        units: Values of the output.
        activation: See `Activation`.
        initial: How its kernel is spread before training.
    """

    units: int
    activation: str = "linear"
    initial: Initial = GLOROT

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(units,)`."""
        return (self.units,)

    def tensors(self, *inputs: Shape) -> dict[str, Shape]:
        """Return the kernel `(values, units)` and the bias `(units,)`."""
        return {"kernel": (*inputs[0], self.units), "bias": (self.units,)}

    def products(self, *inputs: Shape) -> float:
        """Return the values of the input."""
        return inputs[0][0]

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, units)`."""
        from vaecli.blueprint.arrays import ACTIVATIONS

        return ACTIVATIONS[self.activation](inputs[0] @ tensors["kernel"] + tensors["bias"])


@dataclass(frozen=True)
class Convolution(Weighted):
    """A convolution with a square kernel, padded so that sides shrink to ⌈side / stride⌉.

    TensorFlow's `same` padding: what is needed in all, half of it before and, if it is odd, one more after.

    Attributes:
        filters: Channels of the output.
        size: Side of the kernel.
        stride: Positions from one product to the next.
        initial: As in `Dense`.
    """

    filters: int
    size: int
    stride: int
    initial: Initial = GLOROT

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(⌈height / stride⌉, ⌈width / stride⌉, filters)`."""
        height, width, _ = inputs[0]
        return -(-height // self.stride), -(-width // self.stride), self.filters

    def tensors(self, *inputs: Shape) -> dict[str, Shape]:
        """Return the kernel `(size, size, channels, filters)` and the bias `(filters,)`."""
        return {"kernel": (self.size, self.size, inputs[0][2], self.filters), "bias": (self.filters,)}

    def products(self, *inputs: Shape) -> float:
        """Return the values of a patch."""
        return self.size**2 * inputs[0][2]

    def largest(self, *inputs: Shape) -> int:
        """Return the numbers of all the patches that the kernel is multiplied with."""
        rows, columns, filters = self.output_shape(*inputs)
        return rows * columns * max(self.size**2 * inputs[0][2], filters)

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, rows, columns, filters)`."""
        from vaecli.blueprint.convolution import convolved

        return convolved(inputs[0], tensors["kernel"], self.stride) + tensors["bias"]


@dataclass(frozen=True)
class TransposedConvolution(Weighted):
    """The transpose of a convolution that is padded so: sides grow by the stride.

    Attributes:
        filters: Channels of the output.
        size: Side of the kernel.
        stride: Positions from one copy of the kernel to the next.
        initial: As in `Dense`.
    """

    filters: int
    size: int
    stride: int
    initial: Initial = GLOROT

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(height·stride, width·stride, filters)`."""
        height, width, _ = inputs[0]
        return height * self.stride, width * self.stride, self.filters

    def tensors(self, *inputs: Shape) -> dict[str, Shape]:
        """Return the kernel `(size, size, filters, channels)` and the bias `(filters,)`."""
        return {"kernel": (self.size, self.size, self.filters, inputs[0][2]), "bias": (self.filters,)}

    def products(self, *inputs: Shape) -> float:
        """Return, on average, the copies that overlap at a position times the channels of each."""
        return (self.size / self.stride) ** 2 * inputs[0][2]

    def largest(self, *inputs: Shape) -> int:
        """Return the numbers of all the copies of the kernel that are added up."""
        height, width, _ = inputs[0]
        return height * width * self.filters * max(self.size, self.stride) ** 2

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, height·stride, width·stride, filters)`."""
        from vaecli.blueprint.convolution import convolved_transposed

        return convolved_transposed(inputs[0], tensors["kernel"], self.stride) + tensors["bias"]


@dataclass(frozen=True)
class Activation(Layer):
    """A function of each value.

    Attributes:
        function: `linear`, `relu`, `silu` (x·σ(x), Elfwing et al., 2018) or `softplus` (log(1 + eˣ)).
    """

    function: str

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return the function of the input."""
        from vaecli.blueprint.arrays import ACTIVATIONS

        return ACTIVATIONS[self.function](inputs[0])


@dataclass(frozen=True)
class Flatten(Layer):
    """All values in one row, the last axis first."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(values,)`."""
        return (math.prod(inputs[0]),)

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, values)`."""
        return inputs[0].reshape(len(inputs[0]), math.prod(inputs[0].shape[1:]))


@dataclass(frozen=True)
class Reshape(Layer):
    """The same values in another shape.

    Attributes:
        shape: The shape.
    """

    shape: Shape

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape, if it holds as many values as the input."""
        if math.prod(inputs[0]) != math.prod(self.shape):
            raise ValueError(f"{inputs[0]} cannot be reshaped to {self.shape}")
        return self.shape

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, *shape)`."""
        return inputs[0].reshape(len(inputs[0]), *self.shape)


@dataclass(frozen=True)
class Crop(Layer):
    """What is left after rows are removed at the bottom, and columns on the right.

    Attributes:
        height: Rows that are left.
        width: Columns that are left.
    """

    height: int
    width: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(height, width, channels)`."""
        if inputs[0][0] < self.height or inputs[0][1] < self.width:
            raise ValueError(f"{inputs[0]} cannot be cropped to {self.height} × {self.width}")
        return self.height, self.width, inputs[0][2]

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, height, width, channels)`."""
        return inputs[0][:, : self.height, : self.width]


@dataclass(frozen=True)
class Add(Layer):
    """The sum of inputs that have the same shape."""

    arity: ClassVar[int | None] = None

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of each input."""
        if len(set(inputs)) != 1:
            raise ValueError(f"{inputs} cannot be added")
        return inputs[0]

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return the sum, from left to right."""
        total, *rest = inputs
        for term in rest:
            total = total + term
        return total


@dataclass(frozen=True)
class Concatenate(Layer):
    """Rows of values, one after the other."""

    arity: ClassVar[int | None] = None

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(values of all inputs,)`."""
        return (sum(values for (values,) in inputs),)

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, values)`."""
        import numpy as np

        return np.concatenate(inputs, axis=1)


@dataclass(frozen=True)
class Rescaling(Layer):
    """factor·x + offset.

    Attributes:
        factor: What values are multiplied with.
        offset: What is added then.
    """

    factor: float
    offset: float = 0.0

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return the rescaled values."""
        return inputs[0] * self.factor + self.offset


@dataclass(frozen=True)
class GroupNormalization(Layer):
    """Groups of channels shifted and scaled to mean 0 and variance 1, then channels by γ and β.

    Wu and He (2018, eq. 7 and 8). Mean and variance are those of an image's group over all positions.

    Attributes:
        groups: How many groups the channels are split into.
    """

    groups: int

    epsilon: ClassVar[float] = 1e-3  # added to the variance; Keras' default

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of the input, if its channels can be split so."""
        if inputs[0][2] % self.groups:
            raise ValueError(f"{inputs[0][2]} channels cannot be split into {self.groups} groups")
        return inputs[0]

    def tensors(self, *inputs: Shape) -> dict[str, Shape]:
        """Return γ and β, `(channels,)` each."""
        return {"gamma": (inputs[0][2],), "beta": (inputs[0][2],)}

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, height, width, channels)`."""
        import numpy as np

        n, height, width, channels = inputs[0].shape
        x = inputs[0].reshape(n, height * width, self.groups, channels // self.groups)
        centred = x - x.mean(axis=(1, 3), keepdims=True)
        variance = np.square(centred).mean(axis=(1, 3), keepdims=True)
        normal: Floats = (centred / np.sqrt(variance + np.float32(self.epsilon))).reshape(inputs[0].shape)
        return normal * tensors["gamma"] + tensors["beta"]


@dataclass(frozen=True)
class Upsampling(Layer):
    """Each position repeated along both sides (nearest neighbour).

    Attributes:
        factor: How often.
    """

    factor: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return `(factor·height, factor·width, channels)`."""
        height, width, channels = inputs[0]
        return self.factor * height, self.factor * width, channels

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return `(n, factor·height, factor·width, channels)`."""
        return inputs[0].repeat(self.factor, axis=1).repeat(self.factor, axis=2)


@dataclass(frozen=True)
class LogVariance(Layer):
    """2·log(x), the log-variance of a standard deviation; a floor keeps logarithm and gradient finite."""

    floor: ClassVar[float] = 1e-5

    def apply(self, tensors: Mapping[str, Floats], *inputs: Floats) -> Floats:
        """Return the log-variance."""
        import numpy as np

        log_var: Floats = 2 * np.log(np.maximum(inputs[0], np.float32(self.floor)))
        return log_var
