"""Files from https mirrors, through pooch's downloader.

A download is taken in memory, bounded by what the file can be at most, and verified
before anything is written: an interrupted one leaves nothing behind. A mirror that
does not answer within a few seconds is given up, whatever it hangs on: the name, one of
its many addresses, or the first byte.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from vaecli.data.catalogue import IdxFile, Progress
from vaecli.data.idx import verify
from vaecli.errors import DataError

#: Seconds that a mirror has until its first byte, and between any two later ones.
PATIENCE = 4.0
_STALL = 20.0
_CHUNK = 1 << 16
_GZIP_OVERHEAD = 1 << 16

_REASONS = {
    "resolve": "its name cannot be resolved",
    "timed out": "it does not answer",
    "refused": "it refuses connections",
    "unreachable": "the network is unreachable",
    "proxy": "the proxy refuses",
    "certificate": "its certificate is not trusted",
}


class _Sink:
    """Take a download in memory; the file and the progress bar that pooch fills."""

    def __init__(self, largest: int) -> None:
        self.content = bytearray()
        self.total = 0
        self.largest = largest
        self.error: BaseException | None = None

    def write(self, chunk: bytes) -> None:
        """Keep a chunk; a stream longer than the file can be is not taken to its end."""
        if len(self.content) + len(chunk) > self.largest:
            raise DataError(f"more than the {self.largest:,} bytes that it can be")
        self.content += chunk

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def update(self, count: int) -> None:
        """Do nothing: what was written is counted."""

    def reset(self) -> None:
        """Do nothing: what was written is counted."""

    def close(self) -> None:
        """Do nothing: memory needs no closing."""


def from_mirror(
    mirror: str, files: Sequence[IdxFile], progress: Progress, patience: float = PATIENCE
) -> Iterator[tuple[IdxFile, bytes]]:
    """Yield each file with its verified plain bytes, as it arrives.

    Raises:
        DataError: At the first file that does not come, or is not what it must be; says why.
    """
    for file in files:
        content = _download(f"{mirror}/{file.name}.gz", file, progress, patience)
        yield file, verify(content, file.name, file)


def _download(url: str, file: IdxFile, progress: Progress, patience: float) -> bytes:
    """Return the bytes behind an address; give up when nothing has come in time."""
    sink = _Sink(file.size + _GZIP_OVERHEAD)
    # A daemon: one that hangs in a name look-up must not keep the process from ending.
    thread = threading.Thread(target=_fill, args=(url, sink, patience), daemon=True)
    thread.start()
    deadline = time.monotonic() + patience
    try:
        while thread.is_alive():
            thread.join(0.1)
            progress(file.name, len(sink.content), sink.total or None)
            if not sink.content and time.monotonic() > deadline:
                raise DataError(f"no byte within {patience:g} s")
    finally:
        sink.largest = 0  # one that was given up ends with its next chunk
    if sink.error:
        raise DataError(_reason(sink.error)) from sink.error
    return bytes(sink.content)


def _fill(url: str, sink: _Sink, patience: float) -> None:
    """Download into the sink; what goes wrong is kept for the caller's thread."""
    responses: list[Any] = []
    try:
        import pooch

        pooch.HTTPDownloader(
            progressbar=sink,
            chunk_size=_CHUNK,
            timeout=(patience, _STALL),
            hooks={"response": lambda response, **_: responses.append(response)},
        )(url, sink, None)
    except BaseException as error:  # the caller raises it again, in its own thread
        sink.error = error
    finally:
        for response in responses:
            response.close()


def _reason(error: BaseException) -> str:
    """Say in a few words why a download failed.

    >>> _reason(OSError("[Errno 111] Connection refused"))
    'it refuses connections'
    """
    if isinstance(error, DataError):
        return error.what
    if (response := getattr(error, "response", None)) is not None:
        return f"HTTP status {response.status_code}"
    text = str(error).lower()
    return next((words for sign, words in _REASONS.items() if sign in text), type(error).__name__)
