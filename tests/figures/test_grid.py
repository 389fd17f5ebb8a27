"""Decoded grids and draws from the prior, from Python."""

import numpy as np
import pytest

from vaecli.errors import UsageError
from vaecli.figures.grid import _anew, _places, grid


def test_the_last_epoch_is_a_still_and_all_of_them_move(fabricate):
    run = fabricate(2, name="toy-1")
    still, moving = grid(run), grid(run, epochs="all", beside_latent=True)
    assert still.default_name == "toy-1-grid-0002.png"
    assert still.facts == {
        "run": "toy-1",
        "epochs": [2],
        "shape": [4, 4],
        "dims": [1, 2],
        "at": None,
        "frames": 1,
    }
    assert (moving.default_name, len(moving.frames)) == ("toy-1-grid-beside-latents.gif", 3)
    assert moving.frames[0].shape == moving.frames[-1].shape


def test_any_grid_is_decoded_with_the_weights_of_its_epoch(trained):
    figure = grid(trained, epochs=[1, 4], rows=20, columns=20)
    stored = grid(trained, epochs=[1, 4])
    for found, wanted in zip(figure.frames, stored.frames, strict=True):
        assert np.abs(found.astype(int) - wanted).max() <= 1
    assert grid(trained, rows=3, columns=5, dims=(1, 0), extent=2.0).facts["dims"] == [2, 1]


def test_draws_from_the_prior_follow_from_their_seed(trained):
    first, again, other = (grid(trained, random=6, seed=seed) for seed in (1, 1, 2))
    assert first.default_name == "whole-random-0004.png"
    assert first.facts == {"run": "whole", "epochs": [4], "random": 6, "seed": 1, "frames": 1}
    assert np.array_equal(first.frames[0], again.frames[0])
    assert not np.array_equal(first.frames[0], other.frames[0])


@pytest.mark.parametrize("more", [{"rows": 3}, {"beside_latent": True}, {"epochs": "all"}])
def test_draws_from_the_prior_are_no_grid(fabricate, more):
    with pytest.raises(UsageError, match="--random does not draw a grid"):
        grid(fabricate(1), random=3, **more)


def test_the_plane_of_the_last_epoch_stays_in_all_frames(lively):
    epochs = [0, 4, 8]
    planes = [set(lively.snapshot(epoch).grid_dims.tolist()) for epoch in epochs]
    others = [epoch for epoch, plane in zip(epochs, planes, strict=True) if plane != planes[-1]]
    said = []
    moving = grid(lively, epochs=epochs, say=said.append)
    words = f"Decoded anew in the plane of the last epoch: {', '.join(map(str, others))}."
    assert said == ([words] if others else [])
    dims = [dim - 1 for dim in moving.facts["dims"]]
    for found, wanted in zip(
        moving.frames, grid(lively, epochs=epochs, dims=dims, rows=20, columns=20).frames, strict=True
    ):
        assert np.abs(found.astype(int) - wanted).max() <= 1


def test_the_plane_changes_if_asked_for_or_if_there_are_no_weights(lively, fabricate):
    planes = {frozenset(lively.snapshot(epoch).grid_dims.tolist()) for epoch in (0, 8)}
    said = []
    assert len(grid(lively, epochs=[0, 8], plane="each", say=said.append).frames) == 2
    assert any("the axes name them" in line for line in said) == (len(planes) > 1)
    said = []
    assert _anew(fabricate(2, weights_of=(2,)), [0, 1], np.zeros((2, 2, 2), np.float32), said.append) == {}
    assert said[0].startswith("The plane changes between frames. Run toy-1 ")


def test_latents_outside_the_plane_are_held_where_it_is_asked_for_and_it_is_told(lively):
    held = grid(lively, at="square", rows=3, columns=4)
    index = lively.snapshot(8).index.tolist()
    (place,) = _places(lively, [8], (0, 1), "square", "member", print)
    assert held.facts["at"] == f"square #{place.index}"
    assert place.index in index
    free = grid(lively, rows=3, columns=4)
    assert free.facts["at"] is None
    assert held.frames[0].shape == free.frames[0].shape
    assert (held.frames[0] != free.frames[0]).any()
    assert (held.frames[0][-60:] < 160).any()  # it says so below


def test_they_are_held_at_the_same_image_in_every_epoch(lively):
    first, last = _places(lively, [2, 8], (0, 1), "square", "member", print)
    assert first.index == last.index
    assert (first.latent == lively.snapshot(2).mean[lively.snapshot(2).index == first.index][0]).all()


def test_a_grid_of_all_latents_has_none_to_hold(fabricate):
    with pytest.raises(UsageError, match="run toy-1 has no latent beside those of the grid"):
        grid(fabricate(1, name="toy-1"), at="class 1")
    with pytest.raises(UsageError, match="plane is 'first'.\nExpected one of: last, each"):
        grid(fabricate(1), plane="first")


def test_grids_of_runs_stand_side_by_side(fabricate):
    one, two = fabricate(2, name="one"), fabricate(1, name="two", beta=0.5)
    both = grid(one, compare=[two], epochs="all")
    assert (both.default_name, len(both.frames)) == ("one-two-grid.gif", 3)
    assert both.facts["compared_with"] == ["two"]
    assert both.frames[0].shape[1] > 1.8 * grid(one, epochs="all").frames[0].shape[1]
    with pytest.raises(UsageError, match="--beside-latent and --compare cannot be combined"):
        grid(one, compare=[two], beside_latent=True)
