"""Everything that a user can put right, as a tree; every leaf has its own exit code.

::

    VaecliError
    ├── UsageError           2   the command line or a setting makes no sense
    ├── DataError            3   an image, a dataset or another input is bad
    ├── RunNotFound          4   no such run, or more than one
    ├── DamagedArtifact      5   a stored file is damaged, hostile or of an unknown version
    ├── Busy                 6   another process is training this run
    ├── EnvironmentFailure   7   disk full, not writable, a package missing
    ├── TrainingDiverged     8   the loss is no longer a finite number
    ├── DownloadFailed       9   a dataset could not be downloaded
    └── Interrupted      128+N   signal N asked the process to stop

Whatever else escapes is a bug in vaecli and exits with 1.
"""

from __future__ import annotations

from typing import ClassVar


class VaecliError(Exception):
    """An error that says what happened, what was expected and how to put it right.

    Args:
        what: What happened, naming the value, file or run. One line.
        expected: What would have been right. One line, optional.
        mend: What to type or to change now. One line, optional.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, expected: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.mend = mend

    def __str__(self) -> str:
        """Return the one to three lines that a user sees."""
        return "\n".join(line for line in (self.what, self.expected, self.mend) if line)


class UsageError(VaecliError):
    """The command line or a setting makes no sense."""

    exit_code = 2


class DataError(VaecliError):
    """An image, a dataset or another input is bad."""

    exit_code = 3


class RunNotFound(VaecliError):  # noqa: N818 - says what it is
    """No run matches the reference, or more than one does."""

    exit_code = 4


class DamagedArtifact(VaecliError):  # noqa: N818 - says what it is
    """A stored file is damaged, hostile or of an unknown format version."""

    exit_code = 5


class Busy(VaecliError):  # noqa: N818 - says what it is
    """Another process is training this run."""

    exit_code = 6


class EnvironmentFailure(VaecliError):  # noqa: N818 - says what it is
    """The machine cannot do it: the disk is full or not writable, or a package is missing."""

    exit_code = 7


class TrainingDiverged(VaecliError):  # noqa: N818 - says what it is
    """The training diverged: a loss or a weight is no longer a finite number."""

    exit_code = 8


class DownloadFailed(VaecliError):  # noqa: N818 - says what it is
    """A dataset is not on this machine and could not be downloaded."""

    exit_code = 9


class Interrupted(VaecliError):  # noqa: N818 - says what it is
    """A signal asked the process to stop.

    Args:
        signal_number: The signal, for example 2 for SIGINT; the exit code is 128 + this.
        what: What was stopped, and what was kept.
        mend: How to continue.
    """

    def __init__(self, signal_number: int, what: str, mend: str = "") -> None:
        super().__init__(what, mend=mend)
        self.exit_code = 128 + signal_number  # type: ignore[misc]
