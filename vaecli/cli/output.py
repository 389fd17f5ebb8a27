"""Results that are files: to a path, whole, or to stdout as bytes."""

from __future__ import annotations

import io
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from vaecli.cli.streams import Streams
from vaecli.errors import EnvironmentFailure, UsageError

Write = Callable[[BinaryIO, str], object]


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
    if output == "-":
        _deliver_bytes(streams, Path(default).suffix, write)
        return
    path = Path(output or default)
    write_whole(path, lambda file: write(file, path.suffix.lower() or Path(default).suffix))
    streams.result(str(path), {"path": str(path), **facts})


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place and rename it, so that no half of it is ever seen.

    Raises:
        EnvironmentFailure: If it cannot be written.
    """
    temporary = path.parent / f".{uuid.uuid4().hex[:12]}.part"  # no longer than any name may be
    try:
        with temporary.open("xb") as file:
            write(file)
        os.replace(temporary, path)  # noqa: PTH105 - says that it replaces
    except OSError as error:
        raise EnvironmentFailure(
            f"{path}: {error.strerror or error}.", mend="Choose another place with -o."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _deliver_bytes(streams: Streams, ending: str, write: Write) -> None:
    if streams.as_json:
        raise UsageError("--json and -o - both want stdout.", mend="Leave one of them out.")
    if sys.stdout.isatty():
        raise UsageError("-o - would write an image to the terminal.", mend="Send it to a file or a pipe.")
    buffer = io.BytesIO()
    write(buffer, ending)
    streams.bytes_result(buffer.getvalue())
