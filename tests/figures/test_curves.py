"""How trainings went, from Python."""

import pytest

from vaecli.errors import RunNotFound, UsageError
from vaecli.figures.curves import curves


def test_a_run_is_a_still_or_moves_and_its_figures_are_facts(fabricate):
    run = fabricate(3, name="toy-1")
    still, moving = curves(run), curves(run, moving=True, fps=8)
    assert (still.default_name, len(still.frames)) == ("toy-1-curves.png", 1)
    assert (moving.default_name, len(moving.frames), moving.timing.fps) == ("toy-1-curves.gif", 4, 8)
    (facts,) = still.facts["curves"]
    metrics = run.metrics(2)
    assert facts["epochs"] == [0, 1, 2, 3]
    assert facts["seconds"] == [0.25, 2.0, 3.75, 5.5]
    assert facts["training_loss"][0] is None
    for name in ("negative_elbo", "reconstruction", "kl", "learning_rate", "training_loss", "active_units"):
        assert facts[name][2] == getattr(metrics, name)
    assert facts["kl_per_latent"][2] == list(metrics.kl_per_latent)


def test_several_runs_share_a_picture_against_epochs_or_seconds(fabricate):
    runs = [fabricate(2, name="one"), fabricate(4, name="two", latent_dim=12)]
    figure = curves(*runs, moving=True)
    assert (figure.default_name, len(figure.frames)) == ("one-two-curves.gif", 5)
    assert figure.frames[0].shape[1] > curves(runs[0], moving=True).frames[0].shape[1]
    assert (curves(*runs, against="seconds").frames[0] != curves(*runs).frames[0]).any()


def test_runs_whose_elbos_cannot_be_compared_are_told(fabricate):
    one, said = fabricate(1), []
    curves(one, fabricate(1, beta=0.5), say=said.append)
    assert said == []
    curves(one, fabricate(1, likelihood="logistic"), fabricate(1, fingerprint="1" * 64), say=said.append)
    assert said == [
        "−ELBO and reconstruction cannot be compared: the runs have different likelihoods.",
        "−ELBO and reconstruction cannot be compared: the runs have different images.",
    ]


def test_a_mistake_is_told(fabricate):
    with pytest.raises(UsageError, match="against is 'days'.\\nExpected one of: epochs, seconds"):
        curves(fabricate(1), against="days")
    with pytest.raises(RunNotFound, match="There is no run in"):
        curves("nothing")
