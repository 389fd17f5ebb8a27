from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
import tensorflow as tf

from vaecli.errors import DamagedArtifact, TrainingDiverged
from vaecli.images import to_uint8
from vaecli.network import EpochResult, Progress, StopTraining, Trainer
from vaecli.network.inference import Network
from vaecli.registry import ARCHITECTURES, LIKELIHOODS

MakeTrainer = Callable[..., Trainer]
CLOCKS = {"images_per_second", "training_seconds", "evaluation_seconds"}


def figures(result: EpochResult) -> dict[str, object]:
    """Return the metrics of an epoch that no clock decides."""
    return {name: value for name, value in asdict(result.metrics).items() if name not in CLOCKS}


def assert_same(one: Trainer, other: Trainer, results: list[EpochResult], others: list[EpochResult]) -> None:
    """Compare two trainings bit for bit: weights, optimizer, metrics and arrays."""
    for ours, theirs in ((one.weights(), other.weights()), (one.optimizer_state(), other.optimizer_state())):
        assert {name: value.tobytes() for name, value in ours.items()} == {
            name: value.tobytes() for name, value in theirs.items()
        }
    for result, twin in zip(results, others, strict=True):
        assert figures(result) == figures(twin)
        for array in ("mean", "log_var", "grid", "grid_latents", "reconstructions"):
            assert getattr(result, array).tobytes() == getattr(twin, array).tobytes()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", [(12, 10, 1), (9, 13, 3)])
def test_every_architecture_learns_images_of_any_shape(
    architecture: str, shape: tuple[int, int, int], make_trainer: MakeTrainer
) -> None:
    trainer = make_trainer(shape, architecture=architecture, learning_rate=2e-3)
    untrained, *_, last = trainer.epochs(0, 2)
    assert last.metrics.negative_elbo < untrained.metrics.negative_elbo
    assert last.grid.shape[2:] == shape


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    make_trainer: MakeTrainer, trained: tuple[Trainer, list[EpochResult]]
) -> None:
    again, other = make_trainer(), make_trainer(seed=1)
    assert_same(trained[0], again, trained[1], list(again.epochs(0, 2)))
    results = list(other.epochs(0, 2))
    assert figures(results[-1]) != figures(trained[1][-1])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_two_epochs_and_two_more_equal_four_to_the_bit(architecture: str, make_trainer: MakeTrainer) -> None:
    whole, first, second = (make_trainer(architecture=architecture, epochs=4) for _ in range(3))
    results = list(whole.epochs(0, 4))
    list(first.epochs(0, 2))
    second.restore(first.weights(), first.optimizer_state())
    assert_same(whole, second, results[3:], list(second.epochs(3, 4)))


def test_an_epoch_is_evaluated_with_the_average_of_the_weights_and_trained_with_their_own_values(
    make_trainer: MakeTrainer,
) -> None:
    plain, averaged = make_trainer(ema=0.0), make_trainer(ema=0.9)
    for ours, theirs in zip(averaged.epochs(0, 2), plain.epochs(0, 2), strict=True):
        assert ours.metrics.training_loss == theirs.metrics.training_loss
    own = {name: value for name, value in averaged.optimizer_state().items() if name.endswith("/current")}
    assert {f"{name}/current": value.tobytes() for name, value in plain.weights().items()} == {
        name: value.tobytes() for name, value in own.items()
    }
    shape, images = (12, 10, 1), averaged.fixed
    kept = Network.from_weights(averaged.config, shape, averaged.weights())
    np.testing.assert_array_equal(to_uint8(kept.reconstruct(images)), ours.reconstructions)
    assert not np.array_equal(ours.reconstructions, theirs.reconstructions)


def test_a_training_with_averaged_weights_resumes_to_the_bit(make_trainer: MakeTrainer) -> None:
    whole, first, second = (make_trainer(ema=0.9, epochs=4) for _ in range(3))
    results = list(whole.epochs(0, 4))
    list(first.epochs(0, 2))
    second.restore(first.weights(), first.optimizer_state())
    assert_same(whole, second, results[3:], list(second.epochs(3, 4)))


def test_the_weight_of_the_kl_rises_to_beta_within_the_epochs_of_its_warm_up(
    make_trainer: MakeTrainer,
) -> None:
    trainer = make_trainer(beta=4.0, kl_warmup=1.5)
    images = tf.random.stateless_uniform((3, 12, 10, 1), (0, 1))
    prediction = trainer.vae.call(images, tf.zeros((3, trainer.config.latent_dim)))
    prediction = prediction._replace(mean=prediction.mean + 1.0)  # a KL of at least ½ per latent
    terms = trainer.vae.terms(images, prediction)
    for step, weight in ((0, 0.0), (trainer.steps, 4.0 / 1.5), (2 * trainer.steps, 4.0)):
        losses = trainer.vae.losses_of(images, prediction, tf.constant(step, tf.int64), training=False)
        expected = terms.reconstruction + weight * tf.reduce_sum(terms.kl, axis=1)
        np.testing.assert_allclose(losses, expected, rtol=1e-5)


OBJECTIVES = (
    {"free_bits": 0.5},
    {"capacity": "5:1", "gamma": 1.0},
    {"objective": "iwae", "importance_samples": 3},
    {"objective": "tc", "beta": 4.0},
)


@pytest.mark.parametrize("knobs", OBJECTIVES, ids=str)
def test_every_objective_learns_and_resumes_to_the_bit(
    knobs: dict[str, object], make_trainer: MakeTrainer
) -> None:
    whole, first, second = (make_trainer(epochs=4, **knobs) for _ in range(3))
    results = list(whole.epochs(0, 4))
    list(first.epochs(0, 2))
    second.restore(first.weights(), first.optimizer_state())
    assert_same(whole, second, results[3:], list(second.epochs(3, 4)))
    assert results[-1].metrics.training_loss < results[1].metrics.training_loss
    assert results[-1].metrics.negative_elbo == pytest.approx(
        results[-1].metrics.reconstruction + results[-1].metrics.kl
    )


def test_several_latents_of_an_image_are_decoded_beside_it(make_trainer: MakeTrainer) -> None:
    vae = make_trainer().vae
    images = tf.random.stateless_uniform((2, 12, 10, 1), (0, 1))
    noise = tf.random.stateless_normal((6, 2), (0, 2))
    several = vae.call(images, noise, draws=3)
    for draw in range(3):
        one = vae.call(images, noise[draw::3])
        for found, expected in zip(several, one, strict=True):
            np.testing.assert_allclose(found[draw::3], expected, rtol=1e-5, atol=1e-6)
    assert vae.terms(tf.repeat(images, 3, axis=0), several).reconstruction.shape == (6,)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_every_likelihood_learns_colour_and_resumes_to_the_bit(
    likelihood: str, make_trainer: MakeTrainer
) -> None:
    shape = (9, 7, 3)
    whole, first, second = (make_trainer(shape, likelihood=likelihood, epochs=4) for _ in range(3))
    results = list(whole.epochs(0, 4))
    list(first.epochs(0, 2))
    second.restore(first.weights(), first.optimizer_state())
    assert_same(whole, second, results[3:], list(second.epochs(3, 4)))
    assert results[-1].metrics.negative_elbo < results[0].metrics.negative_elbo
    assert results[-1].metrics.squared_error < results[0].metrics.squared_error


def test_the_spread_that_was_learnt_is_stored_and_never_trained_by_gradients(
    make_trainer: MakeTrainer,
) -> None:
    trainer = make_trainer(likelihood="gaussian", epochs=20)
    *_, last = trainer.epochs(0, 20)
    assert trainer.weights()["likelihood/squared_error"].shape == (2,)
    assert not any("likelihood" in name for name in trainer.optimizer_state())
    assert last.metrics.pixel_scale == pytest.approx(np.sqrt(last.metrics.squared_error), rel=0.3)
    scale = make_trainer(likelihood="logistic")
    list(scale.epochs(0, 2))
    assert "likelihood/log_scale/first_moment" in scale.optimizer_state()
    assert scale.weights()["likelihood/log_scale"] != pytest.approx(np.log(0.1), abs=1e-6)


def test_a_fixed_sigma_stays_and_costs_more_than_the_optimal_one(make_trainer: MakeTrainer) -> None:
    fixed, optimal = (
        list(make_trainer(likelihood="gaussian", sigma=sigma).epochs(0, 2))[-1].metrics
        for sigma in (1.0, None)
    )
    assert fixed.pixel_scale == 1.0
    assert fixed.negative_elbo > optimal.negative_elbo + 0.4 * 120


def test_resuming_without_the_optimizers_state_gives_other_bytes(make_trainer: MakeTrainer) -> None:
    whole, second = make_trainer(), make_trainer()
    list(whole.epochs(0, 1))
    second.restore(whole.weights(), second.optimizer_state())
    list(whole.epochs(2, 2))
    list(second.epochs(2, 2))
    assert (
        whole.weights()["decoder/logits/kernel"].tobytes()
        != second.weights()["decoder/logits/kernel"].tobytes()
    )


def test_no_number_depends_on_how_an_epoch_is_cut_into_chunks(make_trainer: MakeTrainer) -> None:
    one_by_one, at_once = make_trainer(chunk_seconds=0), make_trainer(chunk_seconds=1e6)
    calls: tuple[list[Progress], list[Progress]] = ([], [])
    results = list(one_by_one.epochs(0, 2, calls[0].append))
    others = list(at_once.epochs(0, 2, calls[1].append))
    assert_same(one_by_one, at_once, results, others)
    assert len(calls[0]) == 8
    assert len(calls[1]) < 8


def test_progress_counts_the_steps_and_ends_with_the_epochs_own_loss(make_trainer: MakeTrainer) -> None:
    seen: list[Progress] = []
    trainer = make_trainer(chunk_seconds=0)
    results = list(trainer.epochs(0, 2, seen.append))
    assert [(entry.epoch, entry.step, entry.steps) for entry in seen] == [
        (epoch, step, 4) for epoch in (1, 2) for step in (1, 2, 3, 4)
    ]
    assert seen[-1].loss == results[-1].metrics.training_loss
    assert all(entry.images_per_second > 0 for entry in seen)


def test_stopping_drops_the_unfinished_epoch_and_keeps_those_before(make_trainer: MakeTrainer) -> None:
    seen: list[Progress] = []
    epochs = make_trainer(chunk_seconds=0).epochs(0, 2, seen.append, lambda: len(seen) == 6)
    assert [next(epochs).epoch, next(epochs).epoch] == [0, 1]
    with pytest.raises(StopTraining):
        next(epochs)
    assert (seen[-1].epoch, seen[-1].step) == (2, 2)


def test_a_huge_learning_rate_ends_in_words_and_not_in_numbers(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer(architecture="conv", learning_rate=10.0, epochs=40)
    with pytest.raises(TrainingDiverged, match=r"is not a finite number in epoch \d+") as caught:
        list(trainer.epochs(0, 40))
    assert "Lower --learning-rate" in str(caught.value)


def test_the_step_at_which_the_loss_broke_is_named(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    list(trainer.epochs(1, 1))
    trainer.variables["encoder/mean/bias"].assign([np.nan, 0.0])
    with pytest.raises(
        TrainingDiverged, match="the training loss is not a finite number in epoch 2 at step 1"
    ):
        list(trainer.epochs(2, 2))


def test_without_the_kl_term_the_means_spread_and_the_kl_is_still_reported(make_trainer: MakeTrainer) -> None:
    free, bound = (list(make_trainer(beta=beta, epochs=20).epochs(1, 20))[-1] for beta in (0.0, 1.0))
    assert free.mean.var(axis=0).sum() > bound.mean.var(axis=0).sum()
    assert free.metrics.kl > bound.metrics.kl
    assert free.metrics.training_loss < free.metrics.negative_elbo


def test_fewer_images_than_a_batch_train_in_one_step_per_epoch(make_trainer: MakeTrainer) -> None:
    seen: list[Progress] = []
    trainer = make_trainer(images=5, batch_size=128)
    results = list(trainer.epochs(0, 2, seen.append))
    assert [entry.steps for entry in seen] == [1, 1]
    assert np.isfinite(results[-1].metrics.training_loss)


def test_the_last_partial_batch_weighs_as_many_images_as_it_has(make_trainer: MakeTrainer) -> None:
    seen: list[Progress] = []
    trainer = make_trainer(
        images=17, batch_size=16, learning_rate=1e-30, schedule="constant", chunk_seconds=0
    )
    list(trainer.epochs(1, 1, seen.append))
    assert seen[1].loss == pytest.approx(seen[0].loss, rel=0.02)


def test_many_trainings_in_one_process_cause_no_chatter(
    make_trainer: MakeTrainer, caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(6):
        list(make_trainer((4, 4, 1), images=8, seed=seed, epochs=1).epochs(0, 1))
    assert caplog.text == ""


def test_the_learning_rate_reported_is_that_of_the_last_step(
    trained: tuple[Trainer, list[EpochResult]],
) -> None:
    rates = [result.metrics.learning_rate for result in trained[1]]
    assert rates[0] == pytest.approx(2e-3)
    assert rates[1] == pytest.approx(1e-3 * (1 + np.cos(np.pi * 3 / 8)))
    assert 0 < rates[2] < 1e-4


def test_a_checkpoint_of_another_network_is_refused_and_changes_nothing(
    make_trainer: MakeTrainer, trained: tuple[Trainer, list[EpochResult]]
) -> None:
    trainer = make_trainer(latent_dim=3)
    before = trainer.weights()
    with pytest.raises(
        DamagedArtifact, match=r"tensor 'encoder/mean/kernel' has shape \(256, 2\) instead of \(256, 3\)"
    ):
        trainer.restore(trained[0].weights(), trained[0].optimizer_state())
    assert all(np.array_equal(before[name], value) for name, value in trainer.weights().items())


def test_an_optimizer_without_a_moment_is_refused(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    state = trainer.optimizer_state()
    del state["encoder/mean/bias/second_moment"]
    with pytest.raises(DamagedArtifact, match="'encoder/mean/bias/second_moment' is missing"):
        trainer.restore(trainer.weights(), state)


def test_parameters_are_counted_by_half(trained: tuple[Trainer, list[EpochResult]]) -> None:
    counts = trained[0].parameter_counts()
    assert counts["total"] == counts["encoder"] + counts["decoder"]
    assert counts["total"] == sum(weight.size for weight in trained[0].weights().values())
