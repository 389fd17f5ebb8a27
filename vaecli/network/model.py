"""The variational autoencoder: an encoder, a decoder and the negative ELBO between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from vaecli.blueprint.network import LOG_VAR_BOUND, draw
from vaecli.network import randomness
from vaecli.network.building import build
from vaecli.network.likelihood import LikelihoodLayer
from vaecli.network.objective import Posterior, Terms, constant, elbo
from vaecli.network.posterior import gaussian_kl, reparametrise


class Prediction(NamedTuple):
    """What a VAE makes of images."""

    logits: tf.Tensor  # (n, height, width, channels)
    mean: tf.Tensor  # (n, latent_dim)
    log_var: tf.Tensor  # (n, latent_dim)
    latents: tf.Tensor  # (n, latent_dim), from which the logits were decoded


@keras.saving.register_keras_serializable("vaecli")
class VAE(keras.Model):
    """A VAE with independent pixels, a diagonal Gaussian posterior and a standard normal prior.

    `fit`, `evaluate` and vaecli's own trainer all minimise the same loss, the mean over
    images of reconstruction + beta·KL.

    Args:
        architecture: A name from `registry.ARCHITECTURES`.
        shape: `(height, width, channels)` of an image.
        latent_dim: Size of a latent.
        beta: Weight of the KL term in the loss; 0 leaves it out.
        seed: The initial weights follow from it, and the noise of Keras' own `fit`.
        likelihood: A name from `registry.LIKELIHOODS`.
        sigma: A fixed standard deviation of `gaussian` pixels; by default the optimal one.
    """

    def __init__(
        self,
        architecture: str = "conv",
        shape: tuple[int, int, int] = (28, 28, 1),
        latent_dim: int = 2,
        beta: float = 1.0,
        seed: int = 0,
        likelihood: str = "bernoulli",
        sigma: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        height, width, channels = shape  # a list when it comes from JSON
        self.architecture, self.image_shape = architecture, (height, width, channels)
        self.latent_dim, self.beta, self.seed = latent_dim, beta, seed
        self.blueprint = draw(architecture, self.image_shape, latent_dim, likelihood, sigma)
        self.encoder, self.decoder = (
            build(half, seed) for half in (self.blueprint.encoder, self.blueprint.decoder)
        )
        self.objective = elbo(constant(beta))
        self.likelihood = LikelihoodLayer(self.blueprint.likelihood)
        self._pixels = {"likelihood": likelihood, "sigma": sigma}
        self.noise_source = keras.random.SeedGenerator(randomness.number(seed, 0, "fit"))
        self.built = True

    def encode(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the posterior's mean and log_var, both `(n, latent_dim)`.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
        """
        mean, log_var = self.encoder(images)
        return mean, _bounded(log_var)

    def decode(self, latents: tf.Tensor) -> tf.Tensor:
        """Return the logits of the pixels, `(n, height, width, channels)`.

        Args:
            latents: float32 `(n, latent_dim)`.
        """
        return self.decoder(latents)

    def call(self, images: tf.Tensor, noise: tf.Tensor | None = None, draws: int = 1) -> Prediction:
        """Encode, sample and decode; without noise, draw it from the model's own source.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
            noise: Standard normal, `(draws·n, latent_dim)`.
            draws: Latents of each image; the prediction is one of the images `repeated` so often.
        """
        mean, log_var = (repeated(each, draws) for each in self.encode(images))
        if noise is None:
            noise = keras.random.normal(tf.shape(mean), seed=self.noise_source)
        latents = reparametrise(mean, log_var, noise)
        return Prediction(self.decode(latents), mean, log_var, latents)

    def terms(self, images: tf.Tensor, prediction: Prediction, training: bool = False) -> Terms:
        """Return the two terms of each image's negative ELBO from what `call` gave.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
            prediction: What `call` gave.
            training: Whether this is a step of the training, from which a likelihood learns its spread.
        """
        loss = self.likelihood.loss(images, prediction.logits, training)
        return Terms(loss, gaussian_kl(prediction.mean, prediction.log_var))

    def losses_of(
        self, images: tf.Tensor, prediction: Prediction, step: tf.Tensor, training: bool, draws: int = 1
    ) -> tf.Tensor:
        """Return the objective of each image, `(n,)`.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
            prediction: What `call` gave for as many draws.
            step: The step, counted over all epochs from 0.
            training: As in `terms`.
            draws: Latents of each image; objectives of several average over them in their own way.
        """
        terms = self.terms(repeated(images, draws), prediction, training)
        return self.objective(terms, Posterior(*prediction[1:]), step)

    def compute_loss(
        self,
        x: tf.Tensor = None,
        y: tf.Tensor = None,
        y_pred: Any = None,
        sample_weight: tf.Tensor = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the mean objective of a batch; Keras calls it in `fit` and in `evaluate`."""
        step = (
            self.optimizer.iterations.value if getattr(self, "optimizer", None) else tf.constant(0, tf.int64)
        )
        return tf.reduce_mean(self.losses_of(x, Prediction(*y_pred), step, training))

    def get_config(self) -> dict[str, Any]:
        """Return exactly what the constructor takes."""
        return {
            "architecture": self.architecture,
            "shape": self.image_shape,
            "latent_dim": self.latent_dim,
            "beta": self.beta,
            "seed": self.seed,
            **self._pixels,
        }


def repeated(values: tf.Tensor, times: int) -> tf.Tensor:
    """Return each row so many times, one after the other.

    >>> repeated(tf.constant([1, 2]), 2).numpy().tolist()
    [1, 1, 2, 2]
    """
    return values if times == 1 else tf.repeat(values, times, axis=0)


@tf.custom_gradient
def _bounded(log_var: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """Keep log_var within its bound, but let gradients pass: what has left the bound can come back."""
    return tf.clip_by_value(log_var, -LOG_VAR_BOUND, LOG_VAR_BOUND), lambda gradient: gradient
