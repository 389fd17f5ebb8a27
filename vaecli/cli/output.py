"""Results that are files: to a path, whole, into a pipe or device, or to stdout as bytes.

What stands under the path decides. A file, or what a link leads to, is replaced by a whole
new one; a pipe or a device is written into; a folder, a socket, a disk and a file that may
not be written are refused.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from vaecli import files
from vaecli.cli.streams import Streams
from vaecli.errors import EnvironmentFailure, UsageError

Write = Callable[[BinaryIO, str], object]

_ELSEWHERE = "Choose another place with -o."


def deliver(
    streams: Streams, output: str | None, default: str, write: Write, facts: Mapping[str, Any]
) -> None:
    """Write a file and print its path, or write its bytes to stdout.

    Args:
        streams: Where to print.
        output: What the user gave for `-o`: a path, `-` for stdout, or nothing.
        default: The file's name where nothing was given; its ending is the format for stdout.
        write: Writes the content to an open binary file, given the ending (`.gif`).
        facts: What `--json` says beside the path.

    Raises:
        UsageError: If bytes would go to a terminal, or `--json` and `-o -` were both given.
        EnvironmentFailure: If the file cannot be written.
    """
    path = Path(output or default)
    if output == "-" or files.descriptor_of(path) == sys.stdout.fileno():
        _deliver_bytes(streams, Path(default).suffix, write)
        return
    if names_folder(output):
        raise EnvironmentFailure(f"{output} is a folder.", "Expected: a file.", _ELSEWHERE)
    with files.translated(path, _ELSEWHERE):
        files.clear_abandoned(files.place_of(path).path.parent)
    files.save(path, lambda file: write(file, path.suffix.lower() or Path(default).suffix), _ELSEWHERE)
    streams.result(str(path), {"path": str(path), **facts})


def deliver_folder(
    streams: Streams, output: str, contents: Iterable[tuple[str, files.Content]], facts: Mapping[str, Any]
) -> None:
    """Write files into a folder, each of them whole, and print the folder's path.

    They are not flushed one by one: for thousands of small files that takes longer than making them.

    Args:
        streams: Where to print.
        output: The folder; it is made if need be.
        contents: The name of each file, and what writes it.
        facts: What `--json` says beside the path.

    Raises:
        EnvironmentFailure: If the folder cannot be made, or a file in it cannot be written.
    """
    folder = Path(output)
    with files.translated(folder, _ELSEWHERE):
        folder.mkdir(parents=True, exist_ok=True)
        files.clear_abandoned(folder)
    for name, write in contents:
        files.save(folder / name, write, _ELSEWHERE, flushes=False)
    streams.result(output, {"path": output, **facts})


def names_folder(output: str | None) -> bool:
    """Tell whether what was given for `-o` is a folder: it exists as one, or ends with a slash."""
    if output in (None, "-"):
        return False
    return str(output).endswith("/") or os.path.isdir(str(output))  # noqa: PTH112 - `is_dir` may raise


def names_format(output: str | None) -> bool:
    """Tell whether the ending of what was given for `-o` has to say the format.

    That of stdout, and of a pipe or a device without an ending, is the format of the default name.
    """
    if output in (None, "-"):
        return False
    path = Path(str(output))
    with files.translated(path, _ELSEWHERE):
        return bool(path.suffix) or files.place_of(path).kind is not files.Kind.STREAM


def _deliver_bytes(streams: Streams, ending: str, write: Write) -> None:
    if streams.as_json:
        raise UsageError("--json and -o - both write to stdout.", mend="Leave one of them out.")
    if sys.stdout.isatty():
        raise UsageError("-o - would write an image to the terminal.", mend="Send it to a file or a pipe.")
    buffer = io.BytesIO()
    write(buffer, ending)
    streams.bytes_result(buffer.getvalue())
