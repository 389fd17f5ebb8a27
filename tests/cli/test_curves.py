"""`vaecli curves`: how trainings went."""

import io
import json

from PIL import Image


def test_the_latest_run_is_drawn_or_those_that_are_named(vaecli, fabricate):
    fabricate(2, name="toy-1")
    fabricate(3, name="toy-2")
    assert vaecli("curves").stdout == "toy-2-curves.png\n"
    result = vaecli("curves", "toy-1", "@", "--against", "seconds", "--json")
    assert result.stderr == ""
    facts = json.loads(result.stdout)
    assert (facts["path"], facts["against"]) == ("toy-1-toy-2-curves.png", "seconds")
    assert [each["run"] for each in facts["curves"]] == ["toy-1", "toy-2"]
    with Image.open(vaecli.folder / "toy-1-toy-2-curves.png") as image:
        assert image.format == "PNG"


def test_an_animation_has_a_frame_per_epoch_and_goes_to_a_pipe(vaecli, fabricate):
    fabricate(3)
    with Image.open(io.BytesIO(vaecli("curves", "--epochs-gif", "-o", "-", text=False).stdout)) as image:
        assert (image.format, image.n_frames) == ("GIF", 4)


def test_a_mistake_is_told(vaecli, fabricate):
    fabricate(1)
    for arguments, code, message in (
        (["--against", "days"], 2, "Expected one of: epochs, seconds"),
        (["nothing"], 4, "There is no run 'nothing'"),
        (["-o", "curves.tiff"], 2, "does not say which format to write"),
    ):
        result = vaecli("curves", *arguments)
        assert (result.returncode, result.stdout) == (code, "")
        assert message in result.stderr
