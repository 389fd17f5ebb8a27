"""Which epochs of a run are drawn, and what each of them left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from vaecli.errors import UsageError
from vaecli.observers import Say
from vaecli.render.frames import caption
from vaecli.runs import last_epoch
from vaecli.store import Run, Snapshot

#: One epoch; several; all of them; or, with None, the last one.
Epochs = int | Sequence[int] | Literal["all"] | None

_ROOM = 256 * 2**20  # bytes of snapshots that are kept while a figure is drawn


def drawn_epochs(run: Run, epochs: Epochs) -> list[int]:
    """Return the epochs to draw, ascending.

    Raises:
        UsageError: If the word is not `all`, or there are no epochs in it.
        RunNotFound: If the run has none.
    """
    last = last_epoch(run)
    if epochs is None:
        return [last]
    if isinstance(epochs, int):
        return [epochs]
    if isinstance(epochs, str):
        if epochs != "all":
            raise UsageError(f"epochs is {epochs!r}.", "Expected: all, a number, or several numbers.")
        return list(run.epochs())
    if not len(epochs):
        raise UsageError("epochs is empty.", "Expected: at least one number.")
    return sorted({int(epoch) for epoch in epochs})


def decoded_epochs(run: Run, epochs: Epochs, say: Say) -> list[int]:
    """Return the epochs to draw with their weights, ascending: of `all` only those that keep them.

    Args:
        run: The run.
        epochs: What is asked for; an epoch that is asked for by its number is returned in any case.
        say: Told that epochs are left out.

    Raises:
        UsageError: If the word is not `all`, or there are no epochs in it.
        RunNotFound: If the run has none.
    """
    drawn = drawn_epochs(run, epochs)
    kept = [epoch for epoch in drawn if run.keeps_weights(epoch)]
    if not isinstance(epochs, str) or len(kept) in (0, len(drawn)):
        return drawn
    say(f"{len(kept)} of {len(drawn)} epochs keep their weights; the others are left out.")
    return kept


def are_several(epochs: Epochs) -> bool:
    """Tell whether epochs are drawn one after the other, rather than one of them.

    >>> are_several("all"), are_several([0, 5]), are_several(5), are_several(None)
    (True, True, False, False)
    """
    return epochs is not None and not isinstance(epochs, int)


def caption_of(run: Run, epoch: int) -> str:
    """Return what stands in the corner of an epoch's frame."""
    return caption(epoch, run.metrics(epoch).negative_elbo)


def stem_of(run: Run, what: str, epochs: Sequence[int], *, whole: bool) -> str:
    """Return the name of a picture, which says what it shows.

    Args:
        run: The run.
        what: What is drawn of it.
        epochs: The epochs, the last of which is named.
        whole: Whether it shows the run as a whole, not one epoch.

    >>> from pathlib import Path
    >>> stem_of(Run(Path("artifacts/fashion-1")), "grid", [20], whole=False)
    'fashion-1-grid-0020'
    """
    return f"{run.name}-{what}" if whole else f"{run.name}-{what}-{epochs[-1]:04d}"


class Snapshots:
    """The snapshots of a run, each read and verified once as long as they fit into memory.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._kept: dict[int, Snapshot] = {}
        self._room = _ROOM

    def __getitem__(self, epoch: int) -> Snapshot:
        """Return the snapshot of an epoch.

        Raises:
            RunNotFound: If the epoch is not on disk.
        """
        if epoch in self._kept:
            return self._kept[epoch]
        snapshot = self.run.snapshot(epoch)
        size = sum(array.nbytes for array in snapshot.to_arrays().values())
        if size <= self._room:
            self._kept[epoch] = snapshot
            self._room -= size
        return snapshot
