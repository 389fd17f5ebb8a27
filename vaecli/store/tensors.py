"""Named arrays in HDF5, written to bytes and read from bytes with every door shut.

The bytes go through memory, so that their digest is checked before HDF5 sees them and
they are written in one durable piece. Reading follows hard links to contiguous plain
numbers only: no external or virtual storage, no links elsewhere, no objects.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vaecli.errors import DamagedArtifact

if TYPE_CHECKING:
    import numpy as np

    Arrays = dict[str, np.ndarray[Any, Any]]

FORMAT = "vaecli-tensors"
VERSION = 1


def encode(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Return an HDF5 file that holds the arrays; the same arrays give the same bytes.

    Args:
        arrays: Name → array of plain, finite numbers. A slash in a name makes a group.

    Raises:
        ValueError: If a number is not finite: what cannot be read back is not written.
    """
    import h5py
    import numpy as np

    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver="earliest") as file:  # later versions note the time in groups
        file.attrs["format"] = FORMAT
        file.attrs["version"] = VERSION
        for name in sorted(arrays):
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name} holds numbers that are not finite")
            file.create_dataset(name, data=arrays[name], track_times=False)
    return buffer.getvalue()


def decode(data: bytes, where: str) -> Arrays:
    """Return the arrays of an HDF5 file that `encode` made.

    Args:
        data: The bytes as read.
        where: The file's name, for messages.

    Raises:
        DamagedArtifact: If the file holds anything that `encode` does not write, or a
            number that is not finite.
    """
    import h5py

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            if file.attrs.get("format") != FORMAT or file.attrs.get("version") != VERSION:
                raise DamagedArtifact(f"{where} is not a {FORMAT} file of version {VERSION}.")
            return dict(_walk(file, "", where))
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise DamagedArtifact(f"{where} is damaged: it is not a readable HDF5 file.") from error


def _walk(group: Any, prefix: str, where: str) -> list[tuple[str, Any]]:
    import h5py

    found: list[tuple[str, Any]] = []
    for key in group:
        name = f"{prefix}{key}"
        if type(group.get(key, getlink=True)) is not h5py.HardLink:
            raise DamagedArtifact(f"{where} is damaged: {name} is a link to elsewhere.")
        if group.get(key, getclass=True) is h5py.Group:
            found += _walk(group[key], f"{name}/", where)
        else:
            found.append((name, _read(group[key], name, where)))
    return found


def _read(dataset: Any, name: str, where: str) -> np.ndarray[Any, Any]:
    import h5py
    import numpy as np

    plain = isinstance(dataset, h5py.Dataset) and not dataset.is_virtual and not dataset.external
    if not plain or dataset.chunks is not None or dataset.dtype.kind not in "fiu":
        raise DamagedArtifact(f"{where} is damaged: {name} is not an array of plain numbers.")
    if dataset.nbytes > dataset.id.get_storage_size():
        raise DamagedArtifact(f"{where} is damaged: {name} claims more numbers than the file holds.")
    array = np.asarray(dataset[()])
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise DamagedArtifact(f"{where} is damaged: {name} holds numbers that are not finite.")
    return array
