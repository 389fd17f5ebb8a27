"""Labels of image files that a table gives, in place of those of their folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vaecli.data.files.labels import MOST_CLASSES
from vaecli.data.files.layout import UNLABELLED, Item, Layout
from vaecli.data.files.tables import read_column
from vaecli.data.names import tidy
from vaecli.errors import DataError

_COLUMNS = (
    *("label", "labels", "class", "class_name", "classname", "category", "target", "y", "breed", "species"),
    *("diagnosis", "classid", "class_id", "label_id", "label_name", "tag"),
)


def labelled(files: Layout, table: str) -> Layout:
    """Return the files with the labels that a table gives; the others are unlabelled.

    Args:
        files: Of the set.
        table: The path of a CSV file, perhaps with `:COLUMN` after it.

    Raises:
        DataError: If the table cannot be read, names none of the files, has several columns of which none is
            known to be of labels, or as many labels as no set has.
    """
    items = (*files.train, *(files.heldout or ()))
    column = read_column(table, [item.name for item in items], _COLUMNS, guesses=False)
    labels = {name: tidy(value) for name, value in column.values.items() if value}
    if (count := len(set(labels.values()))) > MOST_CLASSES:
        raise DataError(
            f"{table}: {column.title!r} has {count:,} values.", f"Expected: at most {MOST_CLASSES:,} classes."
        )
    notes = [f"Labels are those of {tidy(column.title)} in {tidy(table, 200)}."]
    if lacking := [item.name for item in items if item.name not in labels]:
        has = "image has" if len(lacking) == 1 else "images have"
        notes.append(f"{len(lacking):,} {has} no label there: {_few(lacking)}.")
    if column.unknown:
        is_ = "name in it is" if len(column.unknown) == 1 else "names in it are"
        notes.append(f"{len(column.unknown):,} {is_} of no image: {_few(column.unknown)}.")
    return replace(
        files,
        train=_with(labels, files.train),
        heldout=files.heldout and _with(labels, files.heldout),
        notes=(*files.notes, *notes),
    )


def _with(labels: Mapping[str, str], items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(replace(item, label=labels.get(item.name, UNLABELLED)) for item in items)


def _few(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(tidy(name) for name in names[:3]) + (", …" if len(names) > 3 else "")
