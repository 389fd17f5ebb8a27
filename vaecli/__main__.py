"""The door: what has to hold before anything large is loaded. `python -m vaecli` is `vaecli`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_STOPPED = 128 + signal.SIGINT


def main() -> None:
    """Run the command line and exit with its code; Ctrl-C ends it without a traceback at any time."""
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where it is ignored
    if is_heard:
        signal.signal(signal.SIGINT, _leave)
    from vaecli.cli.main import run

    try:
        if is_heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run(sys.argv[1:])
        if is_heard:
            signal.signal(signal.SIGINT, _leave)
    except KeyboardInterrupt:
        code = _STOPPED
    sys.exit(code)


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: nothing has been begun, or all has been done."""
    os._exit(_STOPPED)


if __name__ == "__main__":
    main()
