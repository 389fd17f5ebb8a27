"""What can be wrong with a file of a run, by type, so that no code has to read an error's words."""

from __future__ import annotations

from pathlib import Path

from vaecli.errors import DamagedArtifact, EnvironmentFailure


class DamagedFile(DamagedArtifact):
    """A file or directory that is not as it was written.

    Args:
        path: Where it lies.
        why: What is wrong with it, as the rest of a sentence that begins with the path.
        expected: What would have been right. One line, optional.
        mend: What to do now. One line, optional.
    """

    def __init__(self, path: Path | str, why: str, expected: str = "", mend: str = "") -> None:
        super().__init__(f"{path} {why}.", expected, mend)
        self.why = why


class MissingFile(DamagedFile):
    """A file or directory that is not there."""


class DamagedContent(DamagedFile):
    """A file whose bytes are not those that were written.

    Args:
        path: Where it lies.
        why: What is wrong with its content, as a whole clause.
    """

    def __init__(self, path: Path | str, why: str) -> None:
        mend = "vaecli will not use it; other epochs and runs stay usable."
        super().__init__(path, f"is damaged: {why}", mend=mend)
        self.why = why


class UnreadableFile(EnvironmentFailure):
    """A file or directory that could not be read: whether it is damaged is not known.

    Args:
        path: Where it lies.
        why: What kept it from being read, as the rest of a sentence that begins with the path.
        mend: What to do now. One line.
    """

    def __init__(self, path: Path | str, why: str, mend: str) -> None:
        super().__init__(f"{path} {why}.", mend=mend)
        self.why = why
