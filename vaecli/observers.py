"""Who is told how things go; what does the work prints nothing.

`train` and `resume` tell an observer, which shows it as bars, as lines, in a notebook, or not at all.
Everything else has a line to say at most, and says it to a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

#: Who is told a line.
Say = Callable[[str], None]

OpenLog = Callable[[], BinaryIO]


def silence(line: str) -> None:
    """Say a line to nobody."""


class Observer(Protocol):
    """What is told while a run trains."""

    def says(self, line: str) -> None:
        """Hear a line about what takes a moment."""

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Hear that a run trains the epochs start…total, and what opens its log to append to it."""

    def advances(self, progress: Progress) -> None:
        """Hear how far an epoch has come."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Hear that an epoch is on disk."""


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
