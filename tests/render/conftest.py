"""Points and images to draw, made up but lifelike."""

import numpy as np
import pytest

from vaecli.render.frames import caption
from vaecli.render.panel import Cloud

NAMES = ["round", "square", "t-shirt/top"]


@pytest.fixture
def cloud():
    """Three classes that drift apart over four epochs."""
    generator = np.random.default_rng(0)
    labels = np.arange(90) % 3
    centres = np.array([[2.0, 2.0], [-2.0, 1.5], [0.0, -2.0]])
    points = [epoch / 3 * (centres[labels] + 0.3 * generator.normal(size=(90, 2))) for epoch in range(4)]
    captions = [caption(epoch, 300.0 - epoch) for epoch in range(4)]
    return Cloud(points, labels, captions, "toy-1")


@pytest.fixture
def line_cloud(cloud):
    """The same in one latent."""
    return Cloud([points[:, :1] for points in cloud.points], cloud.labels, cloud.captions, "toy-2", ("z₁",))


@pytest.fixture
def class_names():
    return NAMES


@pytest.fixture
def images():
    """Twelve random images, 9 × 7, in grey."""
    return np.random.default_rng(0).integers(0, 256, (12, 9, 7, 1), dtype=np.uint8)


def find(frame, picture):
    """Return row and column of a picture's top left corner in a frame, or None."""
    height, width = picture.shape[:2]
    places = np.argwhere((frame == picture[0, 0]).all(axis=2))
    for row, column in places:
        if np.array_equal(frame[row : row + height, column : column + width], picture):
            return int(row), int(column)
    return None


@pytest.fixture(name="find")
def _find():
    return find


def ink_in(frame, rows, columns):
    """Say whether something dark and grey is written in a part of a frame."""
    part = frame[rows, columns].astype(int)
    return bool(((part.max(axis=2) < 140) & (np.ptp(part, axis=2) < 8)).any())


@pytest.fixture(name="ink_in")
def _ink_in():
    return ink_in
