import numpy as np
import pytest

from vaecli.blueprint.network import draw, of_config, require_fit
from vaecli.config import TrainConfig
from vaecli.errors import DamagedArtifact
from vaecli.registry import ARCHITECTURES

SHAPES = [(28, 28, 1), (13, 9, 3), (33, 64, 3), (1, 5, 1)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("latent_dim", [1, 3, 16])
def test_every_network_takes_images_of_any_shape_and_gives_logits_of_the_same(
    architecture, shape, latent_dim
):
    blueprint = draw(architecture, shape, latent_dim)
    encoder, decoder = blueprint.encoder, blueprint.decoder
    assert (blueprint.image_shape, blueprint.latent_dim) == (shape, latent_dim)
    assert [encoder.shapes[name] for name in encoder.outputs] == [(latent_dim,)] * 2
    assert [decoder.shapes[name] for name in decoder.outputs] == [shape]


def test_the_default_network_has_less_than_half_the_weights_of_the_tutorials():
    counts = [draw(name, (28, 28, 1), 2).parameter_counts()["total"] for name in ("conv", "post")]
    assert counts[0] < counts[1] / 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_network_grows_with_the_square_of_the_pixels(architecture):
    if not architecture.startswith("dense"):  # its first layer is in proportion to the pixels
        assert draw(architecture, (64, 64, 3), 64).parameter_counts()["total"] < 5e6
    small, large = (draw(architecture, (side, side, 3), 2).parameter_counts()["total"] for side in (64, 128))
    assert large < 5 * small


def test_the_trained_weights_of_a_likelihood_count_as_the_decoders():
    plain, scaled = (
        draw("dense", (4, 4, 1), 2, name).parameter_counts() for name in ("gaussian", "logistic")
    )
    assert scaled == {**plain, "decoder": plain["decoder"] + 1, "total": plain["total"] + 1}


def test_a_huge_network_is_drawn_without_allocating_it():
    blueprint = draw("dense", (50_000, 20_000, 3), 4096)
    assert blueprint.tensors()["encoder/dense_0/kernel"] == (3_000_000_000, 512)


def test_colour_is_gaussian_unless_the_config_says_otherwise():
    assert of_config(TrainConfig(), (8, 8, 3)).tensors()["likelihood/squared_error"] == (2,)
    for config, shape in (
        (TrainConfig(), (8, 8, 1)),
        (TrainConfig(likelihood="gaussian", sigma=0.1), (8, 8, 3)),
    ):
        assert not any("likelihood" in name for name in of_config(config, shape).tensors())


EXPECTED = {"decoder/logits/bias": (120,), "encoder/mean/bias": (2,)}

DAMAGES = {
    "is missing": None,
    r"has shape \(4,\) instead of \(120,\)": np.zeros(4, np.float32),
    "is of type float64 instead of float32": np.zeros(120),
    "holds a value that is not a finite number": np.full(120, np.nan, np.float32),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_a_damaged_checkpoint_is_refused_by_the_name_of_the_tensor(words):
    tensors = {"encoder/mean/bias": np.zeros(2, np.float32), "decoder/logits/bias": DAMAGES[words]}
    given = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    with pytest.raises(DamagedArtifact, match=f"tensor 'decoder/logits/bias' {words}"):
        require_fit(EXPECTED, given)


def test_a_tensor_too_many_is_refused_and_tensors_that_fit_are_not():
    tensors = {name: np.zeros(shape, np.float32) for name, shape in EXPECTED.items()}
    require_fit(EXPECTED, tensors)
    with pytest.raises(DamagedArtifact, match="tensor 'extra' is not part of this network"):
        require_fit(EXPECTED, {**tensors, "extra": np.zeros(3, np.float32)})
