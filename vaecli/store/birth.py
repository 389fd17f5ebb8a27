"""How a run comes into a store: whole, and under a name that no other run has.

It is built under a temporary name, locked from the first moment on, and renamed. Until
then it is no run; if its maker dies it never was one, and the maker of the next run
removes what is left.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from vaecli.errors import VaecliError
from vaecli.store import durable, lock

_LONGEST_STEM = 90  # of the 100 letters that a run's name may have


def bring_in(root: Path, names: Iterable[str], fill: Callable[[Path], None]) -> tuple[Path, int]:
    """Make a run's directory; return it and the descriptor of its lock, which is held.

    Args:
        root: The store; it is made if need be.
        names: What the run may be called; the first free name is taken.
        fill: Is given the directory while it has a temporary name, and leaves it durable.

    Raises:
        FileExistsError: If all names are taken.
        EnvironmentFailure: If the disk refuses; nothing is left behind.
    """
    durable.make_directories(root)
    _clear_unfinished(root)
    temporary = durable.beside(root / "run")
    durable.make_directory(temporary)
    held = -1
    try:
        held = lock.acquire(temporary)
        fill(temporary)
        durable.flush_directory(temporary)
        return _rename(temporary, root, names), held
    except BaseException:
        durable.discard(temporary)
        if held >= 0:
            os.close(held)
        raise


def numbered(root: Path, stem: str) -> Iterator[str]:
    """Give the names `stem-n` from the first n that is larger than all in use, within a run's length."""
    stem = stem[:_LONGEST_STEM]
    pattern = re.compile(rf"{re.escape(stem)}-([0-9]{{1,9}})")
    matches = (pattern.fullmatch(entry.name) for entry in root.iterdir()) if root.is_dir() else ()
    used = [int(match[1]) for match in matches if match]
    return (f"{stem}-{number}" for number in itertools.count(max(used, default=0) + 1))


def _rename(temporary: Path, root: Path, names: Iterable[str]) -> Path:
    for name in names:
        with suppress(FileExistsError):
            durable.move(temporary, root / name)
            return root / name
    raise FileExistsError(str(root))


def _clear_unfinished(root: Path) -> None:
    """Remove runs whose maker died; one that has only a lock may just be being made."""
    for entry in root.glob(f"{durable.TEMPORARY}*"):
        with suppress(OSError, VaecliError):
            if len(list(entry.iterdir())) > 1 and not lock.is_held(entry):
                durable.discard(entry)
