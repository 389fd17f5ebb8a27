"""Runs by what they are called."""

from __future__ import annotations

import os

from vaecli.errors import RunNotFound
from vaecli.store import Run, Store


def default_store() -> Store:
    """Return the store that is meant where none is named: `VAECLI_ARTIFACTS`, or `./artifacts`."""
    return Store(os.environ.get("VAECLI_ARTIFACTS") or "artifacts")


def open_run(reference: Run | str = "latest", store: Store | None = None) -> Run:
    """Return the run that a word means; a run is returned as it is.

    Args:
        reference: A name, a unique prefix of one, `latest` or `@`, `@~1` for the one before, or a
            path with a slash in it; see `Store.resolve`.
        store: Where to look, by default in `default_store()`.

    Raises:
        RunNotFound: If no run answers to it or more than one does.
    """
    if isinstance(reference, Run):
        return reference
    return (store or default_store()).resolve(reference)


def last_epoch(run: Run) -> int:
    """Return the last epoch on disk.

    Raises:
        RunNotFound: If none was finished.
    """
    epochs = run.epochs()
    if not epochs:
        raise RunNotFound(f"Run {run.name} has no finished epoch.", mend=f"vaecli train --resume {run.name}")
    return epochs[-1]
