"""Whether bytes are the true ones of a named set: by their length, their dimensions and their SHA-256."""

from __future__ import annotations

import hashlib

from vaecli.data.idx import IdxFile, dimensions, in_words, unpack
from vaecli.data.named.catalogue import CATALOGUE
from vaecli.errors import DataError


def verify(content: bytes, where: str, file: IdxFile) -> bytes:
    """Return the plain bytes of a file that must be exactly `file`, plain or gzipped.

    Raises:
        DataError: If it is not; the message names `where` and what differs.
    """
    plain = unpack(content, where, largest=file.size)
    if (dims := dimensions(plain, where)) != file.dims:
        raise DataError(f"{where}: holds {in_words(dims)} bytes.", f"Expected: {in_words(file.dims)}.")
    if (digest := hashlib.sha256(plain).hexdigest()) != file.sha256:
        raise DataError(
            f"{where}: its content is {_whose(digest)}: its SHA-256 is {digest[:12]}….",
            f"Expected: {file.sha256[:12]}….",
            "Fetch the file again, or name another folder.",
        )
    return plain


def _whose(digest: str) -> str:
    """Say what content with this digest is, where it is not the expected one."""
    owners = (named.name for named in CATALOGUE.values() for file in named.files if file.sha256 == digest)
    owner = next(owners, None)
    return f"that of {owner}" if owner else "damaged or unknown"
