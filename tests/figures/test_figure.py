"""A figure is saved whole, and shows itself in a notebook."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from vaecli.errors import EnvironmentFailure, UsageError
from vaecli.figures.figure import Figure
from vaecli.render.encode import Timing
from vaecli.render.frames import Frames
from vaecli.render.page import Page


@pytest.fixture
def drawn():
    return []


@pytest.fixture
def moving(drawn):
    def draw(index):
        drawn.append(index)
        return np.full((6, 8, 3), 80 * index, np.uint8)

    return Figure("a walk", lambda look: Frames(3, draw), {"run": "toy-1"}, moving=True, timing=Timing(5, 1))


@pytest.fixture
def still():
    return Figure("a still", lambda look: [np.full((6, 8, 3), 9, np.uint8)])


def test_the_ending_chooses_the_format_and_the_path_comes_back(moving, tmp_path):
    for ending, format_ in ((".gif", "GIF"), (".PNG", "PNG"), (".webp", "WEBP")):
        path = moving.save(tmp_path / f"x{ending}")
        with Image.open(path) as image:
            assert (image.format, image.n_frames, image.size) == (format_, 3, (8, 6))


def test_without_a_path_it_is_named_after_what_it_shows(moving, still, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(figure.save()) for figure in (moving, still)] == ["a walk.gif", "a still.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a still.png", "a walk.gif"]


def test_nothing_is_drawn_before_it_is_asked_for(moving, drawn):
    assert repr(moving) == "Figure('a walk', 3 frames)"
    assert drawn == []


def test_a_notebook_gets_a_png_of_a_still_and_a_gif_of_what_moves(moving, still):
    for figure, kind, count in ((moving, "gif", 3), (still, "png", 1)):
        bundle = figure._repr_mimebundle_(include=None, exclude=None)
        assert bundle["text/plain"] == repr(figure)
        with Image.open(io.BytesIO(base64.b64decode(bundle[f"image/{kind}"]))) as image:
            assert (image.format, getattr(image, "n_frames", 1)) == (kind.upper(), count)


def page_of(look):
    page = Page(300, 100, look)
    return Frames(1, lambda index: page.wipe()[..., :3].copy(), page)


@pytest.mark.parametrize(("width", "dpi"), [(8.5, None), (8.5, 150), (30.0, 600)])
def test_a_figure_is_as_wide_on_paper_as_asked_for_with_as_many_dots_at_least(tmp_path, width, dpi):
    path = Figure("page", page_of).dressed(width=width, dpi=dpi).save(tmp_path / "page.png")
    with Image.open(path) as image:
        dots = image.info["dpi"][0]
        assert image.width / dots * 2.54 == pytest.approx(width, rel=1e-3)
        assert dots >= (dpi or 300) - 1


def test_a_figure_is_dressed_without_changing_it():
    plain = Figure("page", page_of, caption="What it shows.")
    dark = plain.dressed(dark=True, title="A title", caption=True, dpi=100)
    assert plain.frames[0].shape == (200, 600, 3)
    assert dark.frames[0].shape == (100 + 44 + 30, 300, 3)
    assert dark.frames[0].mean() < 60 < plain.frames[0].mean()


def test_a_still_is_saved_for_print_too(still, tmp_path):
    for ending, beginning in ((".pdf", b"%PDF"), (".svg", b"<?xml"), (".jpeg", b"\xff\xd8")):
        assert still.save(tmp_path / f"x{ending}").read_bytes().startswith(beginning)


def test_what_cannot_be_saved_is_told_and_leaves_nothing(still, tmp_path):
    with pytest.raises(UsageError, match="x.tiff does not say which format to write"):
        still.save(tmp_path / "x.tiff")
    with pytest.raises(EnvironmentFailure, match="No such file or directory"):
        still.save(tmp_path / "nowhere" / "x.png")
    assert list(tmp_path.iterdir()) == []
