"""Our own cache of datasets: plain IDX files, each of them whole or absent.

Plain rather than gzipped: reading them again takes a tenth of the time.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from vaecli import files
from vaecli.errors import EnvironmentFailure


def cache_folder(name: str) -> Path:
    """Return the folder in the user's cache that holds a set, there or not."""
    return platformdirs.user_cache_path("vaecli") / "datasets" / name


def prepare_cache(name: str) -> Path:
    """Make the set's cache folder before anything is downloaded for it.

    What processes that were killed left unfinished in it is removed.

    Raises:
        EnvironmentFailure: If it cannot be made or written to.
    """
    folder = cache_folder(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise unwritable(folder, PermissionError(13, "not writable"))
    files.clear_abandoned(folder)
    return folder


def keep(name: str, file: str, content: bytes) -> None:
    """Write a verified plain file of a set into the cache, whole or not at all.

    It is built beside its target, flushed and renamed, so that a reader, a second
    downloader or a power cut never meets half of it.

    Raises:
        EnvironmentFailure: If the disk refuses; nothing is left behind.
    """
    folder = prepare_cache(name)
    try:
        files.write_whole(folder / file, lambda stream: stream.write(content))
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> EnvironmentFailure:
    """Say that the cache cannot be written, and how to choose another."""
    return EnvironmentFailure(
        f"The cache {folder} cannot be written: {error.strerror or error}.",
        mend="Point XDG_CACHE_HOME to a writable folder, or pass --data-dir with a folder of the files.",
    )
