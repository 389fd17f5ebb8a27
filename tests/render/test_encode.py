"""Frames to bytes, read back by somebody else's reader."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from vaecli.errors import UsageError
from vaecli.latents import grid_axis
from vaecli.render.encode import FORMATS, STILL_FORMATS, Timing, encode, format_of, shared_palette
from vaecli.render.frames import Frames
from vaecli.render.grid import Grid, grids
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter


def colourful(count=5, height=30, width=40):
    """Return frames with a red square that moves over blue."""

    def draw(index):
        frame = np.full((height, width, 3), (20, 60, 200), np.uint8)
        frame[5:15, 3 + index : 13 + index] = (230, 30, 40)
        return frame

    return Frames(count, draw)


def read(data):
    """Return frames, durations in milliseconds and the loop of an animation."""
    with Image.open(io.BytesIO(data)) as image:
        frames, durations = [], []
        for index in range(image.n_frames):
            image.seek(index)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info.get("duration"))
        return frames, durations, image.info.get("loop")


def encoded(frames, kind, timing=None):
    file = io.BytesIO()
    encode(frames, file, kind, timing)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_an_animation_comes_back_as_it_was(kind):
    frames, durations, loop = read(encoded(colourful(), kind, Timing(fps=4, hold=1.5)))
    assert len(frames) == 5
    assert durations == [250, 250, 250, 250, 1500]
    assert loop == 0
    for frame, drawn in zip(frames, colourful(), strict=True):
        np.testing.assert_array_equal(frame, drawn)


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_one_frame_is_a_still(kind):
    with Image.open(io.BytesIO(encoded(colourful(1), kind))) as image:
        assert getattr(image, "n_frames", 1) == 1
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), colourful()[0])


def test_a_still_png_keeps_every_colour():
    frame = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(encoded([frame], "png"))) as image:
        np.testing.assert_array_equal(np.asarray(image), frame)


@pytest.mark.parametrize(("fps", "expected"), [(30, {30, 40}), (50, {20}), (7, {140, 150}), (0.5, {2000})])
def test_delays_are_whole_hundredths_that_add_up(fps, expected):
    delays = Timing(fps=fps, hold=3).centiseconds(61)
    assert {10 * delay for delay in delays[:-1]} == expected
    assert sum(delays[:-1]) == round(100 * 60 / fps)
    assert delays[-1] == 300


def test_the_last_frame_never_rests_for_less_than_the_others():
    assert Timing(fps=2, hold=0).centiseconds(3) == [50, 50, 50]


def test_frames_that_do_not_change_are_kept():
    still = Frames(6, lambda index: np.full((8, 8, 3), 90, np.uint8))
    for kind in ("gif", "png"):
        assert len(read(encoded(still, kind))[0]) == 6


def test_all_frames_share_one_palette():
    data = encoded(colourful(), "gif")
    assert data[:6] == b"GIF89a"
    assert data[10] & 0x80  # a global colour table
    position = 13 + (3 << ((data[10] & 7) + 1))
    local_tables = 0
    while data[position] != 0x3B:
        if data[position] == 0x21:
            position += 2
        else:
            local_tables += bool(data[position + 9] & 0x80)
            position += 11
        while data[position]:
            position += data[position] + 1
        position += 1
    assert local_tables == 0
    assert position == len(data) - 1


def test_colours_of_a_scatter_stay_what_they_were(cloud, class_names):
    drawn = list(scatter([cloud], class_names, (-4.0, 4.0, -4.0, 4.0)))
    frames, _, _ = read(encoded(drawn, "gif"))
    for frame, original in zip(frames, drawn, strict=True):
        error = np.abs(frame.astype(int) - original).max(axis=2)
        assert error.mean() < 0.5
        assert np.quantile(error, 0.999) < 40
        assert (frame[0, 0] == 255).all()
    assert np.ptp(frames[-1].astype(int), axis=2).max() > 100  # not grey


def test_grey_images_stay_grey_and_near():
    ramp = np.linspace(0, 255, 20 * 20 * 8 * 8).astype(np.uint8).reshape(20, 20, 8, 8, 1)
    drawn = list(grids([Grid([ramp, 255 - ramp, ramp], grid_axis(20), grid_axis(20)[::-1])]))
    frames, _, _ = read(encoded(drawn, "gif"))
    for frame, original in zip(frames, drawn, strict=True):
        assert np.ptp(frame.astype(int), axis=2).max() == 0
        assert np.abs(frame.astype(int) - original).max() <= 20


def test_a_slow_change_is_never_lost_and_the_last_frame_is_nearest():
    ramp = np.broadcast_to(np.arange(0, 256, 4)[None, :, None], (20, 64, 3))
    fading = Frames(40, lambda index: np.minimum(ramp + 3 * index, 255).astype(np.uint8))
    frames, _, _ = read(encoded(fading, "gif"))
    errors = [np.abs(frame.astype(int) - drawn).max() for frame, drawn in zip(frames, fading, strict=True)]
    assert max(errors) <= 16
    assert errors[-1] <= 12


def test_a_photograph_gets_all_the_colours_it_needs():
    generator = np.random.default_rng(0)
    frame = generator.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert len(shared_palette([frame])) == 255
    assert len(shared_palette([frame // 255 * 255])) <= 8


def test_what_occurs_most_is_met_exactly():
    frame = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    frame[:50] = (17, 130, 201)
    assert (shared_palette([frame])[0] == (17, 130, 201)).all()
    frames, _, _ = read(encoded([frame, frame], "gif"))
    assert (frames[0][:50] == (17, 130, 201)).all()


def test_a_scatter_animation_is_small():
    generator = np.random.default_rng(0)
    labels = np.arange(10_000) % 10
    centres = generator.normal(size=(10, 2)) * 1.5
    points = [centres[labels] * epoch / 20 + 0.4 * generator.normal(size=(10_000, 2)) for epoch in range(20)]
    data = encoded(
        scatter([Cloud(points, labels)], [str(digit) for digit in range(10)], (-4, 4, -4, 4)), "gif"
    )
    assert len(data) < 600_000


def test_frames_are_drawn_one_at_a_time_and_written_as_they_come():
    file = io.BytesIO()
    sizes = []

    def draw(index):
        sizes.append(file.tell())
        return colourful()[index % 5]

    encode(Frames(30, draw), file, "gif")
    assert len(set(sizes[-25:])) == 25


def test_a_pipe_that_cannot_seek_is_enough():
    script = (
        "import sys, numpy as np\n"
        "from vaecli.render.encode import encode\n"
        "frames = [np.full((8, 8, 3), 40 * i, np.uint8) for i in range(4)]\n"
        "encode(frames, sys.stdout.buffer, sys.argv[1])\n"
    )
    for kind in ("gif", "png", "webp"):
        done = subprocess.run([sys.executable, "-c", script, kind], capture_output=True, check=True)
        assert len(read(done.stdout)[0]) == 4


# The reader, not the writer, leaves its pipes open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_mp4_has_the_frames_the_speed_and_the_hold():
    import imageio.v3

    data = encoded(colourful(6, 64, 80), "mp4", Timing(fps=5, hold=1))
    assert data[4:8] == b"ftyp"
    frames = imageio.v3.imread(data, extension=".mp4")
    assert frames.shape == (6 + 4, 64, 80, 3)
    assert np.abs(frames[0].astype(int) - colourful(6, 64, 80)[0]).mean() < 6
    assert imageio.v3.immeta(data, extension=".mp4")["fps"] == 5


def test_odd_sides_make_a_film_too():
    assert len(encoded(colourful(2, 31, 41), "mp4", Timing(fps=5, hold=0))) > 500


def test_a_missing_package_is_named_with_its_extra():
    script = (
        "import io, sys, numpy as np\n"
        "sys.modules['imageio_ffmpeg'] = None\n"
        "from vaecli.render.encode import encode\n"
        "encode([np.zeros((8, 8, 3), np.uint8)] * 2, io.BytesIO(), 'mp4')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'vaecli[mp4]'" in done.stderr


@pytest.mark.parametrize("kind", STILL_FORMATS)
def test_a_still_is_written_as_it_is_and_an_animation_is_refused(kind):
    file = io.BytesIO()
    encode(colourful(1), file, kind, dpi=300)
    beginning = {"jpg": b"\xff\xd8", "pdf": b"%PDF", "svg": b"<?xml"}[kind]
    assert file.getvalue().startswith(beginning)
    with pytest.raises(
        UsageError, match=f"cannot be written as .{kind}.\nExpected one of these endings: .gif"
    ):
        encode(colourful(2), io.BytesIO(), kind)


def test_a_still_notes_its_dots_per_inch():
    for kind in ("png", "jpg"):
        file = io.BytesIO()
        encode(colourful(1), file, kind, dpi=300)
        with Image.open(file) as image:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "frame", [np.zeros((8, 8, 3)), np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8)]
)
def test_a_float_or_grey_frame_is_an_error(kind, frame):
    with pytest.raises(TypeError, match=r"expected uint8 \(height, width, 3\)"):
        encode([frame] * (1 if kind in STILL_FORMATS else 2), io.BytesIO(), kind)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: format_of("picture.bmp"),
            "picture.bmp does not say which format to write.\nExpected one of these endings: .gif",
        ),
        (lambda: format_of("gif"), "Expected one of these endings"),
        (lambda: encode([], io.BytesIO(), "gif"), "nothing to draw"),
        (lambda: encode(colourful(), io.BytesIO(), "tiff"), "Unknown picture format 'tiff'"),
        (lambda: encode(colourful(), io.BytesIO(), "gif", Timing(fps=60)), "A GIF cannot run at 60 frames"),
        (lambda: Timing(fps=0), "fps is 0"),
        (lambda: Timing(fps=float("nan")), "fps is nan"),
        (lambda: Timing(hold=-1), "hold is -1"),
    ],
)
def test_what_cannot_be_written_is_said(call, message):
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)


def test_a_smooth_tint_gets_shades_twice_as_near_as_a_smooth_grey():
    ramp = np.linspace(0, 255, 120 * 400).reshape(120, 400)
    tinted = np.stack([255 - ramp / 2, 128 + ramp / 3, ramp / 4], axis=2).astype(np.uint8)
    grey = np.repeat(ramp.astype(np.uint8)[..., None], 3, axis=2)

    def furthest(frame):
        """Return how far 99 % of the pixels are from the palette at most."""
        palette = shared_palette([frame]).astype(float)
        colours, places = np.unique(frame.reshape(-1, 3), axis=0, return_inverse=True)
        distance = np.linalg.norm(colours[:, None].astype(float) - palette[None], axis=2).min(axis=1)
        return np.quantile(distance[places.ravel()], 0.99)

    assert furthest(tinted) <= 10
    assert 10 < furthest(grey) <= 20
