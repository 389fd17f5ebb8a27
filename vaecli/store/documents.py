"""JSON that says what it is, proves that it is whole, and holds nothing unexpected.

A document is a JSON object with `format` and `version` first and `sha256` last: the
digest of the same document without it. There is one way to write a document, so the
bytes read must equal the bytes that writing again would give: one changed byte, white
space included, is damage. What a document may hold is stated in a closed schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from vaecli.errors import DamagedArtifact
from vaecli.store.faults import DamagedContent, DamagedFile

MAX_BYTES = 4 * 1024 * 1024  # the largest names a hundred thousand classes

_HUGE = 1e300  # beyond it Python's integers no longer become floats

#: A schema is a type, a tuple of alternatives (None among them), `[item]` for a list,
#: `{str: value}` for a map with any keys, or `{"key": …}` for an object with these keys.
Schema = Any


def encode(kind: str, version: int, schema: Schema, content: Mapping[str, Any]) -> bytes:
    """Return the bytes of a document.

    Args:
        kind: What it is, for example `vaecli-run`.
        version: The version of that format.
        schema: What the content must look like, as `Schema` says.
        content: Plain values; floats must be finite.

    Raises:
        ValueError: If the content could not be read back.

    >>> decode(encode("vaecli-note", 1, {"n": int}, {"n": 1}), "vaecli-note", {1: {"n": int}}, "note")
    {'n': 1}
    """
    try:
        _match(content, schema, kind)
    except DamagedArtifact as error:
        raise ValueError(error.what) from error
    document = {"format": kind, "version": version, **content}
    digest = hashlib.sha256(_dump(document)).hexdigest()
    return _dump({**document, "sha256": digest})


def decode(data: bytes, kind: str, schemas: Mapping[int, Schema], where: str) -> dict[str, Any]:
    """Return the content of a document after every check.

    Args:
        data: The bytes as read.
        kind: The format expected.
        schemas: What the content must look like, as `Schema` says, by each version that is known.
        where: The file's name, for messages.

    Raises:
        DamagedArtifact: If anything differs from what `encode` writes.
    """
    document = _parse(data, where)
    if document.get("format") != kind:
        raise DamagedFile(where, f"is not a {kind} document", "Expected: a file that vaecli wrote.")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version not in schemas:
        raise DamagedFile(
            where,
            f"has format version {str(version)[:20]}",
            f"This vaecli reads versions up to {max(schemas)}.",
            "Use the vaecli that wrote the run, or a newer one.",
        )
    digest = document.pop("sha256", None)
    if digest != hashlib.sha256(_dump_checked(document, where)).hexdigest():
        _refuse(where, "its digest does not match its content")
    if _dump({**document, "sha256": digest}) != data:
        _refuse(where, "its bytes are not as written")
    content = {key: value for key, value in document.items() if key not in ("format", "version")}
    _match(content, schemas[version], where)
    return content


def _dump(document: Mapping[str, Any]) -> bytes:
    """Return a document as UTF-8; a byte of a path that is not UTF-8 is a lone surrogate, escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _dump_checked(document: Mapping[str, Any], where: str) -> bytes:
    try:
        return _dump(document)
    except (ValueError, RecursionError) as error:
        raise DamagedContent(where, "it holds values that no document has") from error


def _parse(data: bytes, where: str) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        _refuse(where, f"it is larger than {MAX_BYTES} bytes")
    try:
        document = json.loads(data.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise DamagedContent(where, "it is not valid JSON") from error
    if not isinstance(document, dict):
        _refuse(where, "it is not a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _match(value: Any, schema: Schema, where: str, place: str = "") -> None:
    """Raise `DamagedArtifact` unless `value` is what `schema` allows."""
    name = place or "its content"
    if isinstance(schema, tuple):
        if value is None and None in schema:
            return
        if not any(_is(value, option) for option in schema):
            _refuse(where, f"{name} is of an unexpected type")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            _refuse(where, f"{name} is not a list")
        for position, item in enumerate(value):
            _match(item, schema[0], where, f"{name}[{position}]")
    elif isinstance(schema, dict):
        _match_object(value, schema, where, name)
    elif not _is(value, schema):
        _refuse(where, f"{name} is not of type {schema.__name__}")


def _match_object(value: Any, schema: Mapping[Any, Schema], where: str, name: str) -> None:
    if not isinstance(value, dict):
        _refuse(where, f"{name} is not an object")
    if str in schema:
        for key, item in value.items():
            _match(item, schema[str], where, key)
        return
    if different := sorted(set(value) ^ set(schema)):
        _refuse(where, f"{name} has other keys than expected: {', '.join(different[:3])!r}")
    for key, item in schema.items():
        _match(value[key], item, where, key)


def _is(value: Any, kind: Any) -> bool:
    """Tell whether a value has a plain type; booleans are not numbers, whole floats are floats."""
    if kind is None:
        return value is None
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) >= _HUGE
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and not abs(value) >= _HUGE
    return isinstance(value, kind)


def _refuse(where: str, why: str) -> NoReturn:
    raise DamagedContent(where, why)
