"""A document is either exactly what was written or it is refused."""

import os

import pytest

from vaecli.errors import DamagedArtifact
from vaecli.store import documents

SCHEMA = {"name": str, "count": int, "rate": (float, None), "items": [int], "map": {str: float}}
LOOSE = {str: object}  # lets pass what `SCHEMA` must refuse
CONTENT = {"name": "é <b>", "count": 3, "rate": 0.1, "items": [1, 2], "map": {"a": 1, "b": 0.5}}


def read(data):
    return documents.decode(data, "vaecli-note", {1: SCHEMA}, "note.json")


def test_a_document_gives_back_what_was_put_in():
    assert read(documents.encode("vaecli-note", 1, SCHEMA, CONTENT)) == CONTENT


def test_every_changed_byte_is_damage():
    data = documents.encode("vaecli-note", 1, SCHEMA, CONTENT)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 0xFF
        with pytest.raises(DamagedArtifact, match="note.json"):
            read(bytes(changed))


def test_every_truncation_and_addition_is_damage():
    data = documents.encode("vaecli-note", 1, SCHEMA, CONTENT)
    for length in range(len(data)):
        with pytest.raises(DamagedArtifact):
            read(data[:length])
    with pytest.raises(DamagedArtifact, match="bytes are not as written"):
        read(data + b" ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": True}, "count is not of type int"),
        ({"count": 1.5}, "count is not of type int"),
        ({"rate": "fast"}, "rate is of an unexpected type"),
        ({"items": [1, "x"]}, r"items\[1\] is not of type int"),
        ({"items": {}}, "items is not a list"),
        ({"map": {"a": []}}, "a is not of type float"),
        ({"extra": 1}, "other keys than expected: 'extra'"),
    ],
)
def test_content_outside_the_schema_is_refused_by_name(changes, message):
    content = {**CONTENT, **changes}
    with pytest.raises(DamagedArtifact, match=message):
        read(documents.encode("vaecli-note", 1, LOOSE, content))
    with pytest.raises(ValueError, match=message):
        documents.encode("vaecli-note", 1, SCHEMA, content)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"format": "vaecli-note", "version": 1, "a": 1e999, "sha256": ""}',
        b'{"format": "vaecli-note", "version": 1, "a": "\\ud800", "sha256": ""}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b"<html></html>",
    ],
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(DamagedArtifact):
        read(data)


def test_another_format_and_another_version_are_told_apart():
    with pytest.raises(DamagedArtifact, match="not a vaecli-note"):
        read(documents.encode("vaecli-run", 1, SCHEMA, CONTENT))
    with pytest.raises(DamagedArtifact, match="format version 2.\nThis vaecli reads versions up to 1"):
        read(documents.encode("vaecli-note", 2, SCHEMA, CONTENT))


def test_numbers_that_are_not_finite_cannot_be_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.encode("vaecli-note", 1, SCHEMA, {**CONTENT, "rate": float("nan")})


def test_a_path_that_is_not_utf_8_comes_back():
    path = os.fsdecode(b"a\xff/b")
    data = documents.encode("vaecli-note", 1, SCHEMA, {**CONTENT, "name": path})
    assert rb'"a\udcff/b"' in data
    assert read(data)["name"] == path
