"""Images drawn in black and white: their probabilities, and what is evaluated of them."""

import numpy as np
import pytest

from vaecli.assessment import compare, evaluate
from vaecli.assessment.binarisation import binarised
from vaecli.config import TrainConfig
from vaecli.errors import UsageError
from vaecli.training import train


def test_a_pixel_is_white_as_often_as_it_is_bright():
    grey = np.full((400, 5, 4, 1), 51, np.uint8)
    drawn = binarised(grey, np.arange(400), seed=0)
    assert set(np.unique(drawn)) == {0, 255}
    assert abs((drawn == 255).mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / drawn.size)


def test_an_image_is_drawn_the_same_whichever_others_are():
    grey = np.random.default_rng(0).integers(0, 256, (30, 5, 4, 1), dtype=np.uint8)
    whole = binarised(grey, np.arange(30), seed=3)
    some = np.array([2, 11, 29])
    np.testing.assert_array_equal(binarised(grey[some], some, seed=3), whole[some])
    assert not np.array_equal(binarised(grey, np.arange(30), seed=4), whole)


def test_the_likelihood_is_that_of_the_drawn_images(trained, dataset):
    found = evaluate(trained, dataset, binarise=5, importance_samples=3)
    assert found.protocol.binarised == 5
    assert found["floor"].value == 0.0
    assert found["excess"].value == found["negative_elbo"].value
    assert not {"squared_error", "pca_squared_error"} & found.estimates.keys()
    again = evaluate(trained, dataset, binarise=5, images=7)
    expected = found.per_image.negative_elbo[again.per_image.index]
    np.testing.assert_allclose(again.per_image.negative_elbo, expected, rtol=1e-5)


def test_other_draws_are_other_images(trained, dataset):
    runs = [evaluate(trained, dataset, binarise=seed) for seed in (1, 2, None)]
    for other in runs[1:]:
        assert "are of images that were binarised differently" in compare(other, runs[0]).obstacle


def test_only_bernoulli_pixels_are_black_or_white(dataset, store):
    run = train(dataset, TrainConfig(architecture="dense", epochs=1, likelihood="gaussian"), store)
    with pytest.raises(UsageError, match=r"binarise is for the likelihood bernoulli.\nRun .* has gaussian"):
        evaluate(run, dataset, binarise=0)


@pytest.mark.parametrize("section", ["neighbours", "aggregate"])
def test_what_is_not_about_the_likelihood_is_not_asked_of_drawn_images(trained, dataset, section):
    with pytest.raises(UsageError, match=f"binarise is for −ELBO and log p.*\nIt was given with {section}."):
        evaluate(trained, dataset, binarise=0, **{section: True})
