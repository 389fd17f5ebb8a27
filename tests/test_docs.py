"""The documents in docs/ say what the code does."""

from dataclasses import fields
from pathlib import Path

import pytest

from vaecli.store import Snapshot, formats

DOCS = Path(__file__).parent.parent / "docs"

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
