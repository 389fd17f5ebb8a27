"""The page's interpreter gives what NumPy and Keras give, whatever the network."""

import inspect

import numpy as np
import pytest

from tests.network.conftest import blobs, make_trainer  # noqa: F401 - a fixture
from vaecli.blueprint import layers
from vaecli.blueprint.arrays import ACTIVATIONS
from vaecli.blueprint.description import describe
from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import draw, of_config
from vaecli.explorer.packing import in_base64, pack_float16
from vaecli.network.inference import Network
from vaecli.registry import ARCHITECTURES, LIKELIHOODS

FILES = ("packing.js", "network.js")
SHAPES = [(28, 28, 1), (13, 9, 3), (12, 17, 1)]
ENOUGH = 1e-4

PASS = """
const results = given.map(({ description, weights, images, latents }) => {
  const shapes = tensorShapes([description.encoder, description.decoder], description.likelihood);
  const tensors = namedTensors(shapes, fromBase64(weights), 16);
  const encoded = images.map((image) => encode(description, tensors, image));
  return {
    unknown: unknownParts(description),
    mean: encoded.map(({ mean }) => [...mean]),
    log_var: encoded.map(({ logVar }) => [...logVar]),
    decoded: latents.map((latent) => [...decode(description, tensors, latent)]),
  };
});
"""


def case_of(blueprint, weights, seed=0):
    """Return what node is given, and the same for NumPy and Keras: the weights rounded to float16."""
    ordered = {name: weights[name] for name in blueprint.tensors()}
    rounded = {name: np.float32(np.float16(tensor)) for name, tensor in ordered.items()}
    images = blobs(2, blueprint.image_shape, seed=seed + 2)
    latents = np.random.default_rng(seed).standard_normal((3, blueprint.latent_dim)).astype(np.float32)
    given = {
        "description": describe(blueprint),
        "weights": in_base64(pack_float16(ordered)),
        "images": (images.reshape(2, -1) / 255).tolist(),
        "latents": latents.tolist(),
    }
    return given, rounded, images, latents


def assert_agrees(result, network, images, latents):
    mean, log_var = network.encode(images)
    assert result["unknown"] == []
    np.testing.assert_allclose(result["mean"], mean, rtol=ENOUGH, atol=ENOUGH)
    np.testing.assert_allclose(result["log_var"], log_var, rtol=ENOUGH, atol=ENOUGH)
    decoded = np.reshape(result["decoded"], (len(latents), *images.shape[1:]))
    np.testing.assert_allclose(decoded, network.decode(latents), atol=ENOUGH)


def made_up_weights(blueprint, random):
    """Return weights as wide as they are before training, but for biases that are not 0."""
    return {
        name: np.float32(random.uniform(-1, 1, shape) / np.sqrt(max(np.prod(shape[:-1]), 1)))
        for name, shape in blueprint.tensors().items()
    }


def assert_numpy_agrees(run, architecture, shapes=SHAPES, latent_dims=(2, 16)):
    """Run an architecture with every likelihood, and images and latents of several sizes, and compare."""
    random = np.random.default_rng(0)
    blueprints = [
        draw(architecture, shape, latent_dim, likelihood)
        for shape in shapes
        for likelihood in LIKELIHOODS
        for latent_dim in latent_dims
    ]
    weights = [made_up_weights(blueprint, random) for blueprint in blueprints]
    cases = [case_of(blueprint, each) for blueprint, each in zip(blueprints, weights, strict=True)]
    results = run(FILES, PASS, [given for given, *_ in cases])
    for blueprint, result, (_, rounded, images, latents) in zip(blueprints, results, cases, strict=True):
        assert_agrees(result, Interpreter(blueprint, rounded), images, latents)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_likelihood_and_shape_gives_in_node_what_numpy_gives(architecture, in_node):
    assert_numpy_agrees(in_node, architecture)


@pytest.mark.parametrize("shape", [(13, 9, 1), (12, 17, 3)], ids=str)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_trained_weights_give_in_node_what_keras_gives(architecture, shape, in_node, make_trainer):  # noqa: F811
    trainer = make_trainer(shape, images=20, architecture=architecture, latent_dim=3)
    list(trainer.epochs(1, 1))
    given, rounded, images, latents = case_of(of_config(trainer.config, shape), trainer.weights())
    (result,) = in_node(FILES, PASS, [given])
    assert_agrees(result, Network.from_weights(trainer.config, shape, rounded), images, latents)


def test_every_kind_of_layer_and_likelihood_is_known_in_node(in_node):
    kinds = {
        kind.__name__
        for _, kind in inspect.getmembers(layers, inspect.isclass)
        if issubclass(kind, layers.Layer) and not inspect.isabstract(kind)
    }
    likelihoods = {type(entry.make(None)).__name__ for entry in LIKELIHOODS.values()}
    program = "const results = [LAYERS, LIKELIHOODS, ACTIVATIONS].map(Object.keys);"
    known = in_node(FILES, program, None)
    assert list(map(set, known)) == [kinds - {"Input"}, likelihoods, set(ACTIVATIONS)]


def test_a_layer_that_the_page_does_not_know_is_named(in_node):
    description = describe(draw("dense", (4, 4, 1), 2))
    description["decoder"]["layers"][1]["kind"] = "Attention"
    assert in_node(FILES, "const results = unknownParts(given);", description) == ["Attention"]
