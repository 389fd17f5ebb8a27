"""Tables that say something of image files: a CSV with a row for each file.

The first column names the file: as in the folder, or its last part, or that without its ending, as
Kaggle's tables do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vaecli.data.names import tidy
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


@dataclass(frozen=True)
class Column:
    """What a table says of image files.

    Attributes:
        values: Name → what it says of that file, of those that it names.
        unknown: What it calls files that are not there.
        title: The column, in words.
    """

    values: dict[str, str]
    unknown: tuple[str, ...]
    title: str


def read_column(word: str, names: Sequence[str], preferred: Sequence[str], *, guesses: bool = True) -> Column:
    """Return what a column of a table says of some files.

    A first row that names a file is no heading.

    Args:
        word: The path of the CSV file, perhaps with `:COLUMN` after it: its heading, or its number from 1.
        names: The files.
        preferred: Headings in the order in which they are looked for; by default the column after the file's.
        guesses: Whether that may be one of several columns.

    Raises:
        DataError: If the table cannot be read, has no such column, or names none of the files.
    """
    path, wanted = parse_table(word) or (word, "")
    rows = _rows(Path(path).expanduser())
    keys = {key for name in names for key in _keys(name)}
    head = [cell.strip().lower() for cell in rows[0]]
    if any(cell.strip() in keys for cell in rows[0]):
        head = [""] * len(head)
    else:
        rows = rows[1:]
    file = next((head.index(name) for name in _FILES if name in head), 0)
    column = _column(head, file, wanted, preferred, path, guesses=guesses)
    said = {row[file].strip(): row[column].strip() for row in rows if len(row) > max(file, column)}
    found = {name: said[key] for name in names if (key := next((k for k in _keys(name) if k in said), None))}
    if not found:
        raise DataError(
            f"{path}: its column {head[file] or file + 1!r} names none of the {len(names):,} image files.",
            f"Expected: names as {names[0] if names else '1.png'}.",
        )
    return Column(
        found, tuple(key for key in said if key not in keys), head[column] or f"column {column + 1}"
    )


def _keys(name: str) -> tuple[str, str, str]:
    """Return what a table may call a file: by its path, its name or its stem."""
    path = PurePosixPath(name)
    return name, path.name, path.stem


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


def _column(
    head: Sequence[str], file: int, wanted: str, preferred: Sequence[str], path: str, *, guesses: bool
) -> int:
    """Return which column to read."""
    if wanted:
        if wanted.strip().lower() in head:
            return head.index(wanted.strip().lower())
        if wanted.isdecimal() and 1 <= int(wanted) <= len(head):
            return int(wanted) - 1
        named = ", ".join(tidy(title) for title in head[:20] if title) or f"1 to {len(head)}"
        raise DataError(f"{path} has no column {wanted!r}.", f"Expected one of: {named}.")
    found = next((head.index(name) for name in preferred if name in head), None)
    if found is None and len(head) > 2 and not guesses:
        named = ", ".join(tidy(title) for title in head[:20] if title) or f"1 to {len(head)}"
        raise DataError(
            f"{path} has {len(head)} columns: {named}.",
            "Expected: one of them named.",
            f"For example {path}:2",
        )
    return (1 if file != 1 else 0) if found is None else found
