"""Seams at known places and of known size, and none where there are none."""

import numpy as np
import pytest

from vaecli.assessment import evaluate
from vaecli.assessment.seams import Place, Steps, places, seam_ratio, steps_of, worst_place
from vaecli.blueprint.network import draw
from vaecli.config import TrainConfig
from vaecli.training import train


def images_with_seams(place, size, count=6, height=16, width=24):
    """Return images in which neighbours differ by 1, but by `size` across the borders of patches."""
    random = np.random.default_rng(0)

    def profile(side):
        at = np.arange(1, side)
        step = np.where((at - place.offset) % place.stride == 0, size, 1.0)
        signed = step * random.choice([-1.0, 1.0], (count, side - 1))
        return np.concatenate([np.zeros((count, 1)), signed.cumsum(axis=1)], axis=1)

    return (profile(height)[:, :, None] + profile(width)[:, None, :])[..., None]


@pytest.mark.parametrize("place", [Place(4, 0), Place(4, 2), Place(8, 0), Place(3, 1)])
def test_seams_of_known_size_are_measured_where_they_are(place):
    steps = steps_of(images_with_seams(place, 1.3))
    assert seam_ratio(steps, place).value == pytest.approx(1.3)
    assert seam_ratio(steps, place).error == pytest.approx(0.0, abs=1e-12)
    assert seam_ratio(steps, Place(place.stride, place.offset + 1)).value < 1


def test_noise_has_no_seams():
    noise = np.random.default_rng(0).integers(0, 256, (4000, 12, 12, 3), dtype=np.uint8)
    found = seam_ratio(steps_of(noise), Place(4, 0))
    assert abs(found.value - 1) < 4 * found.error < 0.01


def test_steps_are_those_of_rows_and_of_columns():
    image = np.array([[0, 1, 3], [10, 10, 10]], np.uint8)[None, ..., None]
    assert [part.tolist() for part in steps_of(image)] == [[[26 / 3]], [[0.5, 1.0]]]


def test_the_worst_place_is_that_of_the_largest_ratio_beside_the_real_one():
    real = steps_of(images_with_seams(Place(3, 0), 2.0))
    seamed = steps_of(images_with_seams(Place(3, 1), 1.5))
    assert worst_place([Place(3, 0), Place(3, 1), Place(3, 2)], [real, seamed], real) == Place(3, 1)


def test_flat_images_have_no_worst_place():
    flat, real = Steps(np.zeros((2, 7)), np.zeros((2, 7))), steps_of(images_with_seams(Place(4, 0), 1.0))
    assert worst_place([Place(4, 0)], [flat], real) is None
    assert worst_place([], [real], real) is None


@pytest.mark.parametrize(
    ("architecture", "side", "latent_dim", "expected"),
    [
        ("conv", 64, 2, [(8, 0), (8, 4)]),
        ("conv", 128, 2, [(8, 0), (8, 4), (16, 0), (16, 8)]),
        ("conv-v1", 28, 2, [(7, 0)]),
        ("conv-v1", 28, 16, [(7, 0)]),
        ("residual", 64, 2, [(2, 0), (4, 0), (8, 0), (16, 0)]),
        ("post", 28, 2, []),
        ("post", 64, 2, [(2, 0), (2, 1), (4, 0), (4, 2)]),
    ],
)
def test_the_places_follow_from_the_strides_of_the_decoder(architecture, side, latent_dim, expected):
    assert places(draw(architecture, (side, side, 1), latent_dim).decoder) == expected


def test_decoded_images_are_measured_beside_the_real_ones(dataset, store):
    run = train(dataset, TrainConfig(architecture="conv", epochs=1, batch_size=16), store)
    found = evaluate(run, dataset)
    names = ("seam_ratio_of_draws", "seam_ratio_of_reconstructions", "seam_ratio_of_images")
    how = [found[name].how for name in names]
    assert how[0] == how[1] == how[2]
    place = Place(how[0]["stride"], how[0]["offset"])
    expected = seam_ratio(steps_of(dataset.heldout.images), place)
    assert found["seam_ratio_of_images"].value == expected.value
    assert found["seam_ratio_of_images"].error == expected.error


def test_a_decoder_without_strides_has_no_seams(trained, dataset):
    assert "seam_ratio_of_draws" not in evaluate(trained, dataset).estimates
