"""`vaecli decode`: latents from other programs become images."""

import io
import os

import numpy as np
import pytest
from PIL import Image


def pixels(image):
    return np.asarray(Image.open(image).convert("L"))


def test_encode_and_decode_make_a_reconstruction_in_a_pipe(vaecli, trained, dataset):
    heldout = vaecli("encode", "whole", "-o", "-").stdout.splitlines()
    followed = trained.snapshot(4)
    position = int(followed.original_index[0])
    result = vaecli(
        "decode",
        "whole",
        "-",
        "-o",
        "again/",
        input="\n".join([heldout[0], heldout[1 + position]]),
    )
    assert result.returncode == 0, result.stderr
    again = pixels(vaecli.folder / "again" / "0000.png").astype(int)
    difference = again - followed.reconstructions[0, :, :, 0]
    assert np.abs(difference).max() <= 1


def test_a_folder_gets_a_png_for_each_latent_in_the_images_own_size(vaecli, trained):
    (vaecli.folder / "z.csv").write_text("z1,z2\n0,0\n1,1\n-1,0.5\n")
    result = vaecli("decode", "whole", "z.csv", "-o", "many images")
    assert (result.returncode, result.stdout) == (0, "many images\n")
    names = sorted(path.name for path in (vaecli.folder / "many images").iterdir())
    assert names == ["0000.png", "0001.png", "0002.png"]
    assert pixels(vaecli.folder / "many images" / "0001.png").shape == (12, 10)


def test_a_folder_may_have_a_dot_and_a_protected_file_in_it_is_left_alone(vaecli, trained):
    (vaecli.folder / "z.csv").write_text("0,0\n")
    kept = vaecli.folder / "v1.2" / "0000.png"
    assert vaecli("decode", "whole", "z.csv", "-o", "v1.2/").stdout == "v1.2/\n"
    assert pixels(kept).shape == (12, 10)
    kept.chmod(0o444)
    result = vaecli("decode", "whole", "z.csv", "-o", "v1.2", "-q")
    assert (result.returncode, result.stdout) == (7, "")
    assert result.stderr.startswith("v1.2/0000.png is write-protected.")


def test_a_pipe_without_an_ending_gets_the_sheet(vaecli, trained):
    (vaecli.folder / "z.csv").write_text("0,0\n")
    os.mkfifo(vaecli.folder / "pipe")
    process = vaecli.start("decode", "whole", "z.csv", "-o", "pipe", "-q")
    assert pixels(io.BytesIO((vaecli.folder / "pipe").read_bytes())).min(axis=(0, 1)) < 255
    assert process.communicate() == ("pipe\n", "")


def test_a_sheet_shows_them_all(vaecli, trained):
    np.savez(vaecli.folder / "z.npz", z=np.zeros((5, 2)))
    assert vaecli("decode", "whole", "z.npz").stdout == "whole-decoded.png\n"
    assert min(pixels(vaecli.folder / "whole-decoded.png").shape) > 100


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["absent.csv"], 3, "absent.csv: No such file"),
        (["bad.csv"], 3, "bad.csv holds latents of shape 1×3.\nExpected: n×2"),
        (["good.csv", "--epoch", "9"], 4, "has no epoch 9.\nOn disk: 0–4."),
        (["good.csv", "-o", "x.bmp"], 2, "x.bmp does not say which format"),
    ],
)
def test_a_mistake_is_told(vaecli, trained, arguments, code, message):
    (vaecli.folder / "bad.csv").write_text("1,2,3\n")
    (vaecli.folder / "good.csv").write_text("1,2\n")
    result = vaecli("decode", "whole", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 4


def test_samples_are_drawn_from_the_likelihood_and_follow_from_the_seed(vaecli, trained):
    (vaecli.folder / "z.csv").write_text("0,0\n")
    pictures = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        result = vaecli("decode", "whole", "z.csv", "--sample", "--seed", seed, "-o", f"{name}.png")
        assert result.returncode == 0, result.stderr
        pictures.append(pixels(vaecli.folder / f"{name}.png"))
    assert set(np.unique(pictures[0])) == {0, 255}  # Bernoulli pixels are black or white
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])
