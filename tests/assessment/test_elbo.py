"""The terms of the ELBO and the floor under it, against sampling and known figures."""

import numpy as np
import pytest

from vaecli.assessment.elbo import Terms, gaussian_kl, grey_entropy
from vaecli.data import CATALOGUE, load_dataset, locate, principal_components


def test_the_kl_is_what_sampling_estimates():
    mean, log_var = np.array([[0.3, -1.2]]), np.array([[-0.7, 0.4]])
    random = np.random.default_rng(0)
    noise = random.standard_normal((400_000, 2))
    latents = mean + np.exp(log_var / 2) * noise
    log_ratio = 0.5 * (np.square(latents) - np.square(noise) - log_var)
    error = log_ratio.std(axis=0) / np.sqrt(len(noise))
    assert np.all(np.abs(log_ratio.mean(axis=0) - gaussian_kl(mean, log_var)[0]) < 4 * error)


def test_the_negative_elbo_is_the_sum_of_its_parts():
    terms = Terms(np.array([3.0, 4.0]), np.array([[1.0, 0.5], [0.0, 2.0]]))
    assert terms.negative_elbo.tolist() == [4.5, 6.0]


def test_no_cross_entropy_is_below_the_entropy_of_the_pixels():
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 1), dtype=np.uint8)
    x = images / 255.0
    floor = grey_entropy(images)

    def cross_entropy(p):
        return -(x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=(1, 2, 3))

    inside = np.clip(x, 1e-9, 1 - 1e-9)
    np.testing.assert_allclose(cross_entropy(inside), floor, atol=1e-5)
    for shift in (-0.02, 0.02):
        assert np.all(cross_entropy(np.clip(inside + shift, 1e-9, 1 - 1e-9)) > floor)


def test_black_and_white_images_have_no_floor():
    assert grey_entropy(np.array([[[[0], [255]]]], np.uint8)).tolist() == [0.0]


FLOORS = [("mnist", 45.534, 45.757, 43.6449), ("fashion", 189.858, 188.281, 36.1394)]


@pytest.mark.parametrize(("name", "heldout", "train", "pca"), FLOORS)
def test_the_floors_and_the_errors_of_two_components_are_the_known_ones(name, heldout, train, pca):
    if locate(CATALOGUE[name]) is None:
        pytest.skip(f"{name} is not on this machine: vaecli data fetch {name}")
    dataset = load_dataset(name, offline=True)
    assert grey_entropy(dataset.heldout.images).mean() == pytest.approx(heldout, abs=0.0006)
    assert grey_entropy(dataset.train.images).mean() == pytest.approx(train, abs=0.0006)
    components = principal_components(dataset.train.images, 2)
    assert 784 * components.squared_errors(dataset.heldout.images).mean() == pytest.approx(pca, abs=0.0005)
