"""Encodings and latents in files that other programs read and write: CSV, NPZ and HDF5.

A CSV file has a line per image: `image,label,z1,z2,log_var1,log_var2`. Reading latents
needs no more than the columns `z1`, `z2`, …, or lines of bare numbers. NPZ and HDF5 hold
the arrays `mean`, `log_var`, `image` and `label`; reading takes `mean`, `z` or `latents`.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecli.errors import DataError, UsageError

ENDINGS = (".csv", ".npz", ".h5")
_NAMES = ("mean", "z", "latents")  # arrays that hold latents, in the order in which they are looked for
_MOST_NUMBERS = 500_000_000


@dataclass(frozen=True)
class Encodings:
    """What the encoder says of some images.

    Attributes:
        mean: `(n, latent_dim)` float32.
        log_var: `(n, latent_dim)` float32, logarithm of the variance.
        image: `n` words that say which image: a file, or `#` and its position.
        label: `n` class names, empty where unknown.
    """

    mean: NDArray[np.float32]
    log_var: NDArray[np.float32]
    image: Sequence[str]
    label: Sequence[str]


def write_encodings(encodings: Encodings, ending: str) -> bytes:
    """Return the bytes of a file of encodings.

    Args:
        encodings: What to write.
        ending: `.csv`, `.npz` or `.h5`.

    Raises:
        UsageError: If the ending is another one.
    """
    writers = {".csv": _csv_bytes, ".npz": _npz_bytes, ".h5": _h5_bytes}
    if ending not in writers:
        raise UsageError(f"Encodings cannot be written as {ending!r}.", f"Expected: {', '.join(ENDINGS)}.")
    return writers[ending](encodings)


def read_latents(content: bytes, where: str, latent_dim: int) -> NDArray[np.float32]:
    r"""Return the latents of a file, whose format its first bytes tell.

    Args:
        content: The bytes of a CSV, NPZ or HDF5 file.
        where: The file's name, for messages.
        latent_dim: How many latents a point has.

    Returns:
        `(n, latent_dim)` float32.

    Raises:
        DataError: If there are no latents in it, not `latent_dim` of them, or not finite ones.

    >>> read_latents(b"z1,z2\n0.5,-1\n", "z.csv", 2).tolist()
    [[0.5, -1.0]]
    """
    if content.startswith(b"PK"):
        points = _from_npz(content, where)
    elif content.startswith(b"\x89HDF"):
        points = _from_h5(content, where)
    else:
        points = _from_csv(content, where)
    if points.ndim != 2 or points.shape[1] != latent_dim:
        raise DataError(
            f"{where} holds latents of shape {'×'.join(map(str, points.shape))}.",
            f"Expected: n×{latent_dim}, a row for each point.",
        )
    if len(points) == 0:
        raise DataError(f"{where} holds no latents.", f"Expected: at least one row of {latent_dim}.")
    if not np.isfinite(points).all():
        raise DataError(f"{where} holds numbers that are not finite.")
    return points


def _csv_bytes(encodings: Encodings) -> bytes:
    latent_dim = encodings.mean.shape[1]
    numbers = range(1, latent_dim + 1)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["image", "label", *(f"z{number}" for number in numbers), *(f"log_var{number}" for number in numbers)]
    )
    values = np.concatenate([encodings.mean, encodings.log_var], axis=1)
    for image, label, row in zip(encodings.image, encodings.label, values, strict=True):
        writer.writerow([image, label, *(f"{value:.9g}" for value in row)])  # 9 digits give float32 back
    return text.getvalue().encode("utf-8", "surrogateescape")  # a file's name as it is


def _npz_bytes(encodings: Encodings) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        mean=encodings.mean,
        log_var=encodings.log_var,
        image=np.array(encodings.image, dtype=np.str_),
        label=np.array(encodings.label, dtype=np.str_),
    )
    return buffer.getvalue()


def _h5_bytes(encodings: Encodings) -> bytes:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["mean"], file["log_var"] = encodings.mean, encodings.log_var
        for name in ("image", "label"):
            file.create_dataset(
                name, data=[os.fsencode(word) for word in getattr(encodings, name)], dtype=h5py.string_dtype()
            )
    return buffer.getvalue()


def _from_csv(content: bytes, where: str) -> NDArray[np.float32]:
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{where} is not a CSV, NPZ or HDF5 file.") from error
    columns: list[int] = list(range(len(rows[0]))) if rows else []
    first = 0
    if rows and not all(_is_number(cell) for cell in rows[0]):
        head = [cell.strip().lower() for cell in rows[0]]
        columns, first = _latent_columns(head, where), 1
    return _numbers(rows[first:], columns, where, first)


def _latent_columns(head: list[str], where: str) -> list[int]:
    """Return where the columns z1, z2, … stand."""
    columns: list[int] = []
    while (name := f"z{len(columns) + 1}") in head:
        columns.append(head.index(name))
    if not columns:
        raise DataError(f"{where} has no column z1.", f"Found: {', '.join(head[:6])}.")
    return columns


def _numbers(rows: list[list[str]], columns: list[int], where: str, first: int) -> NDArray[np.float32]:
    points = np.empty((len(rows), len(columns)), np.float32)
    for number, row in enumerate(rows):
        try:
            points[number] = [float(row[column]) for column in columns]
        except (ValueError, IndexError) as error:
            line = number + 1 + first
            raise DataError(
                f"{where}, line {line}: not {len(columns)} numbers: {','.join(row)[:60]!r}."
            ) from error
    return points


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _from_npz(content: bytes, where: str) -> NDArray[np.float32]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _plain(arrays[_chosen(arrays.files, where)], where)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{where} is not a readable NPZ file: {error}") from error


def _from_h5(content: bytes, where: str) -> NDArray[np.float32]:
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            name = _chosen(list(file), where)
            link = file.get(name, getlink=True)
            dataset = file[name] if isinstance(link, h5py.HardLink) else None
            if not isinstance(dataset, h5py.Dataset) or dataset.is_virtual or dataset.external:
                raise DataError(f"{where}: {name} is not a plain array.")
            if dataset.size > _MOST_NUMBERS:
                raise DataError(f"{where}: {name} claims {dataset.size} numbers.")
            return _plain(dataset[()], where)
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise DataError(f"{where} is not a readable HDF5 file: {error}") from error


def _chosen(names: Sequence[str], where: str) -> str:
    for name in _NAMES:
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    raise DataError(
        f"{where} holds {', '.join(names) or 'nothing'}.",
        f"Expected an array {', '.join(_NAMES)}, or a single one.",
    )


def _plain(array: Any, where: str) -> NDArray[np.float32]:
    found = np.asarray(array)
    if found.dtype.kind not in "fiu":
        raise DataError(f"{where} holds {found.dtype} where numbers were expected.")
    return found.astype(np.float32)
