"""`vaecli reconstruct`: images over what the network makes of them."""

import io
import json

import numpy as np
import pytest
from PIL import Image


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_the_stored_reconstructions_are_drawn(vaecli, fabricate):
    fabricate(2, name="toy-1")
    result = vaecli("reconstruct")
    assert (result.returncode, result.stdout, result.stderr) == (0, "toy-1-reconstructions-0002.png\n", "")


def test_a_row_per_epoch_makes_the_picture_taller(vaecli, fabricate):
    fabricate(4, name="toy-1")
    assert vaecli("reconstruct", "--epochs", "0,1,4", "-o", "some.png").returncode == 0
    facts = json.loads(vaecli("reconstruct", "--epochs", "all", "-o", "all.png", "--json").stdout)
    assert facts.pop("caption").startswith("Images, and their reconstructions below them.")
    assert facts == {"path": "all.png", "run": "toy-1", "epochs": [0, 1, 2, 3, 4], "images": 6, "frames": 1}
    assert size_of(vaecli.folder / "all.png")[1] > size_of(vaecli.folder / "some.png")[1]


def test_an_animation_has_a_frame_per_epoch(vaecli, fabricate):
    fabricate(3, shape=(8, 8, 3))
    data = vaecli("reconstruct", "--epochs-gif", "--count", 2, "-o", "-", text=False).stdout
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 4


@pytest.mark.parametrize("latent_dim", [1, 5, 16])
def test_any_number_of_latents_is_drawn(vaecli, fabricate, latent_dim):
    fabricate(1, latent_dim=latent_dim)
    assert vaecli("reconstruct", "--epochs", "all", "-o", "x.png").returncode == 0


def test_own_files_are_reconstructed_in_rows(vaecli, trained, dataset):
    Image.fromarray(dataset.heldout.images[0, :, :, 0]).save(vaecli.folder / "an image.png")
    Image.fromarray(np.full((50, 40, 3), 99, np.uint8)).save(vaecli.folder / "b.png")
    result = vaecli(
        "reconstruct", "whole", "--images", "an image.png", "b.png", "--epochs", "0,4", "-o", "x.png"
    )
    assert result.stdout == "x.png\n"
    assert "b.png: 50 × 40 → 12 × 10, colour → grey" in result.stderr


def test_an_image_comes_through_a_pipe(vaecli, trained, dataset):
    buffer = io.BytesIO()
    Image.fromarray(dataset.heldout.images[0, :, :, 0]).save(buffer, "PNG")
    result = vaecli("reconstruct", "-q", "--images", "-", "-o", "-", input=buffer.getvalue(), text=False)
    assert result.stderr == b""
    with Image.open(io.BytesIO(result.stdout)) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--epochs", "1,x"], 2, "--epochs is '1,x'"),
        (["--epochs", "0,7"], 4, "has no epoch 7"),
        (["--epochs", "0", "--epochs-gif"], 2, "--epochs and --epochs-gif cannot be combined"),
        (["--epochs", "0", "--epoch", "1"], 2, "--epochs and --epoch cannot be combined"),
        (["--images", "absent.png"], 3, "absent.png"),
        (["--images"], 2, "Option '--images' requires an argument"),
        (["--count", "0"], 2, "count is 0.\nExpected: a whole number from 1 to 1000."),
    ],
)
def test_a_mistake_is_told(vaecli, fabricate, arguments, code, message):
    fabricate(1)
    result = vaecli("reconstruct", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr


def test_any_number_of_runs_is_compared_in_one_picture(vaecli, fabricate):
    for name, beta in (("one", 1.0), ("two", 0.5), ("three", 2.0)):
        fabricate(2, name=name, beta=beta)
    for command, stem in (("reconstruct", "reconstructions"), ("grid", "grid"), ("latent-plot", "latents")):
        result = vaecli(command, "one", "--compare", "two", "three", "--json")
        facts = json.loads(result.stdout)
        assert facts["path"] == f"one-two-three-{stem}-0002.png"
        assert facts["compared_with"] == ["two", "three"]
        assert "three: dataset toy" in facts["caption"]
