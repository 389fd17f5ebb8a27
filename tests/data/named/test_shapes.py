import math

import numpy as np
import pytest

from vaecli.data.named.catalogue import CATALOGUE
from vaecli.data.named.shapes import make_shapes
from vaecli.errors import UsageError


@pytest.fixture(scope="module")
def grey():
    return make_shapes()


@pytest.fixture(scope="module")
def coloured():
    return make_shapes("24x36", channels=3)


def test_the_set_is_what_the_catalogue_says(grey):
    named = CATALOGUE["shapes"]
    assert grey.shape == named.shape
    assert (len(grey.train), len(grey.heldout)) == named.counts
    assert grey.class_names == named.class_names


def test_it_is_the_same_on_every_machine(grey, coloured):
    assert grey.fingerprint == "353f5f518c36ece3b9b1ed5ca31ef944ff5ae30ff44fd6189a5afe6ea8782c8b"
    assert coloured.fingerprint == "703cfe23528e5e2dc17f44b65144d57eada2b6b54c4f0a34b2701d2990006ce0"


def test_size_is_height_by_width(coloured):
    assert coloured.shape == (24, 36, 3)


def test_every_class_is_equally_frequent(grey):
    for split in (grey.train, grey.heldout):
        counts = np.bincount(split.labels)
        assert len(counts) == len(grey.class_names)
        assert counts.max() - counts.min() <= 1


def test_held_out_images_are_others(grey):
    train = {image.tobytes() for image in grey.train.images}
    assert not any(image.tobytes() in train for image in grey.heldout.images)


def test_factors_are_kept_within_their_ranges(grey, coloured):
    for dataset in (grey, coloured):
        factors = dataset.train.factors
        assert set(factors) == {"size", "angle", "x", "y", "colour"}
        assert all(values.shape == (len(dataset.train),) for values in factors.values())
        assert np.all((factors["angle"] >= 0) & (factors["angle"] < 2 * math.pi))
        assert np.all((factors["colour"] >= 0) & (factors["colour"] <= 1))
        assert np.all((factors["size"] >= 0.35) & (factors["size"] <= 0.8))
        assert np.all(np.abs(factors["x"]) < 1)


def test_the_same_factors_are_drawn_at_every_size(grey, coloured):
    for name in ("size", "angle"):
        np.testing.assert_array_equal(grey.train.factors[name], coloured.train.factors[name])
    np.testing.assert_array_equal(grey.train.labels, coloured.train.labels)


def test_factors_vary_independently(grey):
    values = np.stack([*grey.train.factors.values(), grey.train.labels])
    correlation = np.corrcoef(values) - np.eye(len(values))
    assert np.abs(correlation).max() < 0.05


@pytest.mark.parametrize("name", ["disc", "ring", "square", "cross"])
def test_the_centre_of_mass_is_where_the_factors_say(coloured, name):
    split = coloured.train
    chosen = np.flatnonzero(split.labels == coloured.class_names.index(name))[:200]
    mass = split.images[chosen].sum(axis=3).astype(float)
    total = mass.sum(axis=(1, 2))
    height, width, _ = coloured.shape
    column = (mass.sum(axis=1) * (np.arange(width) + 0.5)).sum(axis=1) / total
    row = (mass.sum(axis=2) * (np.arange(height) + 0.5)).sum(axis=1) / total
    np.testing.assert_allclose(2 * column / width - 1, split.factors["x"][chosen], atol=0.03)
    np.testing.assert_allclose(1 - 2 * row / height, split.factors["y"][chosen], atol=0.03)


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("disc", math.pi),
        ("ring", math.pi * (1 - 0.5**2)),
        ("square", 2.0),
        ("triangle", 3 * math.sqrt(3) / 4),
        ("cross", 4 * (2 * 0.96 * 0.28 - 0.28**2)),
        ("star", 1.1226),
    ],
)
def test_the_area_is_that_of_the_shape_so_edges_are_antialiased(grey, name, area):
    split = grey.train
    chosen = np.flatnonzero(split.labels == grey.class_names.index(name))
    radius = split.factors["size"][chosen] * 14
    brightness = 255 * split.factors["colour"][chosen]
    covered = split.images[chosen].sum(axis=(1, 2, 3)) / brightness
    np.testing.assert_allclose((covered / radius**2).mean(), area, rtol=0.03)


def test_brightness_is_the_colour_of_a_grey_shape(grey):
    split = grey.train
    large = np.flatnonzero((split.factors["size"] > 0.6) & (split.labels == 0))
    brightest = split.images[large].max(axis=(1, 2, 3))
    np.testing.assert_allclose(brightest, 255 * split.factors["colour"][large], atol=0.51)


def test_hue_is_the_colour_of_a_coloured_shape(coloured):
    split = coloured.train
    centre = split.images.max(axis=(1, 2)).astype(int)  # (n, 3)
    for hue, expected in ((0.0, (255, 0, 0)), (1 / 3, (0, 255, 0)), (2 / 3, (0, 0, 255))):
        near = np.argmin(np.abs(split.factors["colour"] - hue))
        np.testing.assert_allclose(centre[near], expected, atol=5)


def test_shapes_stay_inside_the_image(grey):
    border = np.ones(grey.shape[:2], bool)
    border[1:-1, 1:-1] = False
    outermost = grey.train.images[:, border].max(axis=(1, 2))
    assert np.mean(outermost > 128) < 0.05


def test_an_upright_triangle_points_up(grey):
    split = grey.train
    angle = split.factors["angle"]
    upright = np.argmin(np.where(split.labels == grey.class_names.index("triangle"), angle, np.inf))
    width = (split.images[upright, :, :, 0] > 64).sum(axis=1)
    rows = np.flatnonzero(width)
    assert width[rows[0]] < width[rows[-1]]


@pytest.mark.parametrize(
    "size", ["", "7", "257", "64x", "x64", "64x48x3", "-64", "6.4", "big", "64x7", "99999"]
)
def test_a_size_that_is_none_is_an_error(size):
    with pytest.raises(UsageError, match=f"size is '{size}'") as caught:
        make_shapes(size)
    assert "64x48" in caught.value.expected


def test_other_numbers_of_channels_are_an_error():
    with pytest.raises(UsageError, match="channels is 4"):
        make_shapes(channels=4)
