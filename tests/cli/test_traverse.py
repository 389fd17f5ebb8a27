"""`vaecli traverse`: what each latent stands for."""

import json

from PIL import Image


def test_a_still_by_default_and_an_animation_if_asked_for(vaecli, lively):
    result = vaecli("traverse", "--json")
    facts = json.loads(result.stdout)
    assert (facts["path"], facts["at"], facts["frames"]) == (
        "lively-traversal-0008.png",
        "the prior's mean",
        1,
    )
    assert "TensorFlow" not in result.stderr
    Image.fromarray(lively.snapshot(8).originals[0]).save(vaecli.folder / "an image.png")
    assert vaecli("traverse", "--at", "an image.png", "--steps", 4, "-o", "t.gif").stdout == "t.gif\n"
    with Image.open(vaecli.folder / "t.gif") as image:
        assert (image.format, image.n_frames) == ("GIF", 6)


def test_a_mistake_is_told_before_anything_is_written(vaecli, fabricate):
    fabricate(1)
    for arguments, code, message in (
        (["--over", "prior"], 2, "Expected one of: range, quantiles"),
        (["--at", "class 9"], 3, "is neither a class of toy nor a file"),
        (["--steps", "1"], 2, "steps is 1.\nExpected: a whole number from 2 to 200"),
    ):
        result = vaecli("traverse", *arguments)
        assert (result.returncode, result.stdout) == (code, "")
        assert message in result.stderr
    assert list(vaecli.folder.iterdir()) == []
