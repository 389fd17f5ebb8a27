from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.network.conftest import kept
from vaecli import latents
from vaecli.errors import TrainingDiverged
from vaecli.network import EpochResult, Trainer
from vaecli.network.evaluation import EpochTraining, evaluate, heldout_noise

Trained = tuple[Trainer, list[EpochResult]]


def test_the_untrained_network_is_an_epoch_like_any_other(trained: Trained) -> None:
    result = trained[1][0]
    assert result.epoch == 0
    assert result.metrics.training_loss is None
    assert result.metrics.images_per_second is None
    assert result.metrics.reconstruction == pytest.approx(120 * np.log(2), rel=0.05)  # grey everywhere
    assert result.mean.shape == (23, 2)


def test_the_elbo_is_its_two_parts_and_the_kl_that_of_the_encodings(trained: Trained) -> None:
    for result in trained[1]:
        metrics = result.metrics
        assert metrics.negative_elbo == pytest.approx(metrics.reconstruction + metrics.kl, rel=1e-12)
        assert metrics.kl == pytest.approx(sum(metrics.kl_per_latent), rel=1e-12)
        assert list(metrics.kl_per_latent) == latents.kl_per_latent(result.mean, result.log_var).tolist()
        assert metrics.active_units == latents.active_units(result.mean)


def test_the_elbo_samples_its_latents_instead_of_taking_the_mean(trained: Trained) -> None:
    trainer, results = trained
    noise = heldout_noise(0, 2, 23, 2)
    assert abs(float(noise.std()) - 1) < 0.3
    sampled = kept(trainer).assess(trainer.heldout, noise)[2].mean()
    at_the_mean = kept(trainer).assess(trainer.heldout, 0 * noise)[2].mean()
    assert results[-1].metrics.reconstruction == pytest.approx(float(sampled), rel=1e-6)
    assert float(sampled) != pytest.approx(float(at_the_mean), rel=1e-4)


def test_beta_leaves_the_reported_elbo_alone(make_trainer: Callable[..., Trainer]) -> None:
    metrics = [next(make_trainer(beta=beta).epochs(0, 0)).metrics for beta in (0.0, 1.0, 8.0)]
    assert len({(entry.negative_elbo, entry.kl) for entry in metrics}) == 1


@pytest.mark.parametrize(("latent_dim", "rows", "dims"), [(1, 1, (0,)), (2, 20, (0, 1)), (5, 20, None)])
def test_the_grid_is_the_decoded_plane_of_the_largest_kl(
    latent_dim: int, rows: int, dims: tuple[int, ...] | None, make_trainer: Callable[..., Trainer]
) -> None:
    trainer = make_trainer(shape=(12, 10, 3), latent_dim=latent_dim)
    result = list(trainer.epochs(0, 1))[-1]
    assert result.grid.shape == (rows, 20, 12, 10, 3)
    assert result.grid_latents.shape == (rows, 20, latent_dim)
    assert result.grid_dims == (dims or latents.grid_dims(result.metrics.kl_per_latent))
    corner = kept(trainer).decode(result.grid_latents[-1, :1])[0]
    assert np.abs(result.grid[-1, 0] - 255 * corner).max() < 0.51


def test_reconstructions_decode_the_mean_of_the_fixed_images(trained: Trained) -> None:
    trainer, results = trained
    result = results[-1]
    assert result.reconstructions.dtype == np.uint8
    decoded = kept(trainer).decode(result.mean[: len(trainer.fixed)])
    assert np.abs(result.reconstructions - 255 * decoded).max() < 0.51


def test_the_squared_error_is_that_of_reconstructions_from_the_mean(trained: Trained) -> None:
    trainer, results = trained
    decoded = kept(trainer).reconstruct(trainer.heldout)
    error = np.mean((trainer.heldout / 255.0 - decoded) ** 2)
    assert results[-1].metrics.squared_error == pytest.approx(float(error), rel=1e-5)


def test_bits_per_dimension_are_told_of_grey_levels_alone(make_trainer: Callable[..., Trainer]) -> None:
    logistic = next(make_trainer(likelihood="logistic").epochs(0, 0)).metrics
    assert logistic.bits_per_dimension == pytest.approx(logistic.negative_elbo / (120 * np.log(2)))
    assert 2 < logistic.bits_per_dimension < 16
    for name, has_scale in (("bernoulli", False), ("continuous-bernoulli", False), ("gaussian", True)):
        metrics = next(make_trainer(likelihood=name).epochs(0, 0)).metrics
        assert metrics.bits_per_dimension is None
        assert (metrics.pixel_scale is not None) == has_scale


def test_a_figure_that_is_not_finite_is_never_handed_on(make_trainer: Callable[..., Trainer]) -> None:
    trainer = make_trainer()
    trainer.variables["decoder/logits/bias"].assign(np.full(120, np.nan, np.float32))
    with pytest.raises(
        TrainingDiverged, match="the held-out reconstruction is not a finite number in epoch 0"
    ):
        evaluate(trainer.network, trainer.heldout, trainer.fixed, 0, 0, EpochTraining(1e-3))
