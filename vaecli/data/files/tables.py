"""Tables that say something of image files: a CSV with a row for each file.

The first column names the file: as in the folder, or its last part, or that without its ending, as
Kaggle's tables do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from vaecli.data.plain import open_plain
from vaecli.errors import DataError
from vaecli.values import parse_table

_MOST_BYTES = 1 << 28
_FILES = (
    "file",
    "filename",
    "file_name",
    "image",
    "image_id",
    "image_name",
    "img",
    "path",
    "filepath",
    "id",
    "name",
)


def read_column(word: str, names: Sequence[str], preferred: Sequence[str]) -> dict[str, str]:
    """Return name → what a table says of that file, of those that it names.

    Args:
        word: The path of the CSV file, perhaps with `:COLUMN` after it.
        names: The files.
        preferred: Columns in the order in which they are looked for; by default the one after the file's.

    Raises:
        DataError: If the table cannot be read, has no such column, or names none of the files.
    """
    path, wanted = parse_table(word) or (word, "")
    rows = _rows(Path(path).expanduser())
    head = [cell.strip().lower() for cell in rows[0]]
    file = next((head.index(name) for name in _FILES if name in head), 0)
    column = _column(head, file, wanted, preferred, path)
    said = {row[file].strip(): row[column].strip() for row in rows if len(row) > max(file, column)}
    found = {name: value for name in names if (value := _of_file(said, name))}
    if not found:
        raise DataError(
            f"{path}: its column {head[file]!r} names none of the {len(names):,} image files.",
            f"Expected: names as {names[0] if names else '1.png'}.",
        )
    return found


def _rows(path: Path) -> list[list[str]]:
    """Return the rows of a table; none of them is empty."""
    try:
        if not path.is_file():
            raise DataError(f"{path}: no such file.", "Expected: a CSV file.")
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path}: larger than {_MOST_BYTES:,} bytes.")
        with io.TextIOWrapper(open_plain(path), "utf-8-sig", "replace", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            separator = max(",;\t", key=first.count)
            rows = [
                row for row in csv.reader(stream, delimiter=separator) if any(cell.strip() for cell in row)
            ]
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not rows or len(rows[0]) < 2:
        raise DataError(f"{path}: not a table of two columns or more.", "Expected: file,value in each line.")
    return rows


def _column(head: Sequence[str], file: int, wanted: str, preferred: Sequence[str], path: str) -> int:
    """Return which column to read."""
    if wanted:
        if wanted.strip().lower() not in head:
            raise DataError(f"{path} has no column {wanted!r}.", f"Expected one of: {', '.join(head[:20])}.")
        return head.index(wanted.strip().lower())
    return next((head.index(name) for name in preferred if name in head), 1 if file != 1 else 0)


def _of_file(said: dict[str, str], name: str) -> str | None:
    """Return what a table says of a file, by its path, its name or its stem."""
    path = PurePosixPath(name)
    return next((said[key] for key in (name, path.name, path.stem) if key in said), None)
