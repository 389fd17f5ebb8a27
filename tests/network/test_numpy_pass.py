"""The pass in NumPy gives what Keras gives after training, whatever the network, and nearly so if rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.network.conftest import blobs
from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import of_config
from vaecli.images import to_uint8
from vaecli.network import Trainer
from vaecli.network.inference import Network
from vaecli.registry import ARCHITECTURES, LIKELIHOODS
from vaecli.store.weights import rounded, widened

CASES = [
    *((architecture, shape, 3) for architecture in ARCHITECTURES for shape in ((13, 9, 1), (12, 17, 3))),
    ("conv", (13, 9, 3), 16),
    ("conv-v1", (13, 9, 3), 16),
    ("residual", (13, 9, 3), 16),
]


#: Likelihood that a network was trained for → those whose mean it can be read as.
ALIKE = {"bernoulli": ("bernoulli", "continuous-bernoulli"), "gaussian": ("gaussian", "logistic")}


@pytest.fixture(scope="module", params=CASES, ids=str)
def trained(request: pytest.FixtureRequest, make_trainer: Callable[..., Trainer]) -> Trainer:
    """Return a trainer of each case after an epoch: grey for bernoulli, colour for gaussian."""
    architecture, shape, latent_dim = request.param
    trainer = make_trainer(shape, images=20, architecture=architecture, latent_dim=latent_dim)
    list(trainer.epochs(1, 1))
    return trainer


def latents_of(trainer: Trainer, count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, trainer.vae.latent_dim)).astype(np.float32)


def test_the_pass_in_numpy_agrees_with_keras_on_trained_weights(trained: Trainer) -> None:
    shape, weights = trained.vae.image_shape, trained.weights()
    keras, images = Network.from_weights(trained.config, shape, weights), blobs(7, shape, seed=2)
    numpy = Interpreter(of_config(trained.config, shape), weights)
    for ours, theirs in zip(numpy.encode(images), keras.encode(images), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    latents = latents_of(trained, 7)
    np.testing.assert_allclose(numpy.decode(latents), keras.decode(latents), atol=1e-5)
    np.testing.assert_allclose(numpy.reconstruct(images), keras.reconstruct(images), atol=1e-5)


def test_rounded_weights_draw_the_same_to_one_grey_level(trained: Trainer) -> None:
    shape, images, latents = (
        trained.vae.image_shape,
        blobs(20, trained.vae.image_shape),
        latents_of(trained, 50),
    )
    assert trained.config.likelihood is not None
    for name in ALIKE[trained.config.likelihood]:
        likelihood = LIKELIHOODS[name].make(None)
        blueprint = replace(of_config(trained.config, shape), likelihood=likelihood)
        own = {
            f"likelihood/{each.name}": np.full(each.shape, 0.01, np.float32) for each in likelihood.weights
        }
        weights = {
            key: tensor for key, tensor in {**own, **trained.weights()}.items() if key in blueprint.tensors()
        }
        exact, close = (Interpreter(blueprint, each) for each in (weights, widened(rounded(weights), "")))
        for wanted, found in (
            (exact.decode(latents), close.decode(latents)),
            (exact.reconstruct(images), close.reconstruct(images)),
        ):
            assert np.abs(to_uint8(wanted).astype(int) - to_uint8(found)).max() <= 1
            assert not np.array_equal(wanted, found)


def test_every_likelihood_is_drawn_with_rounded_weights() -> None:
    assert {name for names in ALIKE.values() for name in names} == set(LIKELIHOODS)
