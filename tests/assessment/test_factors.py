"""Measures of disentanglement, on codes whose answer is known."""

import numpy as np
import pytest

from vaecli.assessment import evaluate
from vaecli.assessment.factors import (
    binned,
    concentration,
    lasso,
    mutual_information,
    mutual_information_gap,
    regressed,
)
from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.training import train

COUNT = 4000


@pytest.fixture(scope="module")
def factors():
    """Return three independent factors, `(n, 3)`."""
    return np.random.default_rng(0).uniform(-1, 1, (COUNT, 3))


def noise(columns, seed=1):
    return np.random.default_rng(seed).normal(size=(COUNT, columns))


def gap(codes, factors):
    return mutual_information_gap(codes, [binned(column) for column in factors.T])


def linear(codes, factors):
    parts = [factors[:, [column]] for column in range(factors.shape[1])]
    half = COUNT // 2
    return regressed(codes[:half], [p[:half] for p in parts], codes[half:], [p[half:] for p in parts])


def test_the_information_of_gaussians_is_the_closed_form():
    first, rest = noise(2).T
    for correlation in (0.0, 0.5, 0.9):
        second = correlation * first + np.sqrt(1 - correlation**2) * rest
        found, truth = mutual_information(binned(first), binned(second)), -0.5 * np.log(1 - correlation**2)
        assert 0.93 * truth - 0.02 < found < truth + 0.02  # 20 bins lose some


def test_codes_that_are_the_factors_in_another_order_and_scale_are_perfect(factors):
    codes = np.concatenate([factors[:, [2, 0, 1]] * [3.0, -0.2, 1.0], noise(2)], axis=1)
    assert gap(codes, factors) == pytest.approx(1.0, abs=0.01)
    found = linear(codes, factors)
    assert found.disentanglement > 0.99
    assert found.completeness > 0.99
    assert found.informativeness > 0.99


def test_bins_see_through_a_monotone_code(factors):
    assert gap(np.exp(3 * factors), factors) == pytest.approx(1.0, abs=0.01)


def test_codes_that_mix_two_factors_evenly_are_not_disentangled(factors):
    pair = factors[:, :2]
    codes = pair @ np.array([[1.0, 1.0], [1.0, -1.0]])
    assert gap(codes, pair) == pytest.approx(0.0, abs=0.02)
    found = linear(codes, pair)
    assert found.disentanglement == pytest.approx(0.0, abs=0.01)
    assert found.completeness == pytest.approx(0.0, abs=0.01)
    assert found.informativeness > 0.99


def test_a_factor_in_two_latents_has_no_gap_but_its_latents_are_disentangled(factors):
    codes = np.concatenate([factors[:, :2], factors[:, :2]], axis=1) + 0.3 * noise(4)
    found = linear(codes, factors[:, :2])
    assert gap(codes, factors[:, :2]) < 0.03
    assert found.disentanglement > 0.9
    assert found.completeness == pytest.approx(0.5, abs=0.05)  # two of four latents: 1 − log 2 / log 4


def test_noise_tells_nothing(factors):
    codes = noise(4)
    assert gap(codes, factors) == pytest.approx(0.0, abs=0.01)
    assert linear(codes, factors).informativeness < 0.01


def test_a_latent_that_never_changes_is_about_nothing(factors):
    codes = np.concatenate([factors, np.zeros((COUNT, 1))], axis=1)
    assert gap(codes, factors) == pytest.approx(1.0, abs=0.01)
    assert linear(codes, factors).disentanglement > 0.99


def test_a_class_is_one_factor_however_many_classes_there_are(factors):
    labels = np.random.default_rng(3).integers(0, 4, COUNT)
    codes = np.stack([labels == 1, labels == 2, labels == 3, factors[:, 0]], axis=1) + 0.01 * noise(4)
    half, parts = COUNT // 2, [np.eye(4)[labels], factors[:, [0]]]
    found = regressed(codes[:half], [p[:half] for p in parts], codes[half:], [p[half:] for p in parts])
    assert found.disentanglement > 0.97
    assert found.informativeness > 0.97


def test_what_is_spread_evenly_is_not_concentrated_and_empty_rows_do_not_count():
    assert concentration(np.ones((3, 4))) == pytest.approx(0.0)
    assert concentration(np.array([[0.0, 0.0], [0.0, 5.0]])) == 1.0
    assert concentration(np.zeros((2, 2))) == 0.0


def test_the_lasso_is_least_where_it_says():
    values, targets = noise(3), noise(1, seed=2)
    values -= values.mean(axis=0)
    targets = targets - targets.mean() + values[:, :1] - 0.3 * values[:, 1:2]

    def cost(weights):
        return np.square(targets - values @ weights).sum() / (2 * COUNT) + 0.2 * np.abs(weights).sum()

    found = lasso(values, targets, penalty=0.2)
    assert found[2, 0] == 0.0
    for change in 0.01 * np.random.default_rng(0).normal(size=(50, 3, 1)):
        assert cost(found + change) > cost(found)


def test_known_factors_are_looked_for_and_others_are_not(trained, dataset, store):
    random = np.random.default_rng(0)
    factors = {"x": random.random(80), "angle": random.random(80)}
    images = np.broadcast_to(255 * factors["x"][:, None, None], (80, 8, 8)).astype(np.uint8)
    split = [{name: values[part] for name, values in factors.items()} for part in (slice(60), slice(60, 80))]
    known = Dataset.from_arrays("greys", images[:60], heldout_images=images[60:], factors=tuple(split))
    found = evaluate(train(known, TrainConfig(architecture="dense", epochs=1), store), known)
    names = ["mutual_information_gap", "disentanglement", "completeness", "informativeness"]
    assert all(found[name].how["factors"] == ["x"] for name in names)
    assert not set(names) & evaluate(trained, dataset).estimates.keys()
