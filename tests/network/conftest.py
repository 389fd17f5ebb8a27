"""A few tiny, non-square images and one tiny training that several modules look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecli.config import TrainConfig
from vaecli.network import EpochResult, Network, Trainer

MakeTrainer = Callable[..., Trainer]


def blobs(count: int, shape: tuple[int, int, int], seed: int = 0) -> NDArray[np.uint8]:
    """Draw bright discs at random positions on black: something that can be learnt."""
    height, width, channels = shape
    random = np.random.default_rng(seed)
    rows, columns = random.uniform(0, height, (count, 1, 1)), random.uniform(0, width, (count, 1, 1))
    y, x = np.arange(height)[None, :, None], np.arange(width)[None, None, :]
    discs = np.exp(-((y - rows) ** 2 + (x - columns) ** 2) / 8.0)
    colour = random.uniform(0.5, 1.0, (count, 1, 1, channels))
    return np.rint(255 * discs[..., None] * colour).astype(np.uint8)


def kept(trainer: Trainer) -> Network:
    """Return the network with the weights that a trainer's epochs are evaluated and kept with."""
    return Network.from_weights(trainer.config, trainer.vae.image_shape, trainer.weights())


@pytest.fixture(scope="session")
def make_trainer() -> MakeTrainer:
    """Return a factory of trainers on 50 images of 12 × 10 pixels, two epochs of four steps."""

    def make(shape: tuple[int, int, int] = (12, 10, 1), images: int = 50, **knobs: object) -> Trainer:
        chunk_seconds = knobs.pop("chunk_seconds", 0.25)
        knobs = {"architecture": "dense", "epochs": 2, "batch_size": 16, **knobs}
        train, heldout = blobs(images, shape), blobs(23, shape, seed=1)
        return Trainer(TrainConfig(**knobs), train, heldout, heldout[:4], chunk_seconds)

    return make


@pytest.fixture(scope="session")
def trained(make_trainer: MakeTrainer) -> tuple[Trainer, list[EpochResult]]:
    """Return a dense trainer after two epochs and the results of epochs 0, 1 and 2."""
    trainer = make_trainer()
    return trainer, list(trainer.epochs(0, 2))
