"""Which image files belong together: those of one patient, one object, one film.

Their names say it, by a pattern, or a table does. Images of a group are never on both sides of a split, so
that held-out figures say something about patients that training has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vaecli.data.files.tables import read_column
from vaecli.data.names import tidy
from vaecli.errors import DataError, UsageError
from vaecli.values import parse_table

_COLUMNS = ("group", "patient", "patient_id", "patientid", "subject", "subject_id", "object", "object_id")


def groups_of(word: str, names: Sequence[str]) -> dict[str, str]:
    """Return name → group of the files that belong to one.

    Args:
        word: A regular expression that is looked for in each name, of which the parts in parentheses, or
            else the whole, are the group; or the path of a CSV file, perhaps with `:COLUMN` after it.
        names: The files, by their names in the folder or zip.

    Raises:
        UsageError: If the expression is not one.
        DataError: If no file has a group, or the table cannot be read.

    >>> groups_of(r"p([0-9]+)_", ["a/p1_1.png", "a/p1_2.png", "b/p22_1.png", "b/x.png"])
    {'a/p1_1.png': '1', 'a/p1_2.png': '1', 'b/p22_1.png': '22'}
    """
    if parse_table(word):
        found = read_column(word, names, _COLUMNS).values
    else:
        try:
            pattern = re.compile(word)
        except re.error as error:
            raise UsageError(
                f"group is {word!r}: {error}.", "Expected: a regular expression, or a CSV."
            ) from error
        matches = {name: match for name in names if (match := pattern.search(name))}
        found = {name: "/".join(filter(None, match.groups())) or match[0] for name, match in matches.items()}
    if not found:
        raise DataError(f"group {word!r} is in no file's name, for example {tidy(names[0])}.")
    return found


def words_on(groups: Mapping[str, str], count: int) -> str:
    """Say how many groups there are, and how many of the files have none.

    >>> words_on({"1.png": "a", "2.png": "a"}, 3)
    '1 group of 2 images is kept together; 1 image has no group.'
    """
    number = len(set(groups.values()))
    kept = f"{number:,} group{'s' * (number > 1)} of {len(groups):,} images {'are' if number > 1 else 'is'}"
    rest = count - len(groups)
    more = f"; {rest:,} image{'s have' if rest > 1 else ' has'} no group" if rest else ""
    return f"{kept} kept together{more}."
