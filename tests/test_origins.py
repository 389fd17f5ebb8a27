"""Trainings that start with the weights of another run."""

import numpy as np
import pytest

from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.errors import RunNotFound, UsageError
from vaecli.inference import encode
from vaecli.origins import find_origin
from vaecli.store import Store
from vaecli.training import resume, train


@pytest.fixture
def other_images():
    """Return other images of the shape that those of `whole_run` have."""
    images = np.random.default_rng(5).integers(0, 128, (40, 12, 10), dtype=np.uint8)
    labels = np.zeros(20, np.int64)
    return Dataset.from_arrays("dark", images[:20], labels, heldout_images=images[20:], heldout_labels=labels)


def config_from(run, **knobs):
    return TrainConfig(architecture="dense", epochs=2, batch_size=10, origin=f"{run.path}", **knobs)


def test_epoch_0_is_the_network_of_the_other_run_and_run_json_says_which(whole_run, other_images, store):
    run = train(other_images, config_from(whole_run), store)
    assert run.config.origin == f"whole:4:{whole_run.digest[:12]}"
    assert run.config.kl_warmup == 0.0
    theirs, ours = whole_run.checkpoint(4), run.weights(0)
    for name, weight in theirs.weights.items():
        np.testing.assert_allclose(ours[name], weight, atol=2e-3 * np.abs(weight).max())
    images = other_images.heldout.images
    np.testing.assert_allclose(run.snapshot(0).mean, encode(whole_run, images).mean, rtol=1e-3, atol=1e-5)
    assert run.metrics(2).negative_elbo < run.metrics(0).negative_elbo


def test_an_earlier_epoch_can_be_started_from(whole_run):
    store = Store(whole_run.path.parent)
    assert find_origin("whole", store).epoch == 4
    origin = find_origin("whole:2", store)
    assert (origin.epoch, origin.word) == (2, f"whole:2:{whole_run.digest[:12]}")
    assert find_origin(origin.word, store).word == origin.word
    with pytest.raises(RunNotFound, match="has no epoch 9"):
        find_origin("whole:9", store)
    with pytest.raises(UsageError, match="Run whole is not the one that was started from"):
        find_origin("whole:2:000000000000", store)


def test_a_training_that_was_stopped_before_its_first_epoch_starts_from_the_same_weights(
    whole_run, other_images
):
    store = Store(whole_run.path.parent)
    config = config_from(whole_run)
    whole = train(other_images, config, store, name="a")
    stopped = train(other_images, config, store, name="b", should_stop=lambda: "b" in names(store))
    assert stopped.epochs() == (0,)  # epoch 0 takes no step, so nobody is asked before the first one
    for folder in ("epochs", "checkpoints"):
        (stopped.path / folder / "0000").rename(stopped.path / f"gone-{folder}")
    resume(stopped, other_images)
    ours, theirs = stopped.checkpoint().weights, whole.checkpoint().weights
    assert {name: value.tobytes() for name, value in ours.items()} == {
        name: value.tobytes() for name, value in theirs.items()
    }


def names(store):
    return [run.name for run in store.runs()]


@pytest.mark.parametrize(
    ("knobs", "shape", "lines"),
    [
        (
            {"latent_dim": 3},
            (12, 10, 1),
            ("latent-dim is 3, but 2 in run whole.", "Type: --latent-dim 2"),
        ),
        (
            {"likelihood": "gaussian", "sigma": 0.5},
            (12, 10, 1),
            ("likelihood is gaussian, but bernoulli in run whole.", "Type: --likelihood bernoulli"),
        ),
        (
            {},
            (12, 12, 3),
            (
                "Run whole has images of 12 × 10 × 1, and these are of 12 × 12 × 3.",
                "Shape them alike: --size 12x10 --channels 1",
            ),
        ),
    ],
)
def test_another_network_or_other_shapes_are_refused_in_words(knobs, shape, lines, whole_run):
    config = config_from(whole_run, **knobs)
    origin = find_origin(config.origin)
    with pytest.raises(UsageError) as caught:
        origin.weights(config.resolved(shape[2]), shape)
    what, _, mend = str(caught.value).splitlines()
    assert (what, mend) == lines


def test_the_network_is_that_of_the_run_unless_another_is_chosen(whole_run):
    origin = find_origin(str(whole_run.path))
    alike = origin.alike(TrainConfig(latent_dim=7), chosen=["latent_dim", "dataset"])
    assert (alike.architecture, alike.latent_dim, alike.likelihood) == ("dense", 7, "bernoulli")
