import numpy as np
import pytest

from vaecli.data import Dataset, pca_error, principal_components
from vaecli.errors import UsageError


@pytest.fixture(scope="module")
def dataset():
    random = np.random.default_rng(0)
    waves = random.normal(size=(12, 8 * 6 * 3)) * np.linspace(40, 4, 12)[:, None]
    pixels = 128 + random.normal(size=(400, 12)) @ waves / 4 + random.normal(size=(400, 144)) * 5
    images = pixels.clip(0, 255).astype(np.uint8).reshape(400, 8, 6, 3)
    return Dataset.from_arrays("waves", images[:300], heldout_images=images[300:])


@pytest.mark.parametrize("components", [1, 5, 64, 144])
def test_the_error_is_that_of_a_full_decomposition(dataset, components):
    train = dataset.train.images.reshape(300, -1) / 255
    centred = dataset.heldout.images.reshape(100, -1) / 255 - train.mean(axis=0)
    rows = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:components]
    truth = np.square(centred - centred @ rows.T @ rows).mean()
    assert pca_error(dataset, components) == pytest.approx(truth, rel=2e-3, abs=1e-9)


def test_more_components_than_there_can_be_are_an_error(dataset):
    with pytest.raises(UsageError, match=r"pca is 145.\nExpected: from 1 to 144 components."):
        pca_error(dataset, 145)


def test_decoded_scores_are_the_projections_of_the_images(dataset):
    linear = principal_components(dataset.train.images, 5)
    images = dataset.heldout.images
    projected = linear.decode(linear.encode(images))
    squares = np.square(images.reshape(100, -1) / 255 - projected).mean(axis=1)
    np.testing.assert_allclose(squares, linear.squared_errors(images), rtol=1e-4)
