"""Who is told how a training goes: any object with these methods, called in this order.

`train` and `resume` print nothing. They tell an observer what happens, and the observer shows it:
as bars, as lines, in a notebook, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

OpenLog = Callable[[], BinaryIO]


class Observer(Protocol):
    """What is told while a run trains."""

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Hear that a run trains the epochs start…total, and what opens its log to append to it."""

    def advances(self, progress: Progress) -> None:
        """Hear how far an epoch has come."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Hear that an epoch is on disk."""


class Silent:
    """An observer that shows nothing; a base for those that show something."""

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Show nothing."""

    def advances(self, progress: Progress) -> None:
        """Show nothing."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Show nothing."""
