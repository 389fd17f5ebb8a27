"""Decoded grids and draws from the prior, from Python."""

import numpy as np
import pytest

from vaecli.errors import UsageError
from vaecli.figures.grid import grid


def test_the_last_epoch_is_a_still_and_all_of_them_move(fabricate):
    run = fabricate(2, name="toy-1")
    still, moving = grid(run), grid(run, epochs="all", beside_latent=True)
    assert still.default_name == "toy-1-grid-0002.png"
    assert still.facts == {"run": "toy-1", "epochs": [2], "shape": [4, 4], "dims": [1, 2], "frames": 1}
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


def test_epochs_whose_planes_differ_say_so(fabricate):
    said = []
    grid(fabricate(2, latent_dim=3), epochs="all", say=said.append)
    assert said == []  # those of a fabricated run are all alike
