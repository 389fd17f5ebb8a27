"""The documents in docs/ say what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from vaecli.cli.main import app
from vaecli.store import Snapshot, formats

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])

KEYS = {
    *formats.RUN_SCHEMA,
    *formats.RUN_SCHEMA["dataset"],
    *formats.EPOCH_SCHEMA,
    *formats.CHECKPOINT_SCHEMA,
    *formats.STOP_SCHEMA,
    *(field.name for field in fields(Snapshot)),
    *formats.STOP_REASONS,
    formats.RUN_FORMAT,
    formats.EPOCH_FORMAT,
    formats.CHECKPOINT_FORMAT,
    formats.STOP_FORMAT,
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_format_of_a_run_is_documented_key_by_key(key):
    assert f"`{key}`" in (DOCS / "format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", sorted(formats.RUN_SCHEMAS))
def test_every_version_of_the_format_is_documented(version):
    assert f"\n| {version} |" in (DOCS / "format.md").read_text(encoding="utf-8").partition("## Versions")[2]


def test_the_readme_is_read_in_one_sitting():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("command", typer.main.get_command(app).commands)
def test_every_command_is_in_the_readme_or_the_same_as_one_that_is(command):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"vaecli {command}" in text or command == "sample-grid"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(((?!http)[^)]+)\)", text)):
        other = page.parent / target if target else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, f"{target}#{anchor}"
