import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from vaecli.data import read_images
from vaecli.data.images import FORMATS, MOST_PIXELS, parse_colour
from vaecli.errors import DataError, UsageError

GREY = np.random.default_rng(0).integers(0, 256, (28, 20), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (28, 20, 3), dtype=np.uint8)


@pytest.fixture
def save(tmp_path):
    """Return a function that saves an image and returns its path."""

    def write(image, name="image.png", **options):
        path = tmp_path / name
        (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
        return path

    return write


def read(path, shape=(28, 20, 1)):
    images, notes = read_images([path], shape)
    assert images.dtype == np.uint8
    assert images.shape == (1, *shape)
    return images[0], notes


def flat(colour, size=(8, 8), mode="RGB"):
    return Image.new(mode, size, colour)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.gif", "a.webp"])
def test_an_image_of_the_right_shape_keeps_its_bytes(save, name):
    image, notes = read(save(GREY, name, lossless=True))
    np.testing.assert_array_equal(image[..., 0], GREY)
    assert all(note.endswith(": colour → grey") for note in notes)  # WebP and GIF store no grey


def test_a_coloured_image_of_the_right_shape_keeps_its_bytes(save):
    image, notes = read(save(COLOUR), (28, 20, 3))
    np.testing.assert_array_equal(image, COLOUR)
    assert notes == []


def test_images_come_in_the_order_of_their_paths(save):
    paths = [save(np.full((4, 4), value, np.uint8), f"{value}.png") for value in (9, 3, 7)]
    images, notes = read_images([*paths, str(paths[0])], (4, 4, 1))
    assert [int(image.mean()) for image in images] == [9, 3, 7, 9]
    assert notes == []


def test_no_paths_give_no_images():
    images, notes = read_images([], (4, 4, 1))
    assert images.shape == (0, 4, 4, 1)
    assert notes == []


def test_a_jpeg_is_read(save):
    image, _ = read(save(flat((10, 200, 30)), "a.jpg", quality=95), (8, 8, 3))
    np.testing.assert_allclose(image[4, 4], (10, 200, 30), atol=4)


def test_the_format_is_told_by_the_content_not_the_name(save, tmp_path):
    path = save(GREY).rename(tmp_path / "image.jpg")
    np.testing.assert_array_equal(read(path)[0][..., 0], GREY)


def test_what_was_converted_is_said(save):
    path = save(COLOUR)
    _, notes = read(path, (14, 14, 1))
    assert notes == [f"{path}: 28 × 20 → 14 × 14, colour → grey"]
    _, notes = read(save(GREY), (28, 20, 3))
    assert notes == [f"{path}: grey → colour"]


def test_scaling_keeps_proportions_and_centres_on_black(save):
    image, _ = read(save(np.full((10, 40), 200, np.uint8)), (24, 24, 1))
    rows = image[..., 0].mean(axis=1)
    np.testing.assert_array_equal(rows > 0, [False] * 9 + [True] * 6 + [False] * 9)


@pytest.mark.parametrize("size", [(1, 3000), (3000, 1)])
def test_a_thin_line_stays_visible(save, size):
    image, _ = read(save(np.full(size, 200, np.uint8)), (20, 20, 1))
    assert (image == 200).sum() == 20


def test_scaling_down_is_antialiased(save):
    fine = np.indices((64, 64)).sum(axis=0) % 2 * 255
    image, _ = read(save(fine.astype(np.uint8)), (8, 8, 1))
    np.testing.assert_allclose(image, 128, atol=12)


def test_an_image_of_one_pixel_is_scaled_up(save):
    image, _ = read(save(np.full((1, 1), 77, np.uint8)), (6, 4, 1))
    assert image[3, 2, 0] == 77


@pytest.mark.parametrize(
    ("image", "value"),
    [
        (flat((255, 255, 255, 0), mode="RGBA"), 0),
        (flat((255, 255, 255, 51), mode="RGBA"), 51),
        (flat((200, 255), mode="LA"), 200),
        (flat((200, 0), mode="LA"), 0),
        (flat(1, mode="1"), 255),
        (flat(180, mode="L"), 180),
    ],
)
def test_transparency_is_over_black(save, image, value):
    assert read(save(image), (8, 8, 1))[0][3, 3, 0] == value


def test_a_palette_gives_its_colours(save):
    image = flat((250, 20, 130)).quantize(8)
    assert image.mode == "P"
    assert tuple(read(save(image), (8, 8, 3))[0][2, 2]) == (250, 20, 130)


def test_a_transparent_palette_entry_is_black(save):
    image = flat((250, 20, 130)).quantize(8)
    assert not read(save(image, transparency=0), (8, 8, 3))[0].any()


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (65_535, 255), (257 * 100, 100), (32_768, 128)])
@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_are_scaled_to_eight(save, value, expected, name):
    path = save(Image.fromarray(np.full((8, 8), value, np.uint16)), name)
    assert read(path, (8, 8, 1))[0][0, 0, 0] == expected


def test_cmyk_becomes_rgb(save):
    path = save(flat((0, 255, 255, 0), mode="CMYK"), "a.tiff")
    np.testing.assert_array_equal(read(path, (8, 8, 3))[0][0, 0], (255, 0, 0))


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [(1, GREY), (3, GREY[::-1, ::-1]), (6, np.rot90(GREY, -1)), (8, np.rot90(GREY))],
)
def test_a_cameras_orientation_is_applied(save, orientation, turned):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image, _ = read(save(GREY, exif=exif), (*turned.shape, 1))
    np.testing.assert_array_equal(image[..., 0], turned)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.tiff", "a.png"])
def test_the_first_of_several_frames_counts(save, name):
    frames = [flat((0, 0, 255)), flat((255, 0, 0))]
    path = save(frames[0], name, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_array_equal(read(path, (8, 8, 3))[0][1, 1], (0, 0, 255))


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_that_claims(width, height):
    """Return a small PNG whose header states a huge size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"), [(8001, 8000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header(tmp_path, width, height):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(width, height))
    with pytest.raises(DataError, match=r"bomb\.png: too large: .* pixels") as caught:
        read_images([path], (8, 8, 1))
    assert f"{MOST_PIXELS:,}" in caught.value.expected
    assert len(str(caught.value).splitlines()) <= 3


def png():
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an image that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image that can be read"),
        (b"P5 2 2 255 ab", "the image cannot be read"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (png()[:-60], "the image cannot be read: .*truncated"),
        (png()[:40], "image"),
        (png()[:60] + bytes(80) + png()[140:], "image"),
        (b"GIF89a" + bytes(20), "image"),
        (b"II*\0\x08\0\0\0\xff\xff" + bytes(30), "image"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "image"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + bytes(30), "image"),
        (b"BM" + bytes(60), "image"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, content, message):
    path = tmp_path / "bad file.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"bad file\.png: .*{message}") as caught:
        read_images([path], (8, 8, 1))
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize(
    ("values", "ends", "pixels", "said"),
    [
        (np.array([[0, 4095]], np.uint16), None, [0, 255], "read as 12-bit"),
        (np.array([[-1000, 500, 2000]], np.int32), None, [0, 128, 255], "read as -1000…2000"),
        (np.array([[0.0, 0.5, 1.0]], np.float32), None, [0, 128, 255], "read as 0…1"),
        (
            np.array([[0, 500, 2000]], np.int32),
            "0,1000",
            [0, 128, 255],
            "values outside become black or white",
        ),
        (np.array([[0, 5, 10]], np.uint8), "0,10", [0, 128, 255], ""),
    ],
)
def test_numbers_wider_than_bytes_are_scaled_by_their_range(save, values, ends, pixels, said):
    path = save(Image.fromarray(values), "a.tiff")
    images, notes = read_images([path], (*values.shape, 1), range=ends)
    assert images[0, 0, :, 0].tolist() == pixels
    assert said in "".join(notes)


def test_sixteen_bits_show_the_background_where_a_value_is_transparent(save):
    values = np.full((8, 8), 30_000, np.uint16)
    values[:, :4] = 65_535
    path = save(Image.fromarray(values), "a.png", transparency=65_535)
    images, _ = read_images([path], (8, 8, 3), background="#ff0000")
    np.testing.assert_array_equal(images[0, 0, 0], (255, 0, 0))
    np.testing.assert_array_equal(images[0, 0, 7], (117, 117, 117))


def test_pixels_that_are_not_finite_are_refused(save):
    with pytest.raises(DataError, match="values that are NaN"):
        read(save(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "a.tiff"))


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DataError, match=r"gone\.png: the image cannot be read: No such file or directory\."):
        read_images([tmp_path / "gone.png"], (8, 8, 1))


def test_a_folder_is_no_image(tmp_path):
    with pytest.raises(DataError, match="the image cannot be read: Is a directory"):
        read_images([tmp_path], (8, 8, 1))


def test_one_bad_file_among_many_is_named(save, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"?")
    with pytest.raises(DataError, match=r"bad\.png: "):
        read_images([save(GREY), tmp_path / "bad.png"], (28, 20, 1))


def test_reading_warns_of_nothing(save):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(save(flat((1, 2, 3)).quantize(4), transparency=b"\0\1\2\3"), (8, 8, 1))


@pytest.mark.parametrize(
    ("word", "colour"),
    [("white", (255, 255, 255)), ("#369", (0x33, 0x66, 0x99)), (" #0a0B0c ", (10, 11, 12))],
)
def test_a_colour_has_a_name_or_digits(word, colour):
    assert parse_colour(word) == colour


def test_a_colour_that_is_none_is_an_error():
    with pytest.raises(UsageError, match="background is 'blurple'"):
        read_images([], (8, 8, 1), background="blurple")


@pytest.mark.parametrize(
    ("mode", "name"), [("L", "a.pgm"), ("RGB", "a.ppm"), ("RGB", "a.pnm"), ("1", "a.pbm")]
)
def test_plain_formats_are_read(save, mode, name):
    image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) * 4).convert(mode)
    found, _ = read(save(image, name), (8, 8, 3))
    np.testing.assert_array_equal(found, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(("name", "kind"), [("a.jp2", "JPEG2000"), ("a.avif", "AVIF")])
def test_formats_that_pillow_was_built_with_are_read(save, name, kind):
    if kind not in FORMATS:
        pytest.skip(f"Pillow was built without {kind}")
    image = Image.fromarray(np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1)))
    found, _ = read(save(image, name), (32, 32, 1))
    np.testing.assert_allclose(found[..., 0].astype(int), np.asarray(image), atol=12)
