"""`vaecli grid`, in full `sample-grid`: decoded images of a grid of latents."""

import io
import json

import numpy as np
import pytest
from PIL import Image


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def holds(page, picture):
    """Say whether a picture stands somewhere on a page, pixel for pixel."""
    height, width = picture.shape
    windows = np.lib.stride_tricks.sliding_window_view(page, picture.shape[1], axis=1)
    rows, columns = np.nonzero((windows == picture[0]).all(axis=2))
    return any(
        np.array_equal(page[row : row + height, column : column + width], picture)
        for row, column in zip(rows, columns, strict=True)
    )


@pytest.mark.parametrize("name", ["grid", "sample-grid"])
def test_the_stored_grid_is_drawn_under_both_names_the_right_way_up(vaecli, fabricate, name):
    run = fabricate(2, name="toy-1")
    result = vaecli(name)
    assert (result.stdout, result.stderr) == ("toy-1-grid-0002.png\n", "")
    page = pixels(vaecli.folder / "toy-1-grid-0002.png")
    grid = run.snapshot(2).grid[..., 0]
    whole = grid.transpose(0, 2, 1, 3).reshape(grid.shape[0] * 12, -1)
    factor = round(1120 / 48)
    assert holds(page, whole.repeat(factor, axis=0).repeat(factor, axis=1))


def test_an_animation_has_a_frame_per_epoch_and_goes_to_a_pipe(vaecli, fabricate):
    fabricate(3)
    data = vaecli("grid", "--epochs-gif", "-o", "-", text=False).stdout
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "GIF"
        assert image.n_frames == 4


def test_the_facts_are_told_as_json(vaecli, fabricate):
    fabricate(1, name="toy-1")
    facts = json.loads(vaecli("grid", "--json", "-o", "a grid.png").stdout)
    assert facts.pop("caption").startswith("Decoded images of a grid of latents. Dataset toy, 600 training")
    assert facts == {
        "path": "a grid.png",
        "run": "toy-1",
        "epochs": [1],
        "shape": [4, 4],
        "dims": [1, 2],
        "at": None,
        "frames": 1,
    }


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_the_grid_stands_beside_the_scatter(vaecli, fabricate, latent_dim):
    fabricate(2, latent_dim=latent_dim, name="toy-1")
    assert vaecli("grid", "--beside-latent", "--epochs-gif").stdout == "toy-1-grid-beside-latents.gif\n"
    assert vaecli("grid", "--beside-latent").stdout == "toy-1-grid-beside-latents-0002.png\n"


def test_another_grid_is_decoded_with_the_runs_weights(vaecli, trained):
    arguments = ("--rows", 3, "--columns", 5, "--extent", 2, "--spacing", "quantile", "--json", "-o", "x.png")
    result = vaecli("grid", *arguments)
    assert json.loads(result.stdout)["shape"] == [3, 5]
    assert result.stderr == ""  # so few are decoded in NumPy
    assert vaecli("grid", "--rows", 20, "--columns", 20, "-q", "-o", "decoded.png").stderr == ""
    vaecli("grid", "-o", "stored.png")
    difference = pixels(vaecli.folder / "decoded.png").astype(int) - pixels(vaecli.folder / "stored.png")
    assert np.abs(difference).max() <= 1


def test_another_grid_moves_through_epochs_whose_checkpoints_are_gone(vaecli, lean):
    result = vaecli("grid", "--epochs-gif", "--rows", 3, "--dims", "2,1", "--extent", 1.5, "--json")
    assert (json.loads(result.stdout)["frames"], result.stderr) == (5, "")


def test_draws_from_the_prior_follow_from_their_seed(vaecli, trained):
    first, other = (
        vaecli("grid", "--random", 6, "--seed", seed, "-q", "-o", "-", text=False) for seed in (1, 2)
    )
    assert first.stderr == b""
    assert (pixels(io.BytesIO(first.stdout)) != pixels(io.BytesIO(other.stdout))).any()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--random", "3", "--rows", "4"], 2, "--random does not draw a grid"),
        (["--random", "3", "--epochs-gif"], 2, "--random does not draw a grid"),
        (["--spacing", "cubic"], 2, "spacing is 'cubic'.\nExpected one of: linear, quantile"),
        (["--extent", "-1"], 2, "Expected: at least 1 value and an extent between 0 and 8"),
        (["--plane", "first"], 2, "plane is 'first'.\nExpected one of: last, each"),
        (["--at", "class 1"], 2, "run toy-1 has no latent beside those of the grid"),
        (["--random", "3", "--at", "class 1"], 2, "--random does not draw a grid"),
        (["--dims", "1,1"], 2, "Latents 1, 1 do not span a plane"),
        (["--rows", "5", "--epoch", "1"], 4, "keeps no weights of epoch 1.\nThe nearest"),
        (["--rows", "0"], 2, "rows is 0.\nExpected: a whole number from 1 to 200."),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(vaecli, fabricate, arguments, code, message):
    fabricate(2, weights_of=(0, 2))
    result = vaecli("grid", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert list(vaecli.folder.iterdir()) == []


def test_with_many_latents_an_animation_still_has_a_frame_per_epoch(vaecli, store):
    arguments = ("--dataset", "shapes", "--size", "12x10", "-n", "96", "-b", "16", "-a", "dense", "-z", "6")
    assert vaecli("train", *arguments, "-e", "3", "-q").returncode == 0
    run = store.resolve("latest")
    planes = {frozenset(run.snapshot(epoch).grid_dims.tolist()) for epoch in run.epochs()}
    for extra in (("--plane", "each"), ("--plane", "each", "--beside-latent")):
        result = vaecli("grid", "--epochs-gif", "--json", *extra)
        assert result.returncode == 0, result.stderr
        facts = json.loads(result.stdout)
        assert (facts["frames"], facts["epochs"]) == (4, [0, 1, 2, 3])
        assert ("the axes name them" in result.stderr) == (len(planes) > 1)
