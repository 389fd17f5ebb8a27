"""`vaecli latent-plot`: the scatter of the held-out means."""

import io
import json

import numpy as np
import pytest
from PIL import Image


def frames_of(data):
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            frames.append(np.asarray(image.convert("RGB")))
        return frames, image.info


def test_the_latest_run_is_drawn_and_its_path_printed(vaecli, fabricate):
    fabricate(3, name="toy-1")
    result = vaecli("latent-plot")
    assert (result.returncode, result.stdout, result.stderr) == (0, "toy-1-latents-0003.png\n", "")
    assert len(frames_of((vaecli.folder / "toy-1-latents-0003.png").read_bytes())[0]) == 1


def test_an_animation_has_a_frame_per_epoch_and_a_pause_at_the_end(vaecli, fabricate):
    fabricate(3, name="toy-1")
    result = vaecli("latent-plot", "toy-1", "--epochs-gif", "--fps", 4, "--hold", 3, "--json")
    facts = json.loads(result.stdout)
    assert facts.pop("caption").startswith("Latent means of the held-out images.")
    assert facts == {
        "path": "toy-1-latents.gif",
        "run": "toy-1",
        "compared_with": [],
        "epochs": [0, 1, 2, 3],
        "frames": 4,
    }
    frames, info = frames_of((vaecli.folder / facts["path"]).read_bytes())
    assert len(frames) == 4
    assert info["duration"] == 3000
    assert info["loop"] == 0


def test_easing_adds_frames_but_no_time(vaecli, fabricate):
    fabricate(2)
    data = vaecli("latent-plot", "--epochs-gif", "--smooth", "--fps", 2, "-o", "-", text=False).stdout
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 21
        durations = []
        for index in range(20):
            image.seek(index)
            durations.append(image.info["duration"])
    assert sum(durations) == 1000


def test_two_runs_stand_side_by_side(vaecli, fabricate):
    fabricate(3, name="with-kl")
    fabricate(2, name="without-kl", beta=0.0)
    result = vaecli(
        "latent-plot", "with-kl", "--compare", "without-kl", "--epochs-gif", "-o", "both runs.gif"
    )
    assert result.stdout == "both runs.gif\n"
    frames, _ = frames_of((vaecli.folder / "both runs.gif").read_bytes())
    assert len(frames) == 4
    assert frames[0].shape[1] > 900


@pytest.mark.parametrize("latent_dim", [1, 2, 5, 16])
def test_any_number_of_latents_is_drawn(vaecli, fabricate, latent_dim):
    fabricate(2, latent_dim=latent_dim)
    assert vaecli("latent-plot", "--epochs-gif", "-o", "x.webp").returncode == 0
    if latent_dim > 1:
        assert vaecli("latent-plot", "--dims", f"{latent_dim},1", "-o", "x.png").returncode == 0


def test_a_picture_is_dressed_for_print_and_says_what_a_paper_would(vaecli, fabricate):
    fabricate(1, name="toy-1")
    arguments = ("--dark", "--title", "A title", "--caption", "--width", 8.5, "--json", "-o", "figure.pdf")
    facts = json.loads(vaecli("latent-plot", *arguments).stdout)
    assert facts["caption"].startswith("Latent means of the held-out images. Dataset toy")
    assert (vaecli.folder / "figure.pdf").read_bytes().startswith(b"%PDF")
    for ending in ("svg", "jpg"):
        assert vaecli("latent-plot", "-o", f"x.{ending}").stdout == f"x.{ending}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--dims", "1,3"],
            2,
            "Latents 1, 3 do not span a plane of this run.\nExpected: two different numbers",
        ),
        (["--dims", "0,1"], 2, "--dims is '0,1'.\nExpected: numbers from 1"),
        (["--dims", "a"], 2, "--dims is 'a'"),
        (["--epoch", "9"], 4, "has no epoch 9"),
        (["--epoch", "1", "--epochs-gif"], 2, "--epochs-gif and --epoch cannot be combined"),
        (["-o", "x.tiff"], 2, "x.tiff does not say which format to write"),
        (["-o", "nowhere/x.png"], 7, "nowhere/x.png: No such file or directory"),
        (["--compare", "other"], 2, "toy-1 and other have different classes"),
        (["--compare", "line"], 2, "toy-1 and line cannot be drawn on the same scale"),
        (["--compare", "toi-1"], 4, "Did you mean 'toy-1'?"),
        (["--json", "-o", "-"], 2, "both write to stdout"),
    ],
)
def test_a_mistake_is_told(vaecli, fabricate, arguments, code, message):
    fabricate(1, name="other", classes=4)
    fabricate(1, name="line", latent_dim=1)
    fabricate(2, name="toy-1")
    result = vaecli("latent-plot", "toy-1", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert list(vaecli.folder.iterdir()) == []


def test_a_run_of_one_class_has_no_legend(vaecli, fabricate):
    fabricate(1, name="plain", classes=1)
    assert vaecli("latent-plot", "--epochs-gif", "-o", "plain.gif").returncode == 0
    fabricate(1, name="named", classes=3)
    assert vaecli("latent-plot", "named", "--epochs-gif", "-o", "named.gif").returncode == 0
    plain, named = (frames_of((vaecli.folder / name).read_bytes())[0] for name in ("plain.gif", "named.gif"))
    assert plain[0].shape[1] < named[0].shape[1]


def test_a_damaged_snapshot_is_named(vaecli, fabricate):
    path = fabricate(2).path / "epochs" / "0001" / "snapshot.h5"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    result = vaecli("latent-plot", "--epochs-gif")
    assert result.returncode == 5
    assert "0001/snapshot.h5 is damaged" in result.stderr
