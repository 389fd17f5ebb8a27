"""Evaluating runs from Python, on the session's one real training."""

from dataclasses import replace

import numpy as np
import pytest

import vaecli
from vaecli.assessment import compare, evaluate
from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.errors import DataError, RunNotFound, UsageError
from vaecli.store import Store
from vaecli.training import train


def test_the_figures_are_those_that_were_kept_while_training(trained, dataset):
    for epoch in (0, 2, 4):
        found, kept = evaluate(trained, dataset, epoch=epoch), trained.metrics(epoch)
        assert found.protocol.epoch == epoch
        assert found["negative_elbo"].value == pytest.approx(kept.negative_elbo, rel=1e-5)
        assert found["kl"].value == pytest.approx(kept.kl, rel=1e-4, abs=1e-6)
        assert found["squared_error"].value == pytest.approx(kept.squared_error, rel=1e-5)
        assert [each.value for each in found.kl_per_latent] == pytest.approx(kept.kl_per_latent, rel=1e-3)
        assert found["active_units"].value == kept.active_units


def test_the_standard_errors_are_those_of_the_single_images(trained, dataset):
    found = evaluate(trained, dataset)
    values = found.per_image.negative_elbo
    assert found["negative_elbo"].value == pytest.approx(values.mean())
    assert found["negative_elbo"].error == pytest.approx(values.std(ddof=1) / np.sqrt(20))
    assert values == pytest.approx(found.per_image.reconstruction + found.per_image.kl)
    assert found.per_image.label[4] == dataset.class_names[dataset.heldout.labels[4]]


def test_training_images_are_evaluated_when_asked_for(trained, dataset):
    found = evaluate(trained, dataset, split="train", images=12)
    assert (found.protocol.split, found.protocol.images, found.protocol.of) == ("train", 12, 60)
    assert found.per_image.index.tolist() == dataset.train.spread(12).index.tolist()


def test_an_image_has_the_same_figures_whichever_others_are_evaluated(trained, dataset):
    whole, few = evaluate(trained, dataset), evaluate(trained, dataset, images=7)
    expected = whole.per_image.negative_elbo[few.per_image.index]
    np.testing.assert_allclose(few.per_image.negative_elbo, expected, rtol=1e-5)


def test_another_seed_draws_other_latents(trained, dataset):
    first, again, other = (evaluate(trained, dataset, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.per_image.reconstruction, again.per_image.reconstruction)
    assert not np.array_equal(first.per_image.reconstruction, other.per_image.reconstruction)
    np.testing.assert_array_equal(first.per_image.kl, other.per_image.kl)


@pytest.fixture(scope="module")
def others(dataset, tmp_path_factory):
    """Return two more runs on the same images: one with another seed, one with another likelihood."""
    store, config = Store(tmp_path_factory.mktemp("store")), TrainConfig(architecture="dense", epochs=1)
    changes = ({"seed": 5}, {"likelihood": "logistic"})
    return [train(dataset, replace(config, **change), store) for change in changes]


def test_runs_on_the_same_images_differ_image_by_image(trained, dataset, others):
    first, second = evaluate(trained, dataset), evaluate(others[0], dataset)
    difference = compare(second, first)
    found = difference.estimates["negative_elbo"]
    assert found.value == pytest.approx(second["negative_elbo"].value - first["negative_elbo"].value)
    assert found.error < first["negative_elbo"].error + second["negative_elbo"].error
    assert "floor" not in difference.estimates
    assert difference.obstacle == ""


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous-bernoulli", "gaussian"])
def test_both_ways_to_the_marginal_agree_and_lie_below_the_negative_elbo(dataset, store, likelihood):
    wide = {"beta": 4.0, "kl_warmup": 0.0}  # posteriors too wide rather than too narrow: no weight is huge
    config = TrainConfig(architecture="dense", epochs=2, batch_size=16, likelihood=likelihood, **wide)
    found = evaluate(train(dataset, config, store), dataset, importance_samples=20_000, exact=True)
    truth, sampled = found["negative_log_likelihood"], found["importance_weighted"]
    assert (truth.how["images"], sampled.how["samples"]) == (20, 20_000)
    np.testing.assert_allclose(sampled.per_image, truth.per_image, atol=0.05)
    assert found["inference_gap"].value == pytest.approx(found["negative_elbo"].value - truth.value)


def test_without_a_natural_parameter_there_is_no_integral(dataset, others):
    said = []
    found = evaluate(others[1], dataset, exact=True, importance_samples=3, say=said.append)
    assert "negative_log_likelihood" not in found.estimates
    assert said[-1] == "log p(x) cannot be integrated for the likelihood logistic."
    assert found["importance_weighted"].value > 0


def test_three_latents_are_not_integrated_over_and_this_is_said(dataset, store):
    run = train(dataset, TrainConfig(architecture="dense", epochs=1, batch_size=16, latent_dim=3), store)
    said = []
    assert "inference_gap" not in evaluate(run, dataset, exact=True, say=said.append).estimates
    assert said[-1] == "log p(x) is integrated over one or two latents, not over 3."


def test_likelihoods_of_different_kinds_are_not_subtracted(trained, dataset, others):
    found = evaluate(others[1], dataset)
    names = compare(found, evaluate(trained, dataset)).estimates.keys()
    assert {"kl", "squared_error"} <= names
    assert not {"negative_elbo", "reconstruction"} & names
    assert "excess" not in found.estimates
    bits = found["negative_elbo"].value / (120 * np.log(2))
    assert found["bits_per_dimension"].value == pytest.approx(bits)


def test_different_images_cannot_be_paired(trained, dataset):
    whole = evaluate(trained, dataset)
    few = evaluate(trained, dataset, images=7)
    assert "hold out different images" in compare(few, whole).obstacle
    assert compare(few, whole).estimates == {}


def test_another_dataset_than_the_runs_is_refused(trained):
    noise = np.random.default_rng(1).integers(0, 256, (30, 12, 10), dtype=np.uint8)
    other = Dataset.from_arrays("other", noise[:20], heldout_images=noise[20:])
    with pytest.raises(DataError, match=r"Dataset other is not the one .*whole.*\nExpected the fingerprint"):
        evaluate(trained, other)


def test_a_split_that_there_is_not_is_named(trained, dataset):
    with pytest.raises(UsageError, match=r"split is 'test'.\nExpected one of: heldout, train"):
        evaluate(trained, dataset, split="test")


def test_an_epoch_is_evaluated_after_its_checkpoint_is_gone(whole_run, lean, dataset):
    exact, rounded = (evaluate(run, dataset, epoch=2) for run in (whole_run, lean))
    assert rounded["negative_elbo"].value == pytest.approx(exact["negative_elbo"].value, rel=1e-4)
    assert (exact.protocol.weights, rounded.protocol.weights) == ("exact", "rounded")


def test_an_epoch_that_keeps_no_weights_is_named(fabricate, dataset):
    with pytest.raises(RunNotFound, match="keeps no weights of epoch 1.\n.*with weights: 0 and 2"):
        evaluate(fabricate(2, weights_of=(0, 2)), dataset, epoch=1)


def test_evaluating_is_a_verb_of_the_package(trained, dataset):
    assert isinstance(vaecli.evaluate(trained, dataset), vaecli.Evaluation)
