"""A trained network as a function from NumPy arrays to NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vaecli.blueprint.forward import in_batches
from vaecli.blueprint.likelihood import Likelihood
from vaecli.blueprint.network import of_config, require_fit
from vaecli.config import TrainConfig
from vaecli.images import ImageSource
from vaecli.network.model import VAE
from vaecli.network.pipeline import scaled

Shape = tuple[int, int, int]
Floats = NDArray[np.float32]
Images = NDArray[np.uint8]
Compiled = Callable[..., tuple[tf.Tensor, ...]]

PAIRS = 2000  # pairs of an image and a latent whose likelihood is computed at once
BATCH = 500  # images encoded or decoded at once: enough to fill the cores, little memory


def build(config: TrainConfig, shape: Shape) -> VAE:
    """Return the untrained network of a config for images of `(height, width, channels)`."""
    config = config.resolved(shape[-1])
    assert config.likelihood is not None
    knobs = (config.architecture, shape, config.latent_dim, config.beta, config.seed)
    return VAE(*knobs, config.likelihood, config.sigma)


def variables(vae: VAE) -> dict[str, tf.Variable]:
    """Return all that is stored of a network, by the name under which it is stored.

    >>> list(variables(VAE("dense", (4, 4, 1))))[0]
    'encoder/dense_0/kernel'
    >>> list(variables(VAE("dense", (4, 4, 1), likelihood="gaussian")))[-1]
    'likelihood/squared_error'
    """
    layers = (vae.encoder, vae.decoder)
    found = {f"{half.name}/{weight.path}": weight for half in layers for weight in half.weights}
    found |= {f"likelihood/{weight.name}": weight for weight in vae.likelihood.weights}
    return {name: weight.value for name, weight in found.items()}


def assign(targets: Mapping[str, tf.Variable], tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Set variables from stored tensors, all of them or none.

    Raises:
        DamagedArtifact: If a tensor is missing, unknown, of another shape or not finite.
    """
    require_fit({name: tuple(variable.shape) for name, variable in targets.items()}, tensors)
    for name, variable in targets.items():
        variable.assign(tensors[name])


class Network:
    """Encode images and decode latents; a tensor neither enters nor leaves.

    Args:
        vae: The network, which may go on learning meanwhile.
    """

    def __init__(self, vae: VAE) -> None:
        self.vae = vae
        self._images = tf.TensorSpec((None, *vae.image_shape), tf.uint8)
        self._latents = tf.TensorSpec((None, vae.latent_dim), tf.float32)

    @classmethod
    def from_weights(cls, config: TrainConfig, shape: Shape, weights: Mapping[str, Floats]) -> Network:
        """Build the network of a config and set its weights.

        Args:
            config: The config it was trained with.
            shape: `(height, width, channels)` of an image.
            weights: What `Trainer.weights` gave.

        Raises:
            DamagedArtifact: If a weight is missing, unknown, of another shape or not finite.
        """
        require_fit(of_config(config, shape).tensors(), weights)
        vae = build(config, shape)
        assign(variables(vae), weights)
        return cls(vae)

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Set other weights, without building the network again; they are as in `from_weights`."""
        assign(variables(self.vae), weights)

    @property
    def likelihood(self) -> Likelihood:
        """How pixels are distributed around what the decoder says."""
        return self.vae.likelihood.kind

    def encode(self, images: ImageSource) -> tuple[Floats, Floats]:
        """Return mean and log_var, `(n, latent_dim)`, of uint8 images `(n, height, width, channels)`."""
        mean, log_var = _in_batches(self._encode, images)
        return mean, log_var

    def decode(self, latents: Floats) -> Floats:
        """Return pixels in [0, 1], `(n, height, width, channels)`, of latents `(n, latent_dim)`."""
        (images,) = _in_batches(self._decode, latents.astype(np.float32))
        return images

    def reconstruct(self, images: ImageSource) -> Floats:
        """Decode the mean of uint8 images; shapes as in `encode` and `decode`."""
        return self.decode(self.encode(images)[0])

    def sample(self, latents: Floats, seed: int = 0) -> Floats:
        """Draw images from the likelihood, `(n, height, width, channels)` in [0, 1], one of each latent.

        Args:
            latents: `(n, latent_dim)`.
            seed: What is drawn follows from it.
        """
        shape = (len(latents), *self.vae.image_shape)
        uniform = np.random.default_rng(seed).random(shape, np.float32)
        (images,) = _in_batches(self._sample, latents.astype(np.float32), uniform)
        return images

    def scale(self) -> float | None:
        """Return the spread that all pixels share, σ or s in units of 0–1, if the likelihood has one."""
        scale = self.vae.likelihood.scale()
        return None if scale is None else float(scale)

    def assess(self, images: ImageSource, noise: Floats, batch: int = BATCH) -> tuple[Floats, ...]:
        """Return mean, log_var, the reconstruction term of a sampled latent, and the squared error.

        Args:
            images: uint8 `(n, height, width, channels)`.
            noise: Standard normal, `(n, latent_dim)`.
            batch: Images at a time; it changes no result beyond the last digits.

        Returns:
            mean and log_var `(n, latent_dim)`; −log p(x | z) `(n,)` in nats, z sampled with the noise;
            `(n,)` mean over pixels and channels of (image − reconstruction from the mean)².
        """
        return tuple(_in_batches(self._assess, images, noise, batch=batch))

    def log_likelihood(self, images: ImageSource, latents: Floats) -> Floats:
        """Return log p(x | z) of latents for each image.

        Args:
            images: uint8 `(n, height, width, channels)`.
            latents: `(n, k, latent_dim)`, k for each image.

        Returns:
            `(n, k)` nats; never more than `PAIRS` are decoded at once.
        """
        count, each = latents.shape[:2]
        found, width = np.empty((count, each), np.float32), min(each, PAIRS)
        height = max(1, PAIRS // width)
        for i in range(0, count, height):
            pixels = tf.constant(images[i : i + height])
            for j in range(0, each, width):
                part = latents[i : i + height, j : j + width]
                flat = tf.constant(part.reshape(-1, part.shape[2]), tf.float32)
                found[i : i + height, j : j + width] = (
                    self._pairs(pixels, flat)[0].numpy().reshape(part.shape[:2])
                )
        return found

    def naturals(self, latents: Floats) -> tuple[Floats, Floats] | None:
        """Return what pairs latents with any image by a matrix product, see `Likelihood.natural`.

        Args:
            latents: `(g, latent_dim)`.

        Returns:
            −log p of the black image, `(g,)`, and η, `(g, height · width · channels)`; None where the
            likelihood has no such form.
        """
        if type(self.likelihood).natural is Likelihood.natural:
            return None
        black, natural = _in_batches(self._naturals, latents.astype(np.float32))
        return black, natural.reshape(len(natural), -1)

    @cached_property
    def _encode(self) -> Compiled:
        return _compiled(lambda images: self.vae.encode(scaled(images)), self._images)

    @cached_property
    def _decode(self) -> Compiled:
        return _compiled(lambda latents: (self.vae.likelihood.mean(self.vae.decode(latents)),), self._latents)

    @cached_property
    def _sample(self) -> Compiled:
        def sample(latents: tf.Tensor, uniform: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return (self.vae.likelihood.sample(self.vae.decode(latents), uniform),)

        return _compiled(sample, self._latents, tf.TensorSpec((None, *self.vae.image_shape), tf.float32))

    @cached_property
    def _pairs(self) -> Compiled:
        def pairs(images: tf.Tensor, latents: tf.Tensor) -> tuple[tf.Tensor, ...]:
            repeated = tf.repeat(scaled(images), tf.shape(latents)[0] // tf.shape(images)[0], axis=0)
            return (-self.vae.likelihood.loss(repeated, self.vae.decode(latents)),)

        return _compiled(pairs, self._images, self._latents)

    @cached_property
    def _naturals(self) -> Compiled:
        def naturals(latents: tf.Tensor) -> tuple[tf.Tensor, ...]:
            logits = self.vae.decode(latents)
            return self.vae.likelihood.loss(tf.zeros_like(logits), logits), self.vae.likelihood.natural(
                logits
            )

        return _compiled(naturals, self._latents)

    @cached_property
    def _assess(self) -> Compiled:
        def assess(images: tf.Tensor, noise: tf.Tensor) -> tuple[tf.Tensor, ...]:
            images = scaled(images)
            prediction = self.vae.call(images, noise)
            error = tf.square(images - self.vae.likelihood.mean(self.vae.decode(prediction.mean)))
            reconstruction = self.vae.terms(images, prediction).reconstruction
            return prediction.mean, prediction.log_var, reconstruction, tf.reduce_mean(error, axis=(1, 2, 3))

        return _compiled(assess, self._images, self._latents)


def _compiled(function: Compiled, *signature: tf.TensorSpec) -> Compiled:
    """Trace a function once, so that no call of it traces it again."""
    return tf.function(function, autograph=False).get_concrete_function(*signature)


def _in_batches(function: Compiled, *arrays: NDArray[Any] | ImageSource, batch: int = BATCH) -> list[Floats]:
    """Call a compiled function on slices of arrays, as `in_batches` does."""

    def call(*slices: NDArray[Any]) -> tuple[Floats, ...]:
        return tuple(tensor.numpy() for tensor in function(*map(tf.constant, slices)))

    return in_batches(call, batch, *arrays)
