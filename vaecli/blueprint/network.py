"""A whole network as data: encoder, decoder and likelihood, and the table of their tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaecli.blueprint.drafting import ImageShape
from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import Shape
from vaecli.blueprint.likelihood import Likelihood
from vaecli.errors import DamagedArtifact
from vaecli.registry import ARCHITECTURES, LIKELIHOODS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vaecli.config import TrainConfig

#: log_var is kept in [−20, 20], standard deviations in [5e-5, 2e4]: far beyond what a latent
#: space uses, and far within what float32 can square.
LOG_VAR_BOUND = 20.0


@dataclass(frozen=True)
class Blueprint:
    """A network, with no weights.

    Attributes:
        encoder: Images in [0, 1] → mean and log_var, `(latent_dim,)` each.
        decoder: Latents → logits, of the shape of an image.
        likelihood: What the logits say of the pixels.
    """

    encoder: Half
    decoder: Half
    likelihood: Likelihood

    @property
    def image_shape(self) -> Shape:
        """`(height, width, channels)`."""
        return self.encoder.layers[0].output_shape()

    @property
    def latent_dim(self) -> int:
        """Size of a latent."""
        return self.decoder.layers[0].output_shape()[0]

    def tensors(self) -> dict[str, Shape]:
        """Return the names and shapes of all tensors, as a run stores them.

        >>> list(draw("dense", (4, 4, 1), 2, "gaussian").tensors())[-1]
        'likelihood/squared_error'
        """
        own = {f"likelihood/{weight.name}": weight.shape for weight in self.likelihood.weights}
        return self.encoder.tensors() | self.decoder.tensors() | own

    def parameter_counts(self) -> dict[str, int]:
        """Return the number of trained parameters of encoder, decoder with its likelihood, and both.

        >>> draw("post", (28, 28, 1), 2).parameter_counts()["total"]
        3354569
        """
        encoder, decoder = (
            sum(map(math.prod, half.tensors().values())) for half in (self.encoder, self.decoder)
        )
        decoder += sum(math.prod(weight.shape) for weight in self.likelihood.weights if weight.is_trained)
        return {"encoder": encoder, "decoder": decoder, "total": encoder + decoder}


def draw(
    architecture: str,
    shape: ImageShape,
    latent_dim: int,
    likelihood: str = "bernoulli",
    sigma: float | None = None,
) -> Blueprint:
    """Return the blueprint of a network.

    Args:
        architecture: A name from `registry.ARCHITECTURES`.
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        likelihood: A name from `registry.LIKELIHOODS`.
        sigma: The fixed standard deviation of `gaussian`; by default the optimal one.
    """
    encoder, decoder = ARCHITECTURES[architecture].draw(shape, latent_dim)
    return Blueprint(encoder, decoder, LIKELIHOODS[likelihood].make(sigma))


def of_config(config: TrainConfig, shape: ImageShape) -> Blueprint:
    """Return the blueprint of what a config trains on images of `(height, width, channels)`."""
    config = config.resolved(shape[2])
    assert config.likelihood is not None
    return draw(config.architecture, shape, config.latent_dim, config.likelihood, config.sigma)


def require_fit(expected: Mapping[str, Shape], tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Raise `DamagedArtifact` unless stored tensors are the expected ones, all finite."""
    for name in (*expected, *tensors):
        if complaint := _complaint(expected.get(name), tensors.get(name)):
            raise DamagedArtifact(
                f"The weights do not fit their run: tensor {name!r} {complaint}.",
                mend="Choose another epoch or train again.",
            )


def _complaint(shape: Shape | None, tensor: NDArray[np.float32] | None) -> str:
    """Say what is wrong with a stored tensor, or nothing."""
    import numpy as np

    if shape is None:
        return "is not part of this network"
    if tensor is None:
        return "is missing"
    if tensor.shape != shape:
        return f"has shape {tensor.shape} instead of {shape}"
    if tensor.dtype != np.float32:
        return f"is of type {tensor.dtype} instead of float32"
    return "" if np.isfinite(tensor).all() else "holds a value that is not a finite number"
