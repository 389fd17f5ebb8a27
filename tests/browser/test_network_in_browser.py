"""The page's interpreter in a real browser gives what NumPy gives."""

import pytest

from tests.explorer.conftest import sources
from tests.explorer.test_network_js import assert_numpy_agrees
from vaecli.registry import ARCHITECTURES


@pytest.fixture
def in_browser(chromium):
    """Return what `in_node` is, for a browser."""
    page = chromium.new_page()
    yield lambda files, program, given: page.evaluate(
        f"given => {{ {sources(files)}\n{program}\nreturn results; }}", given
    )
    page.close()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_and_likelihood_gives_in_a_browser_what_numpy_gives(architecture, in_browser):
    """With small images: weights reach a page slowly; node is given the large ones."""
    assert_numpy_agrees(in_browser, architecture, shapes=[(13, 9, 3)], latent_dims=(2,))
