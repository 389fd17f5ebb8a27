"""Files from https mirrors, downloaded by requests.

A download is taken in memory, bounded by what the file can be at most, and verified
before anything is written: an interrupted one leaves nothing behind. One that breaks off
goes on where it stopped, at the same mirror or at the next, by a range of bytes (RFC 9110,
section 14); what does not verify after such piecing together is fetched afresh. A mirror
that does not answer within a few seconds is given up, whatever it hangs on: the name, one
of its many addresses, or the first byte.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaecli.data.idx import IdxFile
from vaecli.data.named.verifying import verify
from vaecli.data.progress import Progress
from vaecli.errors import DataError

if TYPE_CHECKING:
    import requests

#: Seconds that a mirror has until its first byte.
PATIENCE = 4.0
_STALLS = 5  # times the patience: how long may pass between any two later bytes
_TRIES = 5  # at one mirror for one file, and only while each brings some more of it
_CHUNK = 1 << 12  # bytes; less than a chunk is lost where a download stalls
_GZIP_OVERHEAD = 1 << 16
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH}


@dataclass(frozen=True)
class Part:
    """The beginning of a download that broke off; nothing of it is verified.

    Attributes:
        content: The bytes that came.
        whole: How many there should be in all, if the mirror said so.
    """

    content: bytes = b""
    whole: int | None = None


class _Unfinished(DataError):  # noqa: N818 - says what it is
    """A download broke off, or begins anew: another try makes sense."""


class _Sink:
    """Take a download in memory, and tell the thread that watches it how it goes.

    Attributes:
        content: What there is: of this try, and of the part where the mirror goes on with that.
        whole: How many bytes there should be in all, if the mirror says so.
        goes_on: Whether the mirror answered to the range that was asked for.
        has_begun: Whether a byte has come.
        error: What ended the download.
    """

    def __init__(self, largest: int, part: Part) -> None:
        self.content = bytearray()
        self.whole: int | None = None
        self.goes_on = False
        self.has_begun = False
        self.error: BaseException | None = None
        self._largest = largest
        self._part = part

    @property
    def headers(self) -> dict[str, str]:
        """What to ask for: the bytes as they are, from where the part ends."""
        start = len(self._part.content)
        return {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})

    def answer(self, response: requests.Response) -> None:
        """Hear what the mirror says before the first byte.

        Raises:
            DataError: If it goes on from somewhere else than where the part ends.
        """
        length = response.headers.get("Content-Length", "")
        self.whole = (
            int(length) if response.status_code == 200 and re.fullmatch("[0-9]{1,18}", length) else None
        )
        if self._part.content and response.status_code in (206, 416):
            self.goes_on = True
            self._go_on(response.headers.get("Content-Range", ""))

    def _go_on(self, range_: str) -> None:
        match = re.fullmatch(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", range_.strip())
        whole = int(match[2]) if match and match[2] != "*" else None
        fits = match is not None and int(match[1]) == len(self._part.content)
        if not fits or (whole and self._part.whole and whole != self._part.whole):
            raise DataError("it goes on with other bytes than were asked for")
        self.whole = whole or self._part.whole
        self.content += self._part.content

    def write(self, chunk: bytes) -> None:
        """Keep a chunk; a stream longer than the file can be is not taken to its end."""
        self.has_begun = True
        if len(self.content) + len(chunk) > self._largest:
            raise DataError(f"more than the {self._largest:,} bytes that it can be")
        self.content += chunk

    def give_up(self) -> None:
        """Let what still hangs end with its next chunk."""
        self._largest = 0


def from_mirror(
    mirror: str,
    files: Sequence[IdxFile],
    progress: Progress,
    patience: float = PATIENCE,
    parts: dict[str, Part] | None = None,
) -> Iterator[tuple[IdxFile, bytes]]:
    """Yield each file with its verified plain bytes, as it arrives.

    Args:
        mirror: The address before each file's name.
        files: What to download.
        progress: Told about what arrives.
        patience: Seconds until the first byte; five times as many between later ones.
        parts: Name of a file → what came of it before it broke off, here or at another mirror.

    Raises:
        DataError: At the first file that does not come, or is not what it must be; says why.
    """
    parts = {} if parts is None else parts
    for file in files:
        yield file, _fetched(f"{mirror}/{file.name}.gz", file, progress, patience, parts)


def _fetched(url: str, file: IdxFile, progress: Progress, patience: float, parts: dict[str, Part]) -> bytes:
    """Return a file's verified plain bytes, after some tries if need be."""
    for _ in range(_TRIES - 1):
        with suppress(_Unfinished):
            return _attempt(url, file, progress, patience, parts)
    return _attempt(url, file, progress, patience, parts)


def _attempt(url: str, file: IdxFile, progress: Progress, patience: float, parts: dict[str, Part]) -> bytes:
    """Return a file's verified plain bytes; keep the part that came of it.

    Raises:
        _Unfinished: If another try may bring more.
        DataError: If it would not.
    """
    part = parts.get(file.name, Part())
    sink = _Sink(file.size + _GZIP_OVERHEAD, part)
    try:
        _download(url, sink, file.name, progress, patience)
        content = verify(bytes(sink.content), file.name, file)
    except _Unfinished as error:
        if len(sink.content) <= len(part.content):
            raise DataError(error.what) from error
        parts[file.name] = Part(bytes(sink.content), sink.whole)
        raise
    except DataError as error:
        if not sink.goes_on:
            raise
        del parts[file.name]  # it and what came now are not of one file
        raise _Unfinished(error.what, error.expected, error.mend) from error
    parts.pop(file.name, None)
    return content


def _download(url: str, sink: _Sink, what: str, progress: Progress, patience: float) -> None:
    """Fill a sink from an address; give up when nothing has come in time.

    Raises:
        _Unfinished: If it does not come, or not to its end.
        DataError: If what comes cannot be the file.
    """
    # A daemon: one that hangs in a name look-up must not keep the process from ending.
    thread = threading.Thread(target=_fill, args=(url, sink, patience), daemon=True)
    thread.start()
    deadline = time.monotonic() + patience
    try:
        while thread.is_alive():
            thread.join(0.1)
            progress(what, len(sink.content), sink.whole)
            if not sink.has_begun and thread.is_alive() and time.monotonic() > deadline:
                raise _Unfinished(f"no byte within {patience:g} s")
    finally:
        sink.give_up()
    if isinstance(sink.error, DataError):
        raise sink.error
    count, whole = len(sink.content), sink.whole
    if sink.has_begun and (sink.error or (whole and count < whole)):
        of = f" of {whole:,}" if whole else ""
        raise _Unfinished(f"it broke off after {count:,}{of} bytes") from sink.error
    if sink.error:
        raise _Unfinished(_reason(sink.error)) from sink.error


def _fill(url: str, sink: _Sink, patience: float) -> None:
    """Download into the sink; what goes wrong is kept for the caller's thread."""
    try:
        import requests

        with requests.get(
            url,
            headers=sink.headers,
            hooks={"response": _leave_redirect_unread},
            stream=True,
            timeout=(patience, _STALLS * patience),
        ) as response:
            sink.answer(response)
            response.raise_for_status()
            for chunk in response.raw.stream(_CHUNK, decode_content=False):  # unpacked later, with bounds
                sink.write(chunk)
    except BaseException as error:  # the caller raises it again, in its own thread
        sink.error = error


def _leave_redirect_unread(response: requests.Response, **_: object) -> None:
    """Close a redirect before its body is read: that may be without end."""
    if response.is_redirect:
        response.close()


def _reason(error: BaseException) -> str:
    """Say in a few words why a download failed.

    >>> _reason(ConnectionRefusedError())
    'it refuses connections'
    """
    response = getattr(error, "response", None)
    if response is not None and response.status_code >= 400:
        return f"HTTP status {response.status_code}"
    causes = list(_causes(error))
    if any(getattr(cause, "errno", None) in _UNREACHABLE for cause in causes):
        return "the network is unreachable"
    for kinds, words in _reasons():
        if any(isinstance(cause, kinds) for cause in causes):
            return words
    return f"its answer makes no sense ({type(error).__name__})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised from, the last one being where it began."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reasons() -> list[tuple[tuple[type[BaseException], ...], str]]:
    """Return the kinds of exceptions that say why a download failed, with words; the first one counts."""
    import http.client

    from requests import exceptions

    return [
        ((exceptions.ProxyError,), "the proxy refuses"),
        ((exceptions.TooManyRedirects,), "it redirects without end"),
        ((exceptions.InvalidSchema, exceptions.InvalidURL), "it redirects to what is no web address"),
        ((socket.gaierror,), "its name cannot be resolved"),
        ((ssl.SSLCertVerificationError,), "its certificate is not trusted"),
        ((TimeoutError,), "it does not answer"),
        ((ConnectionRefusedError,), "it refuses connections"),
        ((ConnectionError, http.client.IncompleteRead), "it hangs up"),
        ((http.client.BadStatusLine,), "it does not speak HTTP"),
    ]
