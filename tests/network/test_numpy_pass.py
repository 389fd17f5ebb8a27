"""The pass in NumPy gives what Keras gives, whatever the network, after training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.network.conftest import blobs
from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import of_config
from vaecli.network import Trainer
from vaecli.network.inference import Network
from vaecli.registry import ARCHITECTURES

CASES = [
    *((architecture, shape, 3) for architecture in ARCHITECTURES for shape in ((13, 9, 1), (12, 17, 3))),
    ("conv", (13, 9, 3), 16),
    ("conv-v1", (13, 9, 3), 16),
    ("residual", (13, 9, 3), 16),
]


@pytest.mark.parametrize(("architecture", "shape", "latent_dim"), CASES)
def test_the_pass_in_numpy_agrees_with_keras_on_trained_weights(
    architecture: str,
    shape: tuple[int, int, int],
    latent_dim: int,
    make_trainer: Callable[..., Trainer],
) -> None:
    trainer = make_trainer(shape, images=20, architecture=architecture, latent_dim=latent_dim)
    list(trainer.epochs(1, 1))
    keras, images = Network.from_weights(trainer.config, shape, trainer.weights()), blobs(7, shape, seed=2)
    numpy = Interpreter(of_config(trainer.config, shape), trainer.weights())
    for ours, theirs in zip(numpy.encode(images), keras.encode(images), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    latents = np.random.default_rng(0).standard_normal((7, latent_dim)).astype(np.float32)
    np.testing.assert_allclose(numpy.decode(latents), keras.decode(latents), atol=1e-5)
    np.testing.assert_allclose(numpy.reconstruct(images), keras.reconstruct(images), atol=1e-5)
