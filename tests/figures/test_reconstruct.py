"""Images over their reconstructions, from Python."""

import numpy as np
import pytest
from PIL import Image

from vaecli.errors import DataError, UsageError
from vaecli.figures.reconstruct import reconstruct


def test_epochs_are_rows_of_a_still_or_frames_of_an_animation(fabricate):
    run = fabricate(3, name="toy-1")
    one, rows, frames = (
        reconstruct(run),
        reconstruct(run, epochs="all"),
        reconstruct(run, epochs="all", moving=True),
    )
    assert [figure.default_name for figure in (one, rows, frames)] == [
        "toy-1-reconstructions-0003.png",
        "toy-1-reconstructions.png",
        "toy-1-reconstructions.gif",
    ]
    assert [len(figure.frames) for figure in (one, rows, frames)] == [1, 1, 4]
    assert rows.frames[0].shape[0] > one.frames[0].shape[0]
    assert rows.facts == {"run": "toy-1", "epochs": [0, 1, 2, 3], "images": 6, "frames": 1}


def test_runs_are_compared_in_a_row_each_on_the_images_that_both_follow(fabricate):
    one, two = fabricate(3, name="one"), fabricate(2, name="two", beta=0.5)
    still, moving = (
        reconstruct(one, compare=[two, one], epochs=epochs, moving=bool(epochs)) for epochs in (None, "all")
    )
    assert (still.default_name, still.facts["compared_with"]) == (
        "one-two-one-reconstructions-0003.png",
        ["two", "one"],
    )
    assert still.frames[0].shape[0] > reconstruct(one).frames[0].shape[0]
    assert len(moving.frames) == 4
    with pytest.raises(UsageError, match="cannot be compared in a row per epoch"):
        reconstruct(one, compare=[two], epochs="all")
    with pytest.raises(UsageError, match="one and other have different images"):
        reconstruct(one, compare=[fabricate(1, name="other", fingerprint="1" * 64)])


def test_own_images_are_arrays_or_files(trained, dataset, tmp_path):
    images = dataset.heldout.images[:2]
    for number, image in enumerate(images):
        Image.fromarray(image[:, :, 0]).save(tmp_path / f"{number}.png")
    arrays = reconstruct(trained, images=images, epochs=[0, 4])
    paths = reconstruct(trained, images=[tmp_path / "0.png", tmp_path / "1.png"], epochs=[0, 4])
    assert arrays.facts == paths.facts
    assert arrays.frames[0].shape == paths.frames[0].shape


def test_a_file_that_is_no_image_is_named(fabricate, tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="a.png"):
        reconstruct(fabricate(1), images=[tmp_path / "a.png"])


def test_fewer_images_make_a_smaller_picture(fabricate):
    run = fabricate(1)
    few, all_of_them = reconstruct(run, count=2), reconstruct(run)
    assert few.facts["images"] == 2
    assert np.prod(few.frames[0].shape) < np.prod(all_of_them.frames[0].shape)
