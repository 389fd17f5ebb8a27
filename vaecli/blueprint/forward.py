"""A network with weights as a function of NumPy arrays: what draws without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.blueprint import arrays
from vaecli.blueprint.halves import Half
from vaecli.blueprint.network import LOG_VAR_BOUND, Blueprint, require_fit
from vaecli.images import ImageSource

Floats = NDArray[np.float32]

WORKING_SET = (
    32 * 1024 * 1024
)  # bytes of a pass's largest array: beyond a processor's caches nothing is gained


class Interpreter:
    """Encode images and decode latents.

    Args:
        blueprint: The network.
        weights: Its tensors, float32, by the names under which they are stored.

    Raises:
        DamagedArtifact: If a tensor is missing, unknown, of another shape or not finite.
    """

    def __init__(self, blueprint: Blueprint, weights: Mapping[str, Floats]) -> None:
        require_fit(blueprint.tensors(), weights)
        self.blueprint, self._weights = blueprint, weights
        own = blueprint.likelihood.weights
        self._state = {weight.name: weights[f"likelihood/{weight.name}"] for weight in own}

    def encode(self, images: ImageSource) -> tuple[Floats, Floats]:
        """Return mean and log_var, `(n, latent_dim)`, of uint8 images `(n, height, width, channels)`."""

        def encode(images: NDArray[np.uint8]) -> tuple[Floats, ...]:
            pixels = images.astype(np.float32) / np.float32(255)
            mean, log_var = self.blueprint.encoder.apply(self._weights, pixels)
            return mean, np.clip(log_var, -LOG_VAR_BOUND, LOG_VAR_BOUND)

        mean, log_var = in_batches(encode, batch_of(self.blueprint.encoder), images)
        return mean, log_var

    def decode(self, latents: NDArray[np.floating]) -> Floats:
        """Return pixels in [0, 1], `(n, height, width, channels)`, of latents `(n, latent_dim)`."""

        def decode(latents: Floats) -> tuple[Floats, ...]:
            return (self.blueprint.likelihood.mean(arrays, self._logits(latents), self._state),)

        (images,) = in_batches(decode, batch_of(self.blueprint.decoder), np.asarray(latents, np.float32))
        return images

    def reconstruct(self, images: ImageSource) -> Floats:
        """Decode the mean of uint8 images; shapes as in `encode` and `decode`."""
        return self.decode(self.encode(images)[0])

    def sample(self, latents: NDArray[np.floating], seed: int = 0) -> Floats:
        """Draw images from the likelihood, `(n, height, width, channels)` in [0, 1], one of each latent.

        Args:
            latents: `(n, latent_dim)`.
            seed: What is drawn follows from it.
        """

        def sample(latents: Floats, uniform: Floats) -> tuple[Floats, ...]:
            return (self.blueprint.likelihood.sample(arrays, self._logits(latents), uniform, self._state),)

        uniform = np.random.default_rng(seed).random((len(latents), *self.blueprint.image_shape), np.float32)
        batch = batch_of(self.blueprint.decoder)
        (images,) = in_batches(sample, batch, np.asarray(latents, np.float32), uniform)
        return images

    def _logits(self, latents: Floats) -> Floats:
        (logits,) = self.blueprint.decoder.apply(self._weights, latents)
        return logits


def batch_of(half: Half) -> int:
    """Return how many images a half takes at once: so many that no array exceeds `WORKING_SET`, but one.

    >>> from vaecli.blueprint.network import draw
    >>> batch_of(draw("dense", (1024, 1024, 3), 2).decoder)
    2
    """
    return max(1, WORKING_SET // (4 * half.largest()))


def in_batches(
    function: Callable[..., tuple[Floats, ...]], batch: int, *given: NDArray[Any] | ImageSource
) -> list[Floats]:
    """Call a function on slices of arrays of equal length and join each of its outputs."""
    starts = range(0, max(len(given[0]), 1), batch)  # an empty array still gives its shape
    parts = [function(*(array[start : start + batch] for array in given)) for start in starts]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
