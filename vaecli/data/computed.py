"""Arrays that took a while to compute, kept in the user's cache under what they follow from.

A file that is missing, damaged, or was changed is as good as none: the arrays are computed anew.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from vaecli import files
from vaecli.data.cache import unwritable
from vaecli.data.dataset import fingerprint_of

Arrays = Mapping[str, NDArray[Any]]

_SEAL = "sha256"


def digest_of(arrays: Arrays) -> str:
    """Return the SHA-256 over the names, types, shapes and bytes of arrays, whatever their order.

    >>> first, second = np.zeros(2), np.ones(2)
    >>> digest_of({"a": first, "b": second}) == digest_of({"b": second, "a": first})
    True
    >>> digest_of({"a": first, "b": second}) == digest_of({"a": second, "b": first})
    False
    """
    names = sorted(arrays)
    return fingerprint_of(np.array(names), *(np.atleast_1d(arrays[name]) for name in names))


def kept_arrays(kind: str, key: str) -> dict[str, NDArray[Any]] | None:
    """Return the arrays that `keep_arrays` kept, or None where there are none that are whole.

    Args:
        kind: What they are, a word.
        key: What they follow from, as hexadecimal digits.
    """
    try:
        with _file(kind, key).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
        seal = str(arrays.pop(_SEAL))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return arrays if seal == digest_of(arrays) else None


def keep_arrays(kind: str, key: str, arrays: Arrays) -> None:
    """Keep arrays, whole or not at all.

    Args:
        kind: What they are, a word.
        key: What they follow from, as hexadecimal digits.
        arrays: By name; none holds Python objects.

    Raises:
        EnvironmentFailure: If the cache cannot be written.
    """
    target, sealed = _file(kind, key), {**arrays, _SEAL: np.array(digest_of(arrays))}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        files.clear_abandoned(target.parent)
        files.write_whole(target, lambda stream: np.savez(stream, **sealed))  # type: ignore[arg-type]
    except OSError as error:
        raise unwritable(target.parent, error) from error


def _file(kind: str, key: str) -> Path:
    return platformdirs.user_cache_path("vaecli") / kind / f"{key[:32]}.npz"
