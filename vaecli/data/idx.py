"""IDX, the format of MNIST: a magic number, the dimensions, then the bytes; often gzipped.

Read strictly: nothing is trusted before it is checked, and gzip is never unpacked
beyond the size that the header inside it declares.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaecli.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The type byte of unsigned bytes, the only one that images and labels use.
UNSIGNED_BYTE = 0x08
_INTEGER = 0x0C  # the type byte of 32-bit integers
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's way to say: a gzip header and a CRC, please
_LONGEST_HEADER = 4 + 4 * 4  # magic and four dimensions


@dataclass(frozen=True)
class IdxFile:
    """One IDX file of unsigned bytes, known before it is there.

    Attributes:
        name: Its usual name, without `.gz`.
        dims: The dimensions that its header must state.
        sha256: The digest of the whole uncompressed file, as hexadecimal digits.
    """

    name: str
    dims: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """The bytes before the values: magic number and dimensions.

        >>> IdxFile("labels", (3,), "").header.hex(" ", 4)
        '00000801 00000003'
        """
        return struct.pack(f">HBB{len(self.dims)}I", 0, UNSIGNED_BYTE, len(self.dims), *self.dims)

    @property
    def size(self) -> int:
        """Bytes of the uncompressed file."""
        return len(self.header) + math.prod(self.dims)


def dimensions(content: bytes, where: str) -> tuple[int, ...]:
    """Return the dimensions that an IDX header states.

    Args:
        content: At least the header of an IDX file.
        where: What to call the file in an error.

    Raises:
        DataError: If it does not begin like an IDX file of unsigned bytes.

    >>> dimensions(bytes([0, 0, 8, 1, 0, 0, 0, 3]), "labels")
    (3,)
    """
    if content.lstrip()[:1] == b"<":
        raise DataError(f"{where}: a web page, not an IDX file.", mend="Download the file itself.")
    if len(content) < 4:
        raise DataError(f"{where}: truncated: {len(content)} bytes, less than a magic number.")
    zero, kind, count = struct.unpack(">HBB", content[:4])
    if zero != 0 or kind != UNSIGNED_BYTE or not 1 <= count <= 4:
        raise DataError(
            f"{where}: not an IDX file of unsigned bytes: it begins with {content[:4].hex()}.",
            "Expected: 00000801 for labels, 00000803 for images.",
        )
    if len(content) < 4 + 4 * count:
        raise DataError(f"{where}: truncated within its header.")
    return struct.unpack_from(f">{count}I", content, 4)


def unpack(content: bytes, where: str, largest: int) -> bytes:
    """Return the plain bytes of an IDX file that may be gzipped.

    Args:
        content: The file, plain or gzipped.
        where: What to call it in an error.
        largest: The most plain bytes that it may declare to hold.

    Raises:
        DataError: If it is empty, truncated, longer than it declares, damaged, or no IDX file.
    """
    if not content:
        raise DataError(f"{where}: the file is empty.")
    if content.startswith(_GZIP):
        return _gunzip(content, where, largest)
    size = _declared_size(content, where, largest)
    _check_length(len(content), size, where)
    return content


def decode(content: bytes, where: str) -> NDArray[np.uint8]:
    """Return the values of a plain IDX file, read-only and without copying.

    Raises:
        DataError: If its length is not what its header declares, or its sizes cannot be.
    """
    import numpy as np

    dims = dimensions(content, where)
    _check_length(len(content), _size(dims), where)
    try:
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(dims)).reshape(dims)
    except ValueError as error:  # a side of none beside sides beyond any memory
        raise DataError(f"{where}: is empty: {in_words(dims)} bytes.") from error


def decode_integers(content: bytes, where: str, largest: int) -> NDArray[np.int32]:
    """Return the values of an IDX file of 32-bit integers, as QMNIST's labels are: the first of each row.

    Args:
        content: The file, plain or gzipped.
        where: What to call it in an error.
        largest: The most plain bytes that it may hold.

    Raises:
        DataError: If it is anything else.

    >>> decode_integers(bytes.fromhex("00000c01 00000002 00000007 00000001"), "labels", 100).tolist()
    [7, 1]
    """
    import numpy as np

    try:
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        plain = unpacker.decompress(content, largest) if content.startswith(_GZIP) else content
    except zlib.error as error:
        raise DataError(f"{where}: damaged gzip: {error}.") from error
    if plain[:3] != bytes([0, 0, _INTEGER]) or plain[3] not in {1, 2} or len(plain) < 4 + 4 * plain[3]:
        raise DataError(f"{where}: not an IDX file of integers: it begins with {plain[:4].hex()}.")
    dims = struct.unpack_from(f">{plain[3]}I", plain, 4)
    _check_length(len(plain), 4 + 4 * len(dims) + 4 * math.prod(dims), where)
    values = np.frombuffer(plain, ">i4", offset=4 + 4 * len(dims)).astype(np.int32)
    return values.reshape(dims[0], -1)[:, 0] if math.prod(dims) else values


def in_words(dims: tuple[int, ...]) -> str:
    """Return dimensions in words, for example `60,000 × 28 × 28`."""
    return " × ".join(f"{size:,}" for size in dims)


def _gunzip(content: bytes, where: str, largest: int) -> bytes:
    """Unpack one gzip member, never further than its IDX header declares."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        header = zlib.decompressobj(_GZIP_WINDOW).decompress(content, _LONGEST_HEADER)
        size = _declared_size(header, where, largest)
        plain = unpacker.decompress(content, size + 1)
    except zlib.error as error:
        raise DataError(f"{where}: damaged gzip: {error}.") from error
    if not unpacker.eof and len(plain) <= size:
        raise DataError(f"{where}: truncated: its gzip stream does not end.")
    _check_length(len(plain), size, where)
    if unpacker.unused_data:
        raise DataError(f"{where}: {len(unpacker.unused_data)} extra bytes after its gzip stream.")
    return plain


def _declared_size(content: bytes, where: str, largest: int) -> int:
    """Return the bytes that the header says the whole file has."""
    dims = dimensions(content, where)
    if _size(dims) > largest:
        raise DataError(
            f"{where}: declares {in_words(dims)} bytes.", f"Expected: at most {largest:,} bytes in total."
        )
    return _size(dims)


def _check_length(length: int, size: int, where: str) -> None:
    """Raise `DataError` unless a file is exactly as long as it declares."""
    if length != size:
        fault = "truncated" if length < size else "longer than its header declares"
        found = f"{length:,} bytes" if length < size else f"more than {size:,} bytes"
        raise DataError(f"{where}: {fault}: {found}.", f"Expected: {size:,} bytes.")


def _size(dims: tuple[int, ...]) -> int:
    """Return the bytes of a whole IDX file of these dimensions."""
    return 4 + 4 * len(dims) + math.prod(dims)
