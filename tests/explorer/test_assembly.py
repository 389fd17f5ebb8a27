"""The page's HTML: sealed, and with the data of the run in it."""

import base64
import hashlib
import json
import re
from html import unescape

import pytest

from vaecli.explorer.assembly import PROGRAM
from vaecli.figures.explore import explore


@pytest.fixture(scope="session")
def text(whole_run, dataset):
    """Return the page of the session's trained run."""
    return explore(whole_run, dataset=dataset).html.decode()


def test_the_policy_allows_style_and_program_by_their_digests_and_nothing_else(text):
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (parts["default-src"], parts["img-src"]) == ("'none'", "data:")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        inside = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        assert (
            parts[rule] == f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"
        )


def test_nothing_is_fetched_from_elsewhere(text):
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?!data:)[a-z]+:""", text.split('id="data"')[0])
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg|http-equiv", "", text.split('id="data"')[0])


def test_every_file_of_the_program_is_in_the_page(whole_run):
    web = __import__("importlib.resources").resources.files("vaecli.explorer") / "web"
    assert sorted(PROGRAM) == sorted(entry.name for entry in web.iterdir() if entry.name.endswith(".js"))


def test_the_data_hold_every_epoch_with_points_and_weights(text, whole_run):
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    (run,) = data["runs"]
    assert [epoch["number"] for epoch in run["epochs"]] == [0, 1, 2, 3, 4]
    assert all(epoch["weights"]["bits"] == 16 for epoch in run["epochs"])
    assert run["thumbnails"]["width"] == 10
    assert data["notes"] == []
