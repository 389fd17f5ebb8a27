from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from vaecli.blueprint.network import draw
from vaecli.network import building
from vaecli.network.model import VAE
from vaecli.registry import ARCHITECTURES

Halves = tuple[keras.Model, keras.Model]


def build(architecture: str, shape: tuple[int, int, int], latent_dim: int, seed: int) -> Halves:
    blueprint = draw(architecture, shape, latent_dim)
    return building.build(blueprint.encoder, seed), building.build(blueprint.decoder, seed)


SHAPES = [(28, 28, 1), (13, 9, 3), (33, 64, 3), (1, 5, 1)]


def test_post_is_the_tutorials_network_to_the_parameter() -> None:
    assert VAE("post", (28, 28, 1), latent_dim=2).count_params() == 3_354_569


def test_the_default_network_has_less_than_half_the_weights_of_the_tutorials() -> None:
    assert VAE("conv", (28, 28, 1), latent_dim=2).count_params() < 3_354_569 / 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_network_takes_images_of_any_shape_and_gives_logits_of_the_same(
    architecture: str, shape: tuple[int, int, int]
) -> None:
    encoder, decoder = build(architecture, shape, 3, seed=0)
    mean, log_var = encoder(tf.ones((2, *shape)))
    assert mean.shape == log_var.shape == (2, 3)
    assert decoder(mean).shape == (2, *shape)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_network_grows_with_the_square_of_the_pixels(architecture: str) -> None:
    if not architecture.startswith("dense"):  # its first layer is in proportion to the pixels
        assert VAE(architecture, (64, 64, 3), latent_dim=64).count_params() < 5e6
    small, large = (VAE(architecture, (side, side, 3)).count_params() for side in (64, 128))
    assert large < 5 * small


def test_the_residual_network_halves_its_sides_until_four_are_left() -> None:
    for side, positions in ((28, (4, 4)), (64, (4, 4)), (128, (4, 4)), (100, (4, 4))):
        _, decoder = build("residual", (side, side, 3), 2, seed=0)
        assert decoder.get_layer("unflatten").output.shape[1:3] == positions
    _, decoder = build("residual", (64, 48, 3), 2, seed=0)
    assert decoder.get_layer("unflatten").output.shape[1:3] == (4, 3)


def test_the_residual_network_has_no_transposed_convolution_that_could_leave_a_checkerboard() -> None:
    _, decoder = build("residual", (32, 32, 1), 2, seed=0)
    kinds = {type(layer).__name__ for layer in decoder.layers}
    assert "UpSampling2D" in kinds
    assert not any("Transpose" in kind for kind in kinds)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_pixel_is_seen_by_the_encoder_and_drawn_by_the_decoder(architecture: str) -> None:
    encoder, decoder = build(architecture, (13, 9, 1), 2, seed=0)
    images = tf.constant(np.random.default_rng(0).random((4, 13, 9, 1)), tf.float32)
    latents = tf.constant(np.random.default_rng(1).standard_normal((4, 2)), tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        encoded = encoder(images)
    assert np.all(np.any(tape.gradient(encoded, images) != 0, axis=0))
    assert np.all(np.std(decoder(latents), axis=0) > 0)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_initial_weights_follow_from_the_seed_and_differ_between_layers(architecture: str) -> None:
    first, again, other = (VAE(architecture, (12, 12, 1), seed=seed).get_weights() for seed in (3, 3, 4))
    kernels = [index for index, weight in enumerate(first) if weight.ndim > 1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(first[index], other[index]) for index in kernels)
    assert len({first[index].tobytes() for index in kernels}) == len(kernels)


@pytest.mark.parametrize("architecture", ["conv", "dense", "residual"])
def test_our_own_networks_start_with_every_image_grey(architecture: str) -> None:
    vae = VAE(architecture, (32, 32, 3), latent_dim=20)
    latents = tf.constant(np.random.default_rng(0).standard_normal((4, 20)), tf.float32)
    assert np.abs(tf.sigmoid(vae.decode(latents)) - 0.5).max() < 0.1


@pytest.mark.parametrize("architecture", ["conv", "dense", "residual"])
def test_our_own_networks_start_with_every_image_at_the_priors_centre(architecture: str) -> None:
    mean, log_var = build(architecture, (28, 28, 1), 2, seed=0)[0](tf.ones((1, 28, 28, 1)))
    assert np.abs(mean).max() < 0.1
    assert np.abs(log_var).max() < 0.1


def test_a_standard_deviation_of_zero_keeps_a_finite_log_variance_and_gradient() -> None:
    encoder, _ = build("post", (8, 8, 1), 2, seed=0)
    encoder.get_layer("deviation").bias.assign([-200.0, 0.0])
    with tf.GradientTape() as tape:
        _, log_var = encoder(tf.zeros((1, 8, 8, 1)))
    gradients = tape.gradient(log_var, encoder.trainable_variables)
    assert np.isfinite(log_var).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients if gradient is not None)


@pytest.mark.parametrize("architecture", ["conv", "conv-v1", "conv-v2", "dense", "residual"])
def test_from_sixteen_latents_on_a_linear_path_runs_beside_the_deep_one(architecture: str) -> None:
    for latent_dim, has_path in ((2, False), (15, False), (16, True)):
        halves = build(architecture, (13, 9, 3), latent_dim, seed=0)
        assert ["linear" in {layer.name for layer in half.layers} for half in halves] == [has_path] * 2
    encoder, decoder = build(architecture, (13, 9, 3), 16, seed=0)
    decoder.get_layer("logits").kernel.assign(tf.zeros_like(decoder.get_layer("logits").kernel))
    latents = tf.constant(np.random.default_rng(0).standard_normal((1, 16)), tf.float32)
    np.testing.assert_allclose(decoder(3 * latents), 3 * decoder(latents), rtol=1e-4, atol=1e-6)
    weights = encoder.get_layer("linear")
    assert weights.kernel.shape == (13 * 9 * 3, 16)
    np.testing.assert_allclose(
        encoder.get_layer("centred")(tf.constant([[0.0, 0.5, 1.0]])), [[-4.0, 0.0, 4.0]]
    )
