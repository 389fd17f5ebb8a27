"""Walks through latent space, from Python."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vaecli.errors import UsageError
from vaecli.figures.interpolate import interpolate
from vaecli.latents import walk


def test_a_walk_is_a_still_or_moves(trained, dataset, tmp_path):
    path = tmp_path / "an image.png"
    Image.fromarray(dataset.heldout.images[3, :, :, 0]).save(path)
    still = interpolate(trained, ["0", [0.5, -1.2], Path(path)], steps=5)
    moving = interpolate(trained, ["0", "1"], steps=4, on_latent=True, moving=True)
    assert (still.default_name, still.facts["stops"]) == (
        "whole-walk-0004.png",
        ["0", "(0.5, −1.2)", "an image.png"],
    )
    start, _, middle, _, file = np.array(still.facts["latents"])
    np.testing.assert_allclose(middle, [0.5, -1.2], rtol=1e-6)
    np.testing.assert_allclose(file, trained.snapshot(4).mean[3], rtol=1e-4, atol=1e-5)
    assert start.shape == (2,)
    assert (moving.default_name, len(moving.frames)) == ("whole-walk-on-latents.gif", 4)


def test_a_walk_through_the_data_passes_the_means_of_held_out_images(trained):
    mean = trained.snapshot(4).mean
    latents = interpolate(trained, ["#0", "#7"], steps=9, path="data").facts["latents"]
    np.testing.assert_allclose(latents, walk(mean[[0, 7]], 9, "data", mean), rtol=1e-6)


def test_an_earlier_epoch_has_its_own_latents(trained):
    first, last = (interpolate(trained, ["0", "1"], steps=3, epoch=epoch) for epoch in (1, 4))
    assert first.facts["latents"] != last.facts["latents"]
    assert first.stem == "whole-walk-0001"


def test_too_few_points_or_steps_are_told_before_anything_is_loaded(fabricate):
    run, said = fabricate(1), []
    for points, steps in ((["class 0"], 5), (["class 0", "class 1", "class 2"], 2)):
        with pytest.raises(UsageError, match=f"{steps} steps cannot lead through {len(points)} points"):
            interpolate(run, points, steps=steps, say=said.append)
    assert said == []
