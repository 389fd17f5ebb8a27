from __future__ import annotations

import numpy as np
import pytest

from vaecli.blueprint.network import of_config
from vaecli.config import TrainConfig
from vaecli.errors import DamagedArtifact
from vaecli.network import EpochResult, Network, Trainer
from vaecli.network.evaluation import heldout_noise
from vaecli.registry import LIKELIHOODS

SHAPE = (12, 10, 1)


def test_a_network_from_weights_gives_what_the_trainer_gave(
    trained: tuple[Trainer, list[EpochResult]],
) -> None:
    trainer, results = trained
    network = Network.from_weights(trainer.config, SHAPE, trainer.weights())
    mean, log_var = network.encode(trainer.heldout)
    np.testing.assert_array_equal(mean, results[-1].mean)
    np.testing.assert_array_equal(log_var, results[-1].log_var)
    images = np.rint(255 * network.reconstruct(trainer.fixed))
    np.testing.assert_array_equal(images, results[-1].reconstructions)


def test_pixels_lie_between_zero_and_one_and_arrays_are_numpys(
    trained: tuple[Trainer, list[EpochResult]],
) -> None:
    network = trained[0].network
    images = network.decode(np.array([[0, 0], [50, -50]]))
    assert type(images) is np.ndarray
    assert images.shape == (2, *SHAPE)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1


def test_no_images_give_no_encodings(trained: tuple[Trainer, list[EpochResult]]) -> None:
    mean, log_var = trained[0].network.encode(np.zeros((0, *SHAPE), np.uint8))
    assert mean.shape == log_var.shape == (0, 2)


def test_batches_of_seven_equal_one_batch(trained: tuple[Trainer, list[EpochResult]]) -> None:
    trainer = trained[0]
    noise = heldout_noise(0, 1, len(trainer.heldout), 2)
    whole, sevens = (trainer.network.assess(trainer.heldout, noise, batch) for batch in (100, 7))
    for one, other in zip(whole, sevens, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_expected_tensors_are_what_a_trainer_gives(trained: tuple[Trainer, list[EpochResult]]) -> None:
    shapes = {name: value.shape for name, value in trained[0].weights().items()}
    assert of_config(trained[0].config, SHAPE).tensors() == shapes
    assert shapes["encoder/mean/bias"] == (2,)


DAMAGES = {
    "is missing": lambda weights: weights.pop("decoder/logits/bias"),
    "is not part of this network": lambda weights: weights.update(extra=np.zeros(3, np.float32)),
    r"has shape \(4,\) instead of \(120,\)": lambda weights: weights.update(
        {"decoder/logits/bias": np.zeros(4, np.float32)}
    ),
    "is of type float64 instead of float32": lambda weights: weights.update(
        {"decoder/logits/bias": np.zeros(120)}
    ),
    "holds a value that is not a finite number": lambda weights: weights.update(
        {"decoder/logits/bias": np.full(120, np.nan, np.float32)}
    ),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_a_damaged_checkpoint_is_refused_by_the_name_of_the_tensor(
    words: str, trained: tuple[Trainer, list[EpochResult]]
) -> None:
    weights = trained[0].weights()
    DAMAGES[words](weights)
    with pytest.raises(DamagedArtifact, match=f"tensor '(decoder/logits/bias|extra)' {words}"):
        Network.from_weights(trained[0].config, SHAPE, weights)


def test_a_network_larger_than_its_weights_is_refused_before_anything_is_allocated():
    config = TrainConfig(architecture="dense", latent_dim=4096)
    weights = {"encoder/dense_0/kernel": np.zeros((2, 2), np.float32)}
    with pytest.raises(DamagedArtifact, match=r"has shape \(2, 2\) instead of \(3000000000, 512\)"):
        Network.from_weights(config, (50_000, 20_000, 3), weights)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_tensors_of_every_likelihood_are_expected_and_restore_what_it_shows_and_draws(
    likelihood: str, make_trainer
) -> None:
    trainer = make_trainer((6, 5, 3), likelihood=likelihood, images=20, ema=0.0)
    list(trainer.epochs(1, 1))
    weights = trainer.weights()
    assert of_config(trainer.config, (6, 5, 3)).tensors() == {name: w.shape for name, w in weights.items()}
    network = Network.from_weights(trainer.config, (6, 5, 3), weights)
    points = np.random.default_rng(0).standard_normal((7, 2))
    np.testing.assert_array_equal(network.decode(points), trainer.network.decode(points))
    np.testing.assert_array_equal(network.sample(points, 1), trainer.network.sample(points, 1))
    assert not np.array_equal(network.sample(points, 1), network.sample(points, 2))
    assert network.scale() == trainer.network.scale()


def test_many_samples_average_to_what_is_shown(trained: tuple[Trainer, list[EpochResult]]) -> None:
    network = trained[0].network
    samples = network.sample(np.zeros((2000, 2)))
    assert set(np.unique(samples)) == {0.0, 1.0}
    shown = network.decode(np.zeros((1, 2)))[0]
    assert np.abs(samples.mean(axis=0) - shown).max() < 0.06


def test_colour_is_gaussian_unless_the_config_says_otherwise() -> None:
    assert "likelihood/squared_error" in of_config(TrainConfig(), (8, 8, 3)).tensors()
    assert not any("likelihood" in name for name in of_config(TrainConfig(), (8, 8, 1)).tensors())


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_every_pair_of_an_image_and_a_latent_has_its_likelihood(make_trainer, likelihood) -> None:
    trainer = make_trainer(likelihood=likelihood)
    network, images = trainer.network, trainer.heldout[:3]
    latents = np.random.default_rng(0).standard_normal((3, 7, 2)).astype(np.float32)
    found = network.log_likelihood(images, latents)
    assert found.shape == (3, 7)
    noise = np.zeros((3, 2), np.float32)
    mean, _, reconstruction, _ = network.assess(images, noise)
    at_the_mean = network.log_likelihood(images, mean[:, None])[:, 0]
    np.testing.assert_allclose(at_the_mean, -reconstruction, rtol=1e-5)
    pairing = network.naturals(latents[0])
    if pairing is None:
        assert likelihood == "logistic"
        return
    same = np.repeat(latents[:1], 3, axis=0)
    pixels = images.reshape(3, -1) / 255
    apart = network.log_likelihood(images, same) - (pixels @ pairing[1].T - pairing[0])
    np.testing.assert_allclose(apart, apart[:, :1].repeat(7, axis=1), rtol=1e-4, atol=2e-3)
