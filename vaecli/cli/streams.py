"""Where words go: results to stdout, everything else to stderr, foreign text made safe.

One `Streams` is made at the start of a command. It keeps its own copy of stderr, so
that what libraries write to theirs can be sent elsewhere (see `chatter`).
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from vaecli.words import plain


class Streams:
    """The two streams of one command.

    Args:
        quiet: Say nothing on stderr but errors.
        as_json: Results are one JSON value instead of lines.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet = quiet
        self.as_json = as_json
        self.err: TextIO = _own_stderr()
        self.over: Callable[[str], None] | None = None  # writes a line over a live display

    @property
    def is_live(self) -> bool:
        """Whether stderr is a terminal: bars and colours are only for these."""
        return not self.quiet and self.err.isatty() and os.environ.get("TERM") != "dumb"

    def say(self, *lines: str) -> None:
        """Write lines to stderr, unless quiet."""
        if not self.quiet:
            self.complain(*lines)

    def complain(self, *lines: str) -> None:
        """Write lines to stderr, quiet or not."""
        for line in map(plain, lines):
            if self.over:
                self.over(line)
            else:
                self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        try:
            self.err.write(text)
            self.err.flush()
        except RuntimeError:  # a signal's message interrupts another one
            os.write(self.err.fileno(), text.encode())

    def ask(self, question: str) -> str:
        """Ask on stderr, quiet or not, and return the line read from stdin."""
        self.err.write(plain(question))
        self.err.flush()
        return sys.stdin.readline().strip()

    def result(self, text: str, facts: Any = None) -> None:
        """Write the result to stdout: the text, or the facts where JSON was asked for.

        Args:
            text: One or more lines for people.
            facts: The same as plain values.
        """
        if self.as_json:
            json.dump(facts, sys.stdout, indent=2, allow_nan=False)
            sys.stdout.write("\n")
        else:
            sys.stdout.write("".join(f"{plain(line)}\n" for line in text.split("\n") if text))
        sys.stdout.flush()

    def bytes_result(self, data: bytes) -> None:
        """Write bytes to stdout."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class _Stderr(io.FileIO):
    """A copy of stderr. If it is closed at the other end, a training continues all the same."""

    def write(self, data: Any) -> int:
        """Write, as long as the other end is open."""
        try:
            return super().write(data) or 0
        except OSError:
            return len(data)


def _own_stderr() -> TextIO:
    """Return a copy of stderr with its own descriptor; stderr itself where it has none."""
    try:
        copy = io.BufferedWriter(_Stderr(os.dup(sys.stderr.fileno()), "w"))
    except (OSError, ValueError, AttributeError):
        return sys.stderr
    return io.TextIOWrapper(copy, encoding="utf-8", errors="replace")
