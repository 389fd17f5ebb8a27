"""Observers are informed of what happens; the code that does the work prints nothing.

`train` and `resume` tell an observer, which shows it as bars, as lines, in a notebook, or not at all.
Everything else has a line to say at most, and says it to a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

#: A function that is called with a line of text.
Say = Callable[[str], None]

OpenLog = Callable[[], BinaryIO]


def silence(line: str) -> None:
    """Ignore a line."""


class Observer(Protocol):
    """What an observer of a training is informed of."""

    def says(self, line: str) -> None:
        """Take a line about what takes a moment."""

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Note that a run trains the epochs start…total, and what opens its log to append to it."""

    def advances(self, progress: Progress) -> None:
        """Note how far an epoch has come."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Note that an epoch is on disk."""


class Silent:
    """An observer that shows nothing; a base for those that show something."""

    def says(self, line: str) -> None:
        """Show nothing."""

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Show nothing."""

    def advances(self, progress: Progress) -> None:
        """Show nothing."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Show nothing."""
