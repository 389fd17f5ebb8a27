"""What an epoch leaves behind: held-out figures, encodings, the grid and reconstructions."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from vaecli import latents
from vaecli.images import ImageSource, to_uint8
from vaecli.metrics import EpochMetrics
from vaecli.network import randomness
from vaecli.network.divergence import require_finite
from vaecli.network.inference import Floats, Images, Network


@dataclass(frozen=True)
class EpochTraining:
    """What the training half of an epoch reports; the defaults are those of epoch 0."""

    learning_rate: float  # of the epoch's last step
    loss: float | None = None  # mean over the epoch's images
    seconds: float = 0.0
    images_per_second: float | None = None


@dataclass(frozen=True)
class EpochResult:
    """An epoch's metrics and all that its pictures are drawn from."""

    epoch: int
    metrics: EpochMetrics
    mean: Floats  # (n, latent_dim)
    log_var: Floats  # (n, latent_dim)
    grid: Images  # (rows, columns, height, width, channels)
    grid_latents: Floats  # (rows, columns, latent_dim)
    grid_dims: tuple[int, ...]
    reconstructions: Images  # (k, height, width, channels), decoded from the mean


def evaluate(
    network: Network, heldout: ImageSource, fixed: Images, seed: int, epoch: int, training: EpochTraining
) -> EpochResult:
    """Evaluate a network on all held-out images.

    Args:
        network: The network as it is now.
        heldout: uint8 `(n, height, width, channels)`.
        fixed: The few images to reconstruct, uint8 `(k, height, width, channels)`.
        seed: The noise follows from it and the epoch.
        epoch: 0 for the untrained network.
        training: What to report of the training half of the epoch.

    Raises:
        TrainingDiverged: If an encoding, a figure or a decoded pixel is not a finite number.
    """
    clock = time.perf_counter()
    latent_dim = network.vae.latent_dim
    mean, log_var, terms, squared = network.assess(
        heldout, heldout_noise(seed, epoch, len(heldout), latent_dim)
    )
    reconstruction, kl = float(terms.mean(dtype=np.float64)), latents.kl_per_latent(mean, log_var)
    dims = latents.grid_dims(kl)
    points = latents.grid(1 if latent_dim == 1 else latents.GRID_SIDE, latents.GRID_SIDE, latent_dim, dims)
    grid = network.decode(points.reshape(-1, latent_dim))
    reconstructions = network.reconstruct(fixed)
    require_finite(
        {
            "held-out reconstruction": terms,
            "held-out KL": kl,
            "held-out squared error": squared,
            "grid": grid,
            "reconstructions": reconstructions,
        },
        epoch,
    )
    negative_elbo = reconstruction + float(kl.sum())
    metrics = EpochMetrics(
        negative_elbo=negative_elbo,
        reconstruction=reconstruction,
        kl=float(kl.sum()),
        kl_per_latent=tuple(kl.tolist()),
        active_units=latents.active_units(mean),
        squared_error=float(squared.mean(dtype=np.float64)),
        pixel_scale=network.scale(),
        bits_per_dimension=bits_per_dimension(negative_elbo, heldout.shape[1:])
        if network.vae.likelihood.kind.is_discrete
        else None,
        training_loss=training.loss,
        images_per_second=training.images_per_second,
        training_seconds=training.seconds,
        evaluation_seconds=time.perf_counter() - clock,
        learning_rate=training.learning_rate,
    )
    return EpochResult(
        epoch=epoch,
        metrics=metrics,
        mean=mean,
        log_var=log_var,
        grid=to_uint8(grid).reshape(*points.shape[:2], *heldout.shape[1:]),
        grid_latents=points,
        grid_dims=dims,
        reconstructions=to_uint8(reconstructions),
    )


def bits_per_dimension(negative_elbo: float, shape: tuple[int, ...]) -> float:
    """Return nats per image as bits per pixel and channel.

    >>> round(bits_per_dimension(3072 * math.log(256), (32, 32, 3)), 6)
    8.0
    """
    return negative_elbo / (math.prod(shape) * math.log(2.0))


def heldout_noise(seed: int, epoch: int, count: int, latent_dim: int) -> Floats:
    """Return the noise of an evaluation, `(count, latent_dim)`, drawn whole: batches share it."""
    key = randomness.key(seed, epoch, "evaluation")
    return tf.random.stateless_normal((count, latent_dim), key, alg="philox").numpy()
