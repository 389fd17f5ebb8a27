"""A real browser, in which every page must ask for nothing and complain of nothing."""

import os
import shutil

import pytest

from tests.cli.conftest import vaecli  # noqa: F401 - a fixture
from vaecli.figures.explore import explore


@pytest.fixture(scope="session")
def chromium():
    """Return Debian's Chromium without a window, or skip what needs it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=root)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, tmp_path):
    """Return a function that opens HTML as a file; at the end there was no request and no error."""
    faults, contexts = [], []

    def open_(html, **look):
        path = tmp_path / "a page & more.html"
        path.write_bytes(html)
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **look})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.on("request", lambda request: faults.append(request.url) if _leaves(request.url) else None)
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def _leaves(url):
    return not url.startswith(("file:", "data:"))


@pytest.fixture(scope="session")
def html(whole_run, dataset):
    """Return the page of the session's trained run, with its images."""
    return explore(whole_run, dataset=dataset).html
