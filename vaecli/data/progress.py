"""Who is told how far it is while something arrives, is read or is drawn."""

from __future__ import annotations

from collections.abc import Callable

#: Called while something arrives: what, bytes so far, bytes in total if known.
Progress = Callable[[str, int, int | None], None]


def silent(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""
