"""Pages as vector graphics."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from vaecli.render.curves import Chart, Curve, curves
from vaecli.render.frames import Frames
from vaecli.render.look import Look
from vaecli.render.scatter import scatter
from vaecli.render.vector import write_vector

BOUNDS = (-4.0, 4.0, -4.0, 4.0)


def written(frames, kind):
    file = io.BytesIO()
    write_vector(frames, file, kind)
    return file.getvalue()


@pytest.fixture
def still(cloud, class_names):
    last = type(cloud)(cloud.points[-1:], cloud.labels, cloud.captions[-1:], cloud.title)
    return scatter([last], class_names, BOUNDS, look=Look(scale=2))


def pictures_of(svg):
    """Return the pictures in an SVG as arrays `(height, width, 4)`."""
    found = re.findall(rb"data:image/png;base64,([^\"']+)", svg)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(each))).convert("RGBA")) for each in found]


def test_points_are_a_picture_and_letters_are_shapes(still):
    frame = still[0]
    svg = written(still, "svg")
    ElementTree.fromstring(svg)
    (picture,) = pictures_of(svg)
    assert picture.shape[:2] == frame.shape[:2]
    covered = picture[..., 3] > 0
    assert 0.0 < covered.mean() < 0.2
    assert covered[300:1000, 200:900].any()
    assert svg.count(b"<path") > 30


def test_words_that_are_written_last_are_in_the_file_as_letters(still):
    pdf = written(still, "pdf")
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Subtype /Image") >= 1
    for face in (b"SourceSansPro-Regular", b"SourceSansPro-Semibold"):  # the corner's, and the classes'
        assert face in pdf


def test_lines_are_lines_and_need_no_picture():
    curve = Curve(np.arange(4.0), np.array([4.0, 3.0, 2.0, 1.5]), np.arange(4))
    svg = written(curves([Chart("KL", [curve])], ["x"], "epoch"), "svg")
    assert pictures_of(svg) == []
    assert b"#2276e0" in svg


def test_the_same_picture_is_the_same_file(cloud, class_names):
    svgs = [written(scatter([cloud], class_names, BOUNDS)[:1], "svg") for _ in range(2)]
    assert svgs[0] == svgs[1]


def test_a_frame_without_a_page_is_one_picture():
    frame = np.random.default_rng(0).integers(0, 200, (20, 30, 3), np.uint8)
    (picture,) = pictures_of(written(Frames(1, lambda index: frame), "svg"))
    assert np.array_equal(picture[..., :3], frame)


@pytest.mark.parametrize("density", [100.0, 200.0])
def test_the_page_is_so_large_on_paper_as_its_look_says(cloud, class_names, density):
    frames = scatter([cloud], class_names, BOUNDS, look=Look(density=density))[:1]
    root = ElementTree.fromstring(written(frames, "svg"))
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(
        frames.page.width / density * 72, rel=1e-4
    )
