"""What a training runs on: libraries and machine, as `run.json` remembers them."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import vaecli

_LIBRARIES = ("tensorflow", "keras", "numpy", "h5py")


def libraries() -> dict[str, str]:
    """Return library → version, Python and vaecli among them."""
    installed = {library: version(library) for library in _LIBRARIES}
    return {"vaecli": vaecli.__version__, "python": platform.python_version(), **installed}


def facts() -> dict[str, str | int]:
    """Return the system, the processor's name and the cores that this process may use."""
    return {"system": platform.platform(), "processor": _processor(), "cores": _cores()}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
