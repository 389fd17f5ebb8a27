"""Facts beside cached data, as JSON that shows whether it is still what was written.

A cache is trusted only as far as its digests match: a document carries its own, and those of
the files that it speaks of are among its facts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20  # bytes digested at a time


def sealed(facts: Mapping[str, Any]) -> str:
    """Return facts as JSON, under a digest of themselves."""
    return json.dumps({"sha256": _digest(facts), "facts": facts})


def unsealed(text: str) -> dict[str, Any]:
    """Return the facts of a document that `sealed` made.

    Raises:
        ValueError: If it is not what was written.

    >>> unsealed(sealed({"labels": [0, 1]}))
    {'labels': [0, 1]}
    >>> unsealed(sealed({"labels": [0, 1]}).replace("1]", "2]"))
    Traceback (most recent call last):
    ValueError: it is not what was written
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(facts := document.get("facts"), dict):
        raise ValueError("it is not what was written")  # noqa: TRY004 - as any other content
    if document.get("sha256") != _digest(facts):
        raise ValueError("it is not what was written")
    return facts


def digest_of_file(path: Path, tell: Callable[[int], object] = int) -> str:
    """Return the SHA-256 of a file.

    Args:
        path: The file.
        tell: Called with the bytes digested so far.

    Raises:
        OSError: If it cannot be read.
    """
    digest, done, chunk = hashlib.sha256(), 0, memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(chunk):
            digest.update(chunk[:count])
            done += count
            tell(done)
    return digest.hexdigest()


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
