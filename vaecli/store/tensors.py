"""Named arrays in HDF5, for us and for other programs; read back without HDF5.

A file is made in memory and written in one durable piece. Where each array lies in it is
noted in a table, which the manifest keeps beside the file's digest. So reading is slicing
bytes that were verified: whatever else an HDF5 file can hold, links elsewhere, external
storage, endless trees, is never looked at.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vaecli.store.faults import DamagedContent

if TYPE_CHECKING:
    import numpy as np

    Arrays = dict[str, np.ndarray[Any, Any]]

FORMAT = "vaecli-tensors"
VERSION = 1
TYPES = ("<f2", "<f4", "<f8", "<i4", "<i8", "|u1")

#: Name → where an array lies and how it is to be read.
Table = dict[str, dict[str, Any]]
TABLE_SCHEMA = {str: {"type": str, "shape": [int], "offset": int}}


def encode(arrays: Mapping[str, np.ndarray[Any, Any]]) -> tuple[bytes, Table]:
    """Return an HDF5 file that holds the arrays, and its table; the same arrays give the same bytes.

    Args:
        arrays: Name → array of plain, finite numbers. A slash in a name makes a group.

    Raises:
        ValueError: If what is given could not be read back.
    """
    import h5py
    import numpy as np

    buffer, table = io.BytesIO(), {}
    with h5py.File(buffer, "w", libver="earliest") as file:  # later versions note the time in groups
        file.attrs["format"] = FORMAT
        file.attrs["version"] = VERSION
        for name in sorted(arrays):
            array = arrays[name]
            if array.dtype.str not in TYPES or not np.isfinite(array).all():
                raise ValueError(f"{name} holds other than plain, finite numbers")
            dataset = file.create_dataset(name, data=array, track_times=False)
            table[name] = {
                "type": array.dtype.str,
                "shape": list(array.shape),
                "offset": int(dataset.id.get_offset() or 0),
            }
    return buffer.getvalue(), table


def decode(data: bytes, table: Table, where: str) -> Arrays:
    """Return the arrays of a file that `encode` made.

    Args:
        data: The bytes as read, verified.
        table: Where the arrays lie, as the manifest says; it is not believed.
        where: The file's name, for messages.

    Raises:
        DamagedArtifact: If the table points outside the file or claims more numbers than it
            holds, or if a number is not finite.
    """
    import numpy as np

    if sum(_size(entry, name, where) for name, entry in table.items()) > len(data):
        raise DamagedContent(where, "its arrays claim more numbers than it holds")
    arrays = {}
    for name, entry in table.items():
        size = _size(entry, name, where)
        if not 0 <= entry["offset"] <= len(data) - size:
            raise DamagedContent(where, f"{name[:80]} lies outside of it")
        part = bytearray(memoryview(data)[entry["offset"] : entry["offset"] + size])
        arrays[name] = np.frombuffer(part, entry["type"]).reshape(entry["shape"])
        if not np.isfinite(arrays[name]).all():
            raise DamagedContent(where, f"{name[:80]} holds numbers that are not finite")
    return arrays


def _size(entry: Mapping[str, Any], name: str, where: str) -> int:
    """Return the bytes of an array, after checking what the table says of it."""
    shape = entry["shape"]
    is_plain = entry["type"] in TYPES and len(shape) <= 8 and all(0 <= side < 2**31 for side in shape)
    if not is_plain or math.prod(filter(None, shape)) >= 2**59:  # NumPy multiplies sides beside one of none
        raise DamagedContent(where, f"{name[:80]} is not an array of plain numbers")
    return int(math.prod(shape)) * int(entry["type"][-1])
