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
from vaecli.store.documents import damage

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
            _check_stamp(file, where)
            found = dict(_walk(file, "", where, set()))
            _check_sum(found, len(data), where)
            return {name: _read(dataset, name, where) for name, dataset in found.items()}
    except DamagedArtifact:
        raise
    except Exception as error:  # whatever HDF5 says of bytes that it cannot read
        raise damage(where, "it is not a readable HDF5 file") from error


def _check_stamp(file: Any, where: str) -> None:
    """Raise `DamagedArtifact` unless the file says that it is ours; scalars only are read."""
    scalar = all(file.attrs.get_id(name).shape == () for name in ("format", "version"))
    if not scalar or file.attrs["format"] != FORMAT:
        raise damage(where, f"it is not a {FORMAT} file")
    if file.attrs["version"] != VERSION:
        raise DamagedArtifact(
            f"{where} has format version {str(file.attrs['version'])[:20]}.",
            f"This vaecli reads version {VERSION}.",
            "Use the vaecli that wrote the run, or a newer one.",
        )


def _walk(group: Any, prefix: str, where: str, seen: set[int]) -> list[tuple[str, Any]]:
    """Return name → dataset of all below a group; an object that stands twice is refused."""
    import h5py

    found: list[tuple[str, Any]] = []
    for key in group:
        name = f"{prefix}{key}"
        if type(group.get(key, getlink=True)) is not h5py.HardLink:
            raise damage(where, f"{name} is a link to elsewhere")
        item = group[key]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            raise damage(where, f"{name} stands twice")
        seen.add(address)
        if isinstance(item, h5py.Group):
            found += _walk(item, f"{name}/", where, seen)
        else:
            _check_plain(item, name, where)
            found.append((name, item))
    return found


def _check_plain(dataset: Any, name: str, where: str) -> None:
    """Raise `DamagedArtifact` unless a dataset is plain numbers in one piece inside the file."""
    import h5py

    plain = isinstance(dataset, h5py.Dataset) and not dataset.is_virtual and not dataset.external
    if not plain or dataset.chunks is not None or dataset.dtype.kind not in "fiu":
        raise damage(where, f"{name} is not an array of plain numbers")
    if dataset.nbytes > dataset.id.get_storage_size():
        raise damage(where, f"{name} claims more numbers than the file holds")


def _check_sum(datasets: Mapping[str, Any], size: int, where: str) -> None:
    """Raise `DamagedArtifact` if all datasets together are larger than their file."""
    if sum(dataset.nbytes for dataset in datasets.values()) > size:
        raise damage(where, "it claims more numbers than it holds")


def _read(dataset: Any, name: str, where: str) -> np.ndarray[Any, Any]:
    import numpy as np

    array = np.asarray(dataset[()])
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise damage(where, f"{name} holds numbers that are not finite")
    return array
