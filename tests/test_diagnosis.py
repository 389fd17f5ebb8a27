"""What is said of a training that ended, from runs whose metrics are known."""

from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import metrics_of, snapshot_of
from vaecli.config import TrainConfig
from vaecli.diagnosis import diagnose, relative_spread, train_command
from vaecli.store import Checkpoint, DatasetRecord, create_run

SHAPE, CLASSES = (12, 10, 1), 3


@pytest.fixture
def ended(store):
    """Return a function that stores a run with given −ELBOs, training losses, active units and pictures."""

    def make(elbos, losses=None, active=None, images=60_000, alike=False, **settings):
        record = DatasetRecord("toy", "0" * 64, "made", SHAPE, ("a", "b", "c"), images, 60)
        config = TrainConfig(dataset="toy", epochs=max(len(elbos) - 1, 1), **settings).resolved(1, images)
        facts = {"parameters": {"encoder": 1, "decoder": 2, "total": 3}, "libraries": {}, "machine": {}}
        with create_run(store, config, record, argv=[], **facts) as writer:
            for epoch, elbo in enumerate(elbos):
                metrics = metrics_of(epoch, config.latent_dim, elbo)
                if losses and epoch:
                    metrics = replace(metrics, training_loss=losses[epoch])
                if active is not None:
                    metrics = replace(metrics, active_units=active)
                snapshot = snapshot_of(epoch, config.latent_dim, SHAPE, CLASSES)
                shown = snapshot.originals
                grey = np.broadcast_to(shown.mean(0).astype(np.uint8), shown.shape)
                snapshot = replace(snapshot, reconstructions=grey.copy() if alike else shown)
                checkpoint = Checkpoint(epoch, {"w": np.zeros(1, np.float32)}, {"s": np.zeros(1)})
                writer.commit(config.epochs, metrics, snapshot, checkpoint, "last")
            return writer.run

    return make


def words_of(run):
    """Return the kinds of what is wrong with a run, and the sentences and commands."""
    found = diagnose(run)
    return [each.kind for each in found], [each.what for each in found], [each.mend for each in found]


def test_a_run_that_learnt_has_no_symptom(ended):
    assert diagnose(ended([550, 270, 260, 258])) == []


def test_a_run_that_was_never_trained_has_no_symptom(ended):
    assert diagnose(ended([550])) == []


def test_a_short_training_is_told_how_many_epochs_are_usual(ended):
    kinds, (what,), (mend,) = words_of(ended([550, 400, 399], images=2000, alike=True, batch_size=128))
    assert kinds == ["short"]  # it explains that the pictures are alike
    assert what == (
        "The training was short: 32 steps in 2 epochs. 2,000 images usually take 24 epochs in batches of 32."
    )
    assert mend == "vaecli train -d toy"


def test_reconstructions_that_are_all_alike_are_told(ended):
    run = ended([550, 400, 399], alike=True, active=0)
    kinds, (what,), (mend,) = words_of(run)
    assert kinds == ["alike"]
    assert what == "The reconstructions are all alike: their variance is 0.0% of that of the images."
    assert mend == "vaecli train -d toy -e 4 --kl-warmup 2"
    assert relative_spread(run) == 0


def test_perfect_reconstructions_vary_as_the_images_do(ended):
    assert relative_spread(ended([550, 400])) == 1


@pytest.mark.parametrize(
    ("active", "beta", "begin", "command"),
    [
        (0, 1.0, "No latent is active", "vaecli train -d toy -z 5 -e 3 --kl-warmup 1.5"),
        (2, 1.0, "2 of 5 latents are active", "vaecli train -d toy -z 5 -e 3 --kl-warmup 1.5"),
        (1, 8.0, "1 of 5 latents are active", "vaecli train -d toy -z 5 -e 3"),
    ],
)
def test_collapsed_latents_are_told(ended, active, beta, begin, command):
    kinds, (what,), (mend,) = words_of(ended([550, 270, 260, 258], active=active, latent_dim=5, beta=beta))
    assert kinds == ["collapsed"]
    assert what.startswith(begin)
    assert mend == command


def test_a_collapse_under_the_total_correlation_is_told_to_train_without_it(ended):
    run = ended([550, 270, 260, 258], active=1, latent_dim=5, objective="tc", beta=8.0)
    kinds, _, (mend,) = words_of(run)
    assert (kinds, mend) == (["collapsed"], "vaecli train -d toy -z 5 -e 3")


def test_over_fitting_is_told_with_the_epoch_that_was_best(ended):
    run = ended([550, 270, 262, 270, 280], losses=[0, 280, 260, 240, 220])
    kinds, (what,), (mend,) = words_of(run)
    assert kinds == ["overfitted"]
    assert what == (
        "Epoch 2 was the best: since then the −ELBO of held-out images has risen by 18.0 nats, while the "
        "loss of the images trained on has fallen: the network learns them by heart."
    )
    assert mend == "vaecli train -d toy -e 2"


def test_a_rise_that_patience_waited_for_is_no_symptom(ended, store):
    run = ended([550, 270, 262, 270, 280], early_stop=1, losses=[0, 280, 260, 240, 220])
    assert [each.kind for each in diagnose(run)] == ["overfitted"]  # it had all its epochs
    (run.path / "epochs" / "0004").rename(run.path / "gone")
    assert (run.state, run.stopped_early(), diagnose(run)) == ("finished", 2, [])


def test_a_training_that_rises_altogether_is_told_to_go_slower(ended):
    kinds, _, (mend,) = words_of(ended([550, 270, 262, 270, 280], losses=[0, 280, 260, 270, 280]))
    assert kinds == ["unsteady"]
    assert mend == "vaecli train -d toy -e 4 --learning-rate 0.0007"


def test_a_training_without_the_kl_term_is_told_what_its_pictures_cannot_show(ended):
    kinds, (what,), (mend,) = words_of(ended([550, 400, 500], beta=0.0))
    assert kinds == ["unregularised"]
    assert "grids and random draws" in what
    assert mend == "vaecli train -d toy -e 2"


def test_the_command_of_a_run_says_no_more_than_is_needed(ended):
    run = ended([550, 270], latent_dim=5, architecture="post", likelihood="gaussian", sigma=0.2, seed=3)
    assert (
        train_command(run) == "vaecli train -d toy -a post -z 5 -e 1 --likelihood gaussian --sigma 0.2 -s 3"
    )
    assert (
        train_command(run, epochs=None, sigma=None, likelihood=None)
        == "vaecli train -d toy -a post -z 5 -s 3"
    )
