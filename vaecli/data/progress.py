"""How far something has come while it is downloaded, read or drawn."""

from __future__ import annotations

from collections.abc import Callable

#: Called while something arrives: what, bytes so far, bytes in total if known.
Progress = Callable[[str, int, int | None], None]


def silent(what: str, done: int, total: int | None) -> None:
    """Report nothing."""
