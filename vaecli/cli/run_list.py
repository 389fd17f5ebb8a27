"""The list of runs as a table or CSV: its columns, which runs are in it, and in which order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vaecli.cli.tables import age, table
from vaecli.errors import UsageError
from vaecli.runs import Summary
from vaecli.words import nats


@dataclass(frozen=True)
class _Column:
    """A column of the list.

    Attributes:
        title: What stands above it.
        key: The field of `Summary`.
        write: How a value is written.
        right: Whether it is flush right.
    """

    title: str
    key: str
    write: Callable[[Any], str] = str
    right: bool = False


#: Name on the command line → column.
_COLUMNS = {
    "name": _Column("name", "name"),
    "dataset": _Column("dataset", "dataset"),
    "images": _Column("images", "shape", lambda shape: "×".join(map(str, shape))),
    "latents": _Column("latents", "latent_dim", right=True),
    "architecture": _Column("architecture", "architecture"),
    "beta": _Column("β", "beta", lambda beta: f"{beta:g}", right=True),
    "likelihood": _Column("likelihood", "likelihood"),
    "state": _Column("state", "state"),
    "epochs": _Column("epochs", "epochs", right=True),
    "elbo": _Column("−ELBO", "negative_elbo", nats, right=True),
    "age": _Column("age", "age", age),
}

#: What `--sort` and `--where` take.
COLUMN_NAMES = tuple(_COLUMNS)


def chosen(
    summaries: Sequence[Summary], where: Sequence[str], sort: str | None, *, reverse: bool
) -> list[int]:
    """Return the positions of the runs that are listed, in their order.

    Args:
        summaries: All runs, the newest first.
        where: `COLUMN=VALUE` each; a run is listed if all of them hold.
        sort: The column to sort by, ascending; runs of which it is not known come last.
        reverse: Whether to turn the order of the known ones round.

    Raises:
        UsageError: If a column does not exist, or a condition is none.
    """
    conditions = [_condition(words) for words in where]
    listed = [
        position
        for position, summary in enumerate(summaries)
        if all(_is_meant(getattr(summary, key), value) for key, value in conditions)
    ]
    if sort is None:
        return listed[::-1] if reverse else listed
    key = _column(sort, "--sort").key
    known = [position for position in listed if getattr(summaries[position], key) is not None]
    known.sort(key=lambda position: getattr(summaries[position], key), reverse=reverse)
    return [*known, *(position for position in listed if position not in known)]


def _condition(words: str) -> tuple[str, str]:
    """Return the field and the value of `COLUMN=VALUE`."""
    name, equals, value = words.partition("=")
    if not equals:
        raise UsageError(f"--where is {words!r}.", "Expected: COLUMN=VALUE, such as dataset=fashion.")
    return _column(name, "--where").key, value


def _column(name: str, option: str) -> _Column:
    if name not in _COLUMNS:
        raise UsageError(
            f"{option}: there is no column {name!r}.", f"Expected one of: {', '.join(_COLUMNS)}."
        )
    return _COLUMNS[name]


def _is_meant(found: Any, value: str) -> bool:
    """Tell whether a field has a value; numbers are compared as numbers, words without regard to case.

    >>> _is_meant(1.0, "1"), _is_meant("fashion", "Fashion"), _is_meant((28, 28, 1), "28x28x1")
    (True, True, True)
    """
    if isinstance(found, int | float):
        try:
            return float(value) == found
        except ValueError:
            return False
    words = "×".join(map(str, found)) if isinstance(found, tuple) else str(found)
    return words.lower() == value.lower().replace("x", "×" if isinstance(found, tuple) else "x")


def as_table(summaries: Sequence[Summary]) -> str:
    """Return the list as aligned columns; −ELBOs of different likelihoods are not comparable, and apart."""
    columns = _with_elbos_apart(summaries)
    rows = [[column.title for column, _ in columns]]
    for summary in summaries:
        rows.append([_cell(summary, column, likelihood) for column, likelihood in columns])
    return table(rows, right=tuple(at for at, (column, _) in enumerate(columns) if column.right))


def _with_elbos_apart(summaries: Sequence[Summary]) -> list[tuple[_Column, str | None]]:
    """Return the columns, that of −ELBO once for each likelihood if there are several."""
    likelihoods = list(dict.fromkeys(each.likelihood for each in summaries if each.likelihood))
    columns: list[tuple[_Column, str | None]] = []
    for column in _COLUMNS.values():
        if column.key != "negative_elbo" or len(likelihoods) < 2:
            columns.append((column, None))
            continue
        for likelihood in likelihoods:
            apart = _Column(f"−ELBO ({likelihood})", column.key, column.write, right=True)
            columns.append((apart, likelihood))
    return columns


def _cell(summary: Summary, column: _Column, likelihood: str | None) -> str:
    """Return what stands in a column; nothing in that of another likelihood."""
    if likelihood is not None and summary.likelihood != likelihood:
        return ""
    value = getattr(summary, column.key)
    if value is None:
        return "–"
    return f"{value}/{summary.total_epochs}" if column.key == "epochs" else column.write(value)


def as_csv(summaries: Sequence[Summary]) -> str:
    """Return the list as CSV, without a line break at its end; what is not known is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    keys = [*(column.key for column in _COLUMNS.values()), "total_epochs"]
    writer.writerow(keys)
    for summary in summaries:
        values = [getattr(summary, key) for key in keys]
        writer.writerow(["×".join(map(str, each)) if isinstance(each, tuple) else each for each in values])
    return text.getvalue().removesuffix("\n")
