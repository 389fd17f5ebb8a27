"""How likely an image is, given the logits of a decoder: log p(x | z).

Whatever the kind, a decoder gives one logit per pixel and channel; the likelihood makes of
them a loss, an image to show, and images to sample. Losses are in nats per image, summed over
pixels and channels. Where pixels are continuous they are densities of x in [0, 1], which may
be larger than 1: the loss may be negative then, and is comparable within one kind alone.

A kind is written once, against `Operations`: NumPy draws with it, TensorFlow trains with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

Tensor: TypeAlias = Any  # an array or a tensor; both support + − * / **, comparisons, & and indexing
State = Mapping[str, Tensor]


class Operations(Protocol):
    """What a likelihood computes with besides the operators, value by value where nothing else is said."""

    def exp(self, x: Tensor, /) -> Tensor:
        """Return eˣ."""

    def expm1(self, x: Tensor, /) -> Tensor:
        """Return eˣ − 1."""

    def log(self, x: Tensor, /) -> Tensor:
        """Return the natural logarithm."""

    def log1p(self, x: Tensor, /) -> Tensor:
        """Return log(1 + x)."""

    def sinh(self, x: Tensor, /) -> Tensor:
        """Return the hyperbolic sine."""

    def tanh(self, x: Tensor, /) -> Tensor:
        """Return the hyperbolic tangent."""

    def square(self, x: Tensor, /) -> Tensor:
        """Return x²."""

    def absolute(self, x: Tensor, /) -> Tensor:
        """Return |x|."""

    def sign(self, x: Tensor, /) -> Tensor:
        """Return −1, 0 or 1."""

    def rint(self, x: Tensor, /) -> Tensor:
        """Return the nearest whole number."""

    def maximum(self, x: Tensor, y: Tensor, /) -> Tensor:
        """Return the larger one."""

    def clip(self, x: Tensor, low: float, high: float, /) -> Tensor:
        """Return x, or the bound that it is beyond."""

    def where(self, condition: Tensor, chosen: Tensor, other: Tensor, /) -> Tensor:
        """Return `chosen` where the condition holds, and `other` elsewhere."""

    def sigmoid(self, x: Tensor, /) -> Tensor:
        """Return σ(x) = 1 / (1 + e⁻ˣ)."""

    def log_sigmoid(self, x: Tensor, /) -> Tensor:
        """Return log σ(x)."""

    def softplus(self, x: Tensor, /) -> Tensor:
        """Return log(1 + eˣ)."""

    def normal_quantile(self, p: Tensor, /) -> Tensor:
        """Return the x below which a share p in (0, 1) of the standard normal distribution lies."""

    def mean(self, x: Tensor, /) -> Tensor:
        """Return the mean of all values."""

    def sum_per_image(self, x: Tensor, /) -> Tensor:
        """Return `(n,)`, the sums of `(n, height, width, channels)`."""

    def constant(self, number: float, /) -> Tensor:
        """Return a number as a float32 scalar."""

    def stack(self, numbers: Sequence[Tensor], /) -> Tensor:
        """Return numbers as an array `(numbers,)`."""

    def stop_gradient(self, x: Tensor, /) -> Tensor:
        """Return x as a constant."""


@dataclass(frozen=True)
class Weight:
    """Something that a likelihood learns and a run stores, as `likelihood/<name>`.

    Attributes:
        name: Its name.
        shape: Its shape.
        initial: What every value of it is before training.
        is_trained: Whether gradients train it; else `Likelihood.learn` does.
    """

    name: str
    shape: tuple[int, ...]
    initial: float
    is_trained: bool


class Likelihood(ABC):
    """A distribution of images whose pixels are independent given their logits.

    It holds no numbers that are learnt: they are its state, given to each function, a tensor for each
    of its `weights` by name.
    """

    #: What it learns.
    weights: tuple[Weight, ...] = ()

    #: Whether pixels are 256 grey levels, so that −log p counts as bits of a code.
    is_discrete: ClassVar[bool] = False

    @abstractmethod
    def loss(
        self, ops: Operations, images: Tensor, logits: Tensor, state: State, *, training: bool = False
    ) -> Tensor:
        """Return −log p(x | z) of each image.

        Args:
            ops: What to compute with.
            images: float32 `(n, height, width, channels)` in [0, 1].
            logits: The same shape, any real number.
            state: What was learnt so far.
            training: Whether the images are those of a training step.

        Returns:
            `(n,)` nats, summed over height, width and channels.
        """

    @abstractmethod
    def mean(self, ops: Operations, logits: Tensor, state: State) -> Tensor:
        """Return the expected image in [0, 1], to be shown; the shape is that of the logits."""

    @abstractmethod
    def sample(self, ops: Operations, logits: Tensor, uniform: Tensor, state: State) -> Tensor:
        """Draw images by inverting the distribution of each pixel.

        Args:
            ops: What to compute with.
            logits: `(n, height, width, channels)`.
            uniform: The same shape, uniform in [0, 1).
            state: What was learnt.

        Returns:
            The same shape, in [0, 1].
        """

    def natural(self, ops: Operations, logits: Tensor, state: State) -> Tensor | None:
        """Return η with −log p(x | z) = a(l) + h(x) − Σ x·η(l), where the kind has that form.

        It is the form of an exponential family with the statistic x. Then images and latents are paired by
        a matrix product. The shape is that of the logits.
        """
        return None

    def scale(self, ops: Operations, state: State) -> Tensor | None:
        """Return the spread that all pixels share, in units of the range [0, 1], if there is one."""
        return None

    def learn(self, ops: Operations, images: Tensor, logits: Tensor, state: State) -> State:
        """Return what a training step changes in the state of the weights that no gradient trains."""
        return {}
