"""`vaecli interpolate`: a walk through latent space."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from vaecli.latents import class_means, typical_member


def test_a_walk_leads_from_class_to_class_by_way_of_others(vaecli, trained):
    arguments = ("--from", "0", "--via", "1", "--to", "2", "--steps", 7, "--json", "-o", "walk.png")
    facts = json.loads(vaecli("interpolate", "whole", *arguments).stdout)
    snapshot = trained.snapshot(4)
    members = [typical_member(snapshot.mean, snapshot.labels, label) for label in range(3)]
    assert facts["stops"] == ["0", "1", "2"]
    assert facts["indices"] == snapshot.index[members].tolist()
    assert facts["frames"] == 1
    np.testing.assert_allclose(np.array(facts["latents"])[[0, 3, 6]], snapshot.mean[members], rtol=1e-6)
    with Image.open(vaecli.folder / "walk.png") as image:
        assert image.format == "PNG"


def test_a_class_is_its_mean_if_asked_for(vaecli, trained):
    arguments = ("--from", "0", "--to", "2", "--steps", 2, "--point", "mean", "--json", "-o", "walk.png")
    facts = json.loads(vaecli("interpolate", "whole", *arguments).stdout)
    snapshot = trained.snapshot(4)
    assert facts["stops"] == ["0 (mean)", "2 (mean)"]
    assert facts["indices"] == [None, None]
    means = class_means(snapshot.mean, snapshot.labels, 3)[[0, 2]]
    np.testing.assert_allclose(facts["latents"], means, rtol=1e-6)


def test_latents_held_out_images_and_files_are_points_too(vaecli, trained, dataset):
    Image.fromarray(dataset.heldout.images[3, :, :, 0]).save(vaecli.folder / "an image.png")
    arguments = (
        "--from",
        "z:0.5,-1.2",
        "--via",
        "#3",
        "--to",
        "an image.png",
        "--steps",
        5,
        "--json",
        "-o",
        "w.webp",
    )
    facts = json.loads(vaecli("interpolate", *arguments).stdout)
    assert facts["stops"] == ["(0.5, −1.2)", "#3 0", "an image.png"]
    start, _, heldout, _, file = np.array(facts["latents"])
    np.testing.assert_allclose(start, [0.5, -1.2], rtol=1e-6)
    np.testing.assert_allclose(heldout, file, atol=1e-5)
    with Image.open(vaecli.folder / "w.webp") as image:
        assert image.n_frames == facts["frames"] == 5  # the ending says that it moves


def test_a_walk_on_the_scatter_is_animated_into_a_pipe(vaecli, trained):
    arguments = ("--from", "0", "--to", "1", "--steps", 4, "--on-latent", "--gif", "--path", "spherical")
    data = vaecli("interpolate", *arguments, "-o", "-", text=False).stdout
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.n_frames) == ("GIF", 4)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--from", "class 00", "--to", "class 1"],
            3,
            "is neither a class of toy nor a file.\nClasses: class 0, class 1",
        ),
        (["--from", "class 00", "--to", "class 1"], 3, "Did you mean 'class 0'?"),
        (["--from", "z:1", "--to", "class 1"], 2, "'z:1' is not a latent.\nExpected: z: and 2 numbers"),
        (["--from", "z:1,nan", "--to", "class 1"], 2, "'z:1,nan' is not a latent"),
        (["--from", "#60", "--to", "class 1"], 3, "has no held-out image #60.\nExpected: one of the 60"),
        (["--from", "class 0"], 2, "--to is missing"),
        (["--from", "class 0", "--to", "CLASS 1", "--path", "wild"], 2, "Expected one of: linear, spherical"),
        (
            ["--from", "class 0", "--via", "class 1", "--to", "class 2", "--steps", "2"],
            2,
            "2 steps cannot lead through 3 points",
        ),
    ],
)
def test_a_mistake_is_told_before_tensorflow_is_loaded(vaecli, fabricate, arguments, code, message):
    fabricate(1)
    result = vaecli("interpolate", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert "TensorFlow" not in result.stderr
