"""Draws beside held-out images, in the features of a classifier that is kept."""

import numpy as np
import pytest

from vaecli.assessment import evaluate
from vaecli.assessment.draws import latents_of
from vaecli.assessment.judge import judge_of
from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.errors import UsageError
from vaecli.training import train


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vaecli" / "classifiers"


@pytest.fixture(scope="module")
def stripes():
    """Return noisy images of two classes: stripes that lie, and stripes that stand."""
    random = np.random.default_rng(0)
    labels = np.arange(500) % 2
    lying = np.where(np.arange(12)[:, None] % 4 < 2, 200, 30) + np.zeros((12, 12), int)
    noise = random.integers(-30, 31, (500, 12, 12))
    images = np.where(labels[:, None, None] == 1, lying.T, lying) + noise
    images = np.clip(images, 0, 255).astype(np.uint8)
    return Dataset.from_arrays(
        "stripes", images[:400], labels[:400], heldout_images=images[400:], heldout_labels=labels[400:]
    )


def test_a_classifier_learns_its_classes_and_is_kept(stripes, cache):
    said = []
    first = judge_of(stripes, said.append)
    assert first.accuracy == 1.0
    assert said == ["Training a classifier whose features draws are compared in; then it is kept …"]
    again = judge_of(stripes, said.append)
    assert (again.digest, again.accuracy, len(said)) == (first.digest, 1.0, 1)
    images = stripes.heldout.images
    np.testing.assert_array_equal(again.features(images), first.features(images))
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    assert judge_of(stripes, said.append).digest == first.digest
    assert len(said) == 2


def test_fewer_training_images_make_another_classifier(stripes):
    whole, few = judge_of(stripes, str), judge_of(stripes.limited(train=100), str)
    assert whole.digest != few.digest


def test_training_images_are_nearer_than_draws_of_an_untrained_network(stripes, store):
    run = train(stripes, TrainConfig(architecture="dense", epochs=3, batch_size=32), store)
    untrained, said = evaluate(run, stripes, epoch=3, sampler="prior"), []
    for name in ("frechet_distance", "kernel_distance"):
        assert untrained[f"{name}_of_images"].value < untrained[name].value
    assert untrained["coverage_of_images"].value > 0.8
    how = untrained["frechet_distance"].how
    assert how["sampler"] == "prior"
    assert (how["draws"], how["images"], how["classifier_accuracy"]) == (100, 100, 1.0)
    assert len(how["classifier"]) == 12
    evaluate(run, stripes, sampler="gaussian-mixture", say=said.append)
    assert said == []  # the classifier was kept


def test_a_mixture_draws_where_the_encodings_are(stripes, store):
    from vaecli.assessment.subject import observe
    from vaecli.network import Network

    run = train(stripes, TrainConfig(architecture="dense", epochs=3, batch_size=32, beta=0.1), store)
    network = Network.from_weights(run.config, run.dataset.shape, run.checkpoint().weights)
    noise = np.zeros((100, 2), np.float32)
    subject = observe(run, stripes, stripes.heldout, network, noise, 0)
    drawn = latents_of(subject, "gaussian-mixture", 5000)
    mean, log_var = network.encode(stripes.train.images)
    spread = np.sqrt(mean.var(axis=0) + np.exp(log_var).mean(axis=0))
    np.testing.assert_allclose(drawn.mean(axis=0), mean.mean(axis=0), atol=0.15 * spread.max())
    np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.15)


def test_images_without_classes_have_no_classifier_and_this_is_said(store):
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    dataset = Dataset.from_arrays("plain", images[:50], heldout_images=images[50:])
    run = train(dataset, TrainConfig(architecture="dense", epochs=1), store)
    said = []
    assert "frechet_distance" not in evaluate(run, dataset, sampler="prior", say=said.append).estimates
    assert said[-1] == "Draws are not compared with images: plain has no classes to train a classifier on."


def test_where_there_cannot_be_as_many_components_there_are_no_draws_of_them(stripes, store):
    config = TrainConfig(architecture="dense", epochs=1, latent_dim=12)
    found = evaluate(train(stripes.limited(train=10), config, store), stripes.limited(10), sampler="prior")
    assert {"frechet_distance", "squared_error"} <= found.estimates.keys()
    assert not {"frechet_distance_of_pca", "pca_squared_error"} & found.estimates.keys()


def test_too_few_images_have_no_neighbourhoods_and_this_is_said(trained, dataset):
    said = []
    assert "density" not in evaluate(trained, dataset, images=5, sampler="prior", say=said.append).estimates
    assert said[-1] == "Draws are not compared with images: there are 5, and it takes more than 5."


def test_a_sampler_that_there_is_not_is_named(trained, dataset):
    with pytest.raises(UsageError, match=r"sampler is 'flow'.\nExpected one of: prior, gaussian-mixture."):
        evaluate(trained, dataset, sampler="flow")
    with pytest.raises(UsageError, match="Draws are compared with held-out images"):
        evaluate(trained, dataset, split="train", sampler="prior")
