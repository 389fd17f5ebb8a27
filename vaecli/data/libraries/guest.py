"""The process in which another library loads a set: started, watched, ended.

It is a group of its own, so that no Ctrl-C reaches it but through here, and it ends with
this process, however that ends: what it reads on its stdin is the parent's life. Its
chatter goes to a file, of which a failure keeps the last line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vaecli
from vaecli.data.progress import Progress

_PATIENCE = 0.2  # seconds between two looks at how far it is
#: Run as `-P -c`: nothing in the folder of the user takes the place of a library.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop()); from vaecli.data.libraries.worker import main; main()"
)
_QUIET = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


@dataclass(frozen=True)
class Outcome:
    """How a load ended.

    Attributes:
        entry: The folder of what was loaded, if it was.
        report: What went wrong, in the words of `worker`; nothing if it could not say.
        exit_code: That of the process, the negative number of the signal that ended it.
        last_line: The last line of what it had to say.
    """

    entry: Path | None
    report: Mapping[str, Any]
    exit_code: int
    last_line: str


def load_in_process(request: Mapping[str, Any], place: Path, words: str, progress: Progress) -> Outcome:
    """Let a library load a set in a process of its own; return how that ended.

    Args:
        request: What to load; see `worker`.
        place: An empty folder to work in.
        words: What is being loaded, for `progress`.
        progress: Called several times a second; it may raise to end it.
    """
    (place / "work").mkdir()
    root = str(Path(vaecli.__file__).parent.parent)
    command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps({**request, "place": str(place)}), root]
    environment = {**os.environ, **_QUIET, **(_OFFLINE if request["offline"] else {})}
    with (
        (place / "chatter.log").open("wb") as log,
        subprocess.Popen(
            command,
            cwd=place / "work",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            while process.poll() is None:
                progress(words, *_step(place))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_PATIENCE)
        finally:
            with suppress(ProcessLookupError, PermissionError):  # as macOS calls a group that is gone
                os.killpg(process.pid, signal.SIGKILL)
    entry = place / "entry" if process.returncode == 0 else None
    return Outcome(entry, _report(place), process.returncode, _last_line(place / "chatter.log"))


def _step(place: Path) -> tuple[int, int | None]:
    """Return how many images are written, and how many there are if that is known."""
    try:
        done, total = (place / "step").read_text(encoding="ascii").split()
        return int(done), int(total)
    except (OSError, ValueError):
        return 0, None


def _report(place: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((place / "report.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _last_line(path: Path) -> str:
    """Return the last line with words in it of the end of a file."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4096))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if any(map(str.isalnum, line))), "")
