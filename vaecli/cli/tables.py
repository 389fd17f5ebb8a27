"""Facts as aligned columns of text."""

from __future__ import annotations

from vaecli.words import plain


def table(rows: list[list[str]], right: tuple[int, ...] = ()) -> str:
    """Return rows as aligned columns; those in `right` flush right.

    >>> print(table([["name", "n"], ["a", "10"]], right=(1,)))
    name   n
    a     10
    """
    rows = [[plain(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def age(seconds: float) -> str:
    """Return a span in the largest whole unit.

    >>> age(30), age(150), age(7200), age(200000)
    ('30 s', '2 min', '2 h', '2 d')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"
