"""The page in a real browser: by pointer, keyboard and touch."""

import shlex

import numpy as np
import pytest

from tests.durability.corpus import in_run
from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import of_config
from vaecli.figures.explore import explore
from vaecli.images import to_uint8

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PIXELS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, height: canvas.height, values: [...data] };
}"""


TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def grey(page, where):
    """Return the pixels of a canvas once it is drawn, `(height, width)`."""
    page.evaluate(TWO_FRAMES)
    found = page.locator(where).evaluate(PIXELS)
    return np.reshape(found["values"], (found["height"], found["width"], 4))[:, :, 0]


def held(page):
    """Return the latent that the sliders show, in the order of the latents."""
    sliders = page.locator(".latents").locator("label, input")
    texts, values = (
        sliders.locator("xpath=self::label").all_inner_texts(),
        sliders.locator("xpath=self::input"),
    )
    pairs = zip(texts, (float(each.input_value()) for each in values.all()), strict=True)
    return [value for _, value in sorted(pairs)]


def test_pressing_and_dragging_decodes_under_the_finger(open_page, html, whole_run):
    page = open_page(html)
    box = page.locator(".plot").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 340, box["y"] + 240)
    page.mouse.up()
    network = Interpreter(of_config(whole_run.config, whole_run.dataset.shape), whole_run.weights(4))
    decoded = to_uint8(network.decode(np.float32([held(page)])))[0, :, :, 0]
    assert held(page) != [0, 0]
    np.testing.assert_allclose(grey(page, ".decoded"), decoded, atol=3)  # sliders have two decimals


def test_pointing_at_a_dot_shows_its_image_and_its_reconstruction(open_page, html, dataset, whole_run):
    page = open_page(html)
    page.locator(".plot").focus()
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.locator(".pointed").inner_text().startswith("#1 1 · (")
    expect(page.locator(".original")).to_have_attribute("aria-label", "Image #1 1")
    np.testing.assert_allclose(grey(page, ".original"), dataset.heldout.images[1][:, :, 0], atol=40)  # lossy
    network = Interpreter(of_config(whole_run.config, whole_run.dataset.shape), whole_run.weights(4))
    mean = whole_run.snapshot(4).mean[1:2]
    np.testing.assert_allclose(
        grey(page, ".reconstruction"), to_uint8(network.decode(mean))[0, :, :, 0], atol=1
    )
    expect(page.locator("#status")).to_have_text("(0.00, 0.00), pointing at #1 1")


def test_hovering_finds_the_nearest_dot(open_page, html):
    page = open_page(html)
    box = page.locator(".plot").bounding_box()
    for step in range(40):
        page.mouse.move(box["x"] + 80 + 12 * step, box["y"] + box["height"] / 2)
    assert page.locator(".pointed").inner_text().startswith("#")


def test_the_slider_moves_dots_and_decoder_to_an_epoch(open_page, html, whole_run):
    page = open_page(html, reduced_motion="reduce")
    before = grey(page, ".plot")
    page.locator("#epoch").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(200)
    assert page.locator("#epoch-text").inner_text().startswith("0 (untrained) · −ELBO ")
    assert (grey(page, ".plot") != before).any()
    network = Interpreter(of_config(whole_run.config, whole_run.dataset.shape), whole_run.weights(0))
    decoded = to_uint8(network.decode(np.zeros((1, 2), np.float32)))[0, :, :, 0]
    np.testing.assert_allclose(grey(page, ".decoded"), decoded, atol=1)


def test_play_goes_through_the_epochs_to_the_last(open_page, html):
    page = open_page(html)
    page.locator("#play").click()
    expect(page.locator("#epoch")).to_have_value("1")
    expect(page.locator("#play")).to_have_text("Play", timeout=20_000)
    assert page.locator("#epoch").input_value() == "4"


def test_the_keyboard_moves_the_point_and_says_so(open_page, html):
    page = open_page(html)
    page.locator(".plot").focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "+", "0"):
        page.keyboard.press(key)
    across, up = held(page)
    assert across > 0
    assert up > 3 * across
    expect(page.locator("#status")).to_contain_text(f"({across:.2f}, {up:.2f})")


def test_a_walk_is_the_command_that_it_says(open_page, html, trained, vaecli):
    page = open_page(html)
    page.locator(".plot").focus()
    for key in ("n", "i", "Shift+ArrowRight", "Enter", "n", "i"):
        page.keyboard.press(key)
    assert page.locator("#strip canvas").count() == 17
    words = shlex.split(page.locator("#command").input_value())
    assert words[:3] == ["vaecli", "interpolate", "whole"]
    done = vaecli(*words[1:])
    assert (done.returncode, done.stdout) == (0, "walk.png\n")


def test_classes_are_switched_off_and_on(open_page, html):
    page = open_page(html)
    first = page.locator(".class").first
    page.mouse.move(0, 0)
    before = grey(page, ".plot")
    first.click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    assert first.get_attribute("aria-pressed") == "false"
    assert (grey(page, ".plot") != before).any()


def test_the_grid_of_the_visible_window_is_decoded(open_page, html):
    page = open_page(html)
    page.locator(".layers").select_option("grid")
    page.wait_for_timeout(800)
    assert len(np.unique(grey(page, ".plot"))) > 30


@pytest.mark.parametrize("share", [0.2, 0.99])
def test_half_a_page_says_so(open_page, html, share):
    page = open_page(html[: int(len(html) * share)])
    assert page.locator("#problem").is_visible()
    assert page.locator("main").is_hidden()


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\u202eevil\u0000 <!-- {{DATA}} '\" & \U0001f600",
]


def test_foreign_words_neither_break_out_nor_run(open_page, trained, dataset):
    in_run(lambda document: document["dataset"].update(class_names=HOSTILE))(trained.path)
    page = open_page(explore(type(trained)(trained.path), dataset=dataset).html)
    assert page.locator(".class").all_text_contents() == HOSTILE
    page.locator(".plot").focus()
    page.keyboard.press("n")
    assert page.locator(".pointed").text_content().startswith(f"#0 {HOSTILE[0]}")
    assert page.locator("script").count() == 2


def test_a_phone_holds_the_page(open_page, html):
    page = open_page(html, viewport={"width": 390, "height": 844}, has_touch=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.locator(".plot").tap(position={"x": 150, "y": 150})
    assert held(page) != [0, 0]


def test_no_letter_is_smaller_than_12_pixels(open_page, html):
    page = open_page(html)
    sizes = page.evaluate(
        "[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12
