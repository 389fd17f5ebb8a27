"""`vaecli encode`: encodings for other programs."""

import io

import numpy as np
import pytest
from PIL import Image

from vaecli.data.files.encodings import read_latents


def test_the_heldout_images_come_from_the_snapshot_without_tensorflow(vaecli, fabricate):
    run = fabricate(2)
    result = vaecli("encode", "-o", "-")
    assert (result.returncode, result.stderr) == (0, "")
    np.testing.assert_array_equal(read_latents(result.stdout.encode(), "stdout", 2), run.snapshot(2).mean)
    head, first, *_ = result.stdout.splitlines()
    assert head == "image,label,z1,z2,log_var1,log_var2"
    assert first.startswith("#0,class 0,")


def test_an_epoch_can_be_chosen_and_the_file_is_named_after_the_run(vaecli, fabricate):
    run = fabricate(2)
    assert vaecli("encode", "--epoch", 1).stdout == "toy-1-encodings.csv\n"
    content = (vaecli.folder / "toy-1-encodings.csv").read_bytes()
    np.testing.assert_array_equal(read_latents(content, "z", 2), run.snapshot(1).mean)


def test_image_files_are_encoded_as_the_heldout_images_were(vaecli, trained, dataset):
    for number in (0, 5):
        Image.fromarray(dataset.heldout.images[number, :, :, 0]).save(vaecli.folder / f"image {number}.png")
    result = vaecli("encode", "whole", "image 0.png", "image 5.png", "-o", "z.npz")
    assert (result.returncode, result.stdout) == (0, "z.npz\n")
    with np.load(vaecli.folder / "z.npz") as arrays:
        np.testing.assert_allclose(arrays["mean"], trained.snapshot(4).mean[[0, 5]], rtol=1e-4, atol=1e-5)
        assert arrays["image"].tolist() == ["image 0.png", "image 5.png"]


def test_an_image_can_come_through_a_pipe(vaecli, trained, dataset):
    buffer = io.BytesIO()
    Image.fromarray(dataset.heldout.images[3, :, :, 0]).save(buffer, "PNG")
    result = vaecli("encode", "whole", "-", "-o", "-", "-q", input=buffer.getvalue(), text=False)
    found = read_latents(result.stdout, "stdout", 2)
    np.testing.assert_allclose(found, trained.snapshot(4).mean[[3]], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-o", "z.xlsx"], 2, "cannot be written as z.xlsx"),
        (["latest", "a.png", "--split", "heldout"], 2, "cannot be combined"),
        (["--split", "all"], 2, "Expected one of: heldout, train"),
        (["--epoch", "9"], 4, "has no epoch 9"),
        (["latest", "absent.png"], 3, "absent.png"),
        (["nothing"], 4, "There is no run 'nothing'"),
        (["-o", "no/such/folder/z.csv"], 7, "Choose another place with -o"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(vaecli, fabricate, arguments, code, message):
    fabricate(1)
    result = vaecli("encode", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert list(vaecli.folder.iterdir()) == []
