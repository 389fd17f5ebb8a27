"""A clean stop: the first signal asks for it, the second one quits at once."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any, Self

from vaecli.cli.streams import Streams

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class GracefulStop:
    """Remember the signal that asks to stop, as a context manager.

    Args:
        streams: Where to acknowledge it.

    Attributes:
        signal_number: The signal that came, or None.
    """

    def __init__(self, streams: Streams) -> None:
        self.signal_number: int | None = None
        self._streams = streams
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Tell whether to stop."""
        return self.signal_number is not None

    def __enter__(self) -> Self:
        """Listen; a signal that is ignored, as under nohup, stays ignored."""
        for number in _STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is not None:
            os._exit(128 + number)
        self.signal_number = number
        self._streams.say("Stopping after this step; interrupt again to quit at once.")
