"""The scatter of the held-out means, from Python."""

import pytest

from vaecli.errors import RunNotFound, UsageError
from vaecli.figures.latent_plot import latent_plot


def test_the_last_epoch_is_a_still_and_all_of_them_move(fabricate):
    run = fabricate(3, name="toy-1")
    still, moving = latent_plot(run), latent_plot(run, epochs="all", fps=4)
    assert (still.default_name, len(still.frames)) == ("toy-1-latents-0003.png", 1)
    assert (moving.default_name, len(moving.frames)) == ("toy-1-latents.gif", 4)
    assert moving.timing.fps == 4
    assert moving.facts == {"run": "toy-1", "compared_with": [], "epochs": [0, 1, 2, 3], "frames": 4}
    assert still.frames[0].shape[0] > 1.5 * moving.frames[0].shape[0]


def test_some_epochs_move_too_and_easing_adds_frames(fabricate):
    run = fabricate(3)
    assert latent_plot(run, epochs=[3, 0]).facts["epochs"] == [0, 3]
    assert len(latent_plot(run, epochs=[0, 3], smooth=True, fps=2).frames) == 11


def test_a_word_means_a_run_of_the_environments_store(fabricate, store, monkeypatch):
    fabricate(1, name="toy-1")
    fabricate(1, name="toy-2", beta=0.0)
    monkeypatch.setenv("VAECLI_ARTIFACTS", str(store.root))
    figure = latent_plot("latest", compare=["toy-1"])
    assert latent_plot("latest", compare="toy-1").facts == figure.facts
    assert (figure.facts["run"], figure.facts["compared_with"]) == ("toy-2", ["toy-1"])
    assert figure.default_name == "toy-2-toy-1-latents-0001.png"
    with pytest.raises(RunNotFound, match="There is no run 'toy-3'.*\nDid you mean"):
        latent_plot("toy-3")


def test_latents_are_counted_from_0(fabricate):
    run = fabricate(1, latent_dim=3)
    assert len(latent_plot(run, dims=(2, 0)).frames) == 1
    with pytest.raises(UsageError, match="Latents 4, 1 do not span a plane"):
        latent_plot(run, dims=(3, 0))


def test_three_runs_stand_side_by_side(fabricate):
    runs = [fabricate(1, name=name, beta=beta) for name, beta in (("a", 1.0), ("b", 0.5), ("c", 2.0))]
    one, three = latent_plot(runs[0], epochs="all"), latent_plot(runs[0], compare=runs[1:], epochs="all")
    assert three.default_name == "a-b-c-latents.gif"
    assert three.frames[0].shape[1] > 2 * one.frames[0].shape[1]


@pytest.mark.parametrize(
    ("other", "message"),
    [({"classes": 4}, "different classes"), ({"latent_dim": 1}, "cannot be drawn on the same scale")],
)
def test_runs_that_do_not_compare_are_refused(fabricate, other, message):
    with pytest.raises(UsageError, match=message):
        latent_plot(fabricate(1, name="one"), compare=[fabricate(1, name="other", **other)])
