"""Runs of one latent and of many, in colour, and two side by side, with weights that were made up."""

import shlex

import numpy as np
import pytest

from vaecli.blueprint.description import describe
from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import draw
from vaecli.explorer.assembly import page_of
from vaecli.explorer.contents import EpochContent, RunContent
from vaecli.images import to_uint8
from vaecli.latents import choose_latents, fit_projection, kl_per_latent

SHAPE, IMAGES = (12, 10, 3), 300


def made_up(latent_dim, name="made-up", seed=0):
    """Return a run of two epochs, and the network of its last one; the last latent of five is inactive."""
    random = np.random.default_rng(seed)
    blueprint = draw("dense", SHAPE, latent_dim, "gaussian")
    scale = np.float32([2.0, 1.0, 1.5, 0.8, 0.01][:latent_dim])
    means = [epoch * scale * random.normal(size=(IMAGES, latent_dim)).astype(np.float32) for epoch in (0, 1)]
    weights = {
        name: np.float32(random.normal(size=shape) / np.sqrt(max(shape[0], 1)))
        for name, shape in blueprint.tensors().items()
    }
    decoder = {tensor: value for tensor, value in weights.items() if not tensor.startswith("encoder")}
    view = fit_projection(means[1]) if latent_dim > 2 else choose_latents(range(latent_dim), latent_dim)
    kl = [list(kl_per_latent(mean, np.zeros_like(mean))) for mean in means]
    curve = {
        epoch: {"negative_elbo": 300.0 - epoch, "kl_per_latent": kl[epoch]} for epoch in range(len(means))
    }
    content = RunContent(
        name=name,
        facts=[("dataset", "made up")],
        command="vaecli train",
        description=describe(blueprint),
        image_shape=SHAPE,
        class_names=["a", "b", "c"],
        colours=["#2276e0", "#feb96f", "#109173"],
        labels=np.arange(IMAGES) % 3,
        index=np.arange(IMAGES),
        curve=curve,
        epochs=[EpochContent(epoch, curve[epoch], mean, decoder) for epoch, mean in enumerate(means)],
        axes=view.axes,
        centre=view.centre,
        axis_names=view.labels,
        images=random.integers(0, 256, (IMAGES, *SHAPE), dtype=np.uint8),
    )
    rounded = {tensor: np.float32(np.float16(value)) for tensor, value in weights.items()}
    return content, Interpreter(blueprint, rounded)


COLOURS = """canvas => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
  done([...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]);
})))"""


def colours(page, where, shape=SHAPE):
    found = page.locator(where).first.evaluate(COLOURS)
    return np.reshape(found, (*shape[:2], 4))[:, :, :3]


def test_each_latent_has_a_slider_and_inactive_ones_are_folded_away(open_page):
    content, network = made_up(5)
    page = open_page(page_of([content], []))
    labels = page.locator(".latents > label").all_inner_texts()
    assert [label.split(" · ")[0] for label in labels] == ["z₁", "z₃", "z₂", "z₄"]
    assert page.locator("summary").inner_text() == "1 inactive latent"
    page.locator(".latents > input").nth(1).fill("1.5")
    decoded = to_uint8(network.decode(np.float32([[0, 0, 1.5, 0, 0]])))[0]
    np.testing.assert_allclose(colours(page, ".decoded"), decoded, atol=1)


def test_the_plane_is_that_of_principal_components_or_of_two_latents(open_page):
    page = open_page(page_of([made_up(5)[0]], []))
    assert page.locator(".across").is_hidden()
    before = page.locator(".plot").screenshot()
    page.locator(".plane").select_option("latents")
    assert page.locator(".across").input_value() == "0"
    assert page.locator(".up").input_value() == "2"
    page.locator(".up").select_option("3")
    page.locator(".plot").focus()
    page.keyboard.press("Shift+ArrowUp")
    values = [float(each.input_value()) for each in page.locator(".latents > input").all()]
    assert [value > 0 for value in values] == [False, False, False, True]
    assert page.locator(".plot").screenshot() != before


def test_a_single_latent_lies_in_strips_by_class(open_page):
    content, network = made_up(1)
    page = open_page(page_of([content], []))
    page.locator(".plot").focus()
    for key in ("Shift+ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    value = float(page.locator(".latents > input").input_value())
    assert value > 0
    decoded = to_uint8(network.decode(np.float32([[value]])))[0]
    np.testing.assert_allclose(colours(page, ".decoded"), decoded, atol=4)  # the slider has two decimals


def test_two_runs_point_at_the_same_image_and_go_through_the_epochs_together(open_page):
    page = open_page(page_of([made_up(2, "one")[0], made_up(2, "other", seed=1)[0]], []))
    page.locator(".plot").first.focus()
    page.keyboard.press("n")
    pointed = page.locator(".pointed").all_inner_texts()
    assert [words.split(" · ")[0] for words in pointed] == ["#0 a", "#0 a"]
    page.locator("#epoch").focus()
    page.keyboard.press("Home")
    pointed = page.locator(".pointed").all_inner_texts()
    assert [words.split(" · ")[1] for words in pointed] == ["(0.00, 0.00)"] * 2


@pytest.mark.parametrize("kind", ["Attention", "Dense"])
def test_a_network_that_the_page_does_not_know_is_said_and_not_decoded(open_page, kind):
    content, _ = made_up(2)
    content.description["decoder"]["layers"][1]["kind"] = kind
    page = open_page(page_of([content], []))
    note = "This page cannot decode: it does not know Attention." if kind == "Attention" else ""
    assert page.locator(".note").inner_text() == note


def test_the_name_of_a_run_is_words_and_nothing_else(open_page):
    name = "</title><script>alert(1)</script>{{DATA}}\u2028'; rm *"
    page = open_page(page_of([made_up(2, name)[0]], ["<b>a note</b>"]))
    assert page.title().startswith("</title><script>alert(1)</script>{{DATA}}")
    assert page.locator("h1").text_content() == name
    assert "<b>a note</b>" in page.locator("#summary").text_content()
    assert page.locator("script").count() == 2
    page.locator(".plot").focus()
    for key in ("n", "i", "n", "i"):
        page.keyboard.press(key)
    words = shlex.split(page.locator("#command").input_value())
    assert words[:3] == ["vaecli", "interpolate", name]
