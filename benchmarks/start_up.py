"""Time the commands that people wait for, as whole processes, against Python starting up.

    python benchmarks/start_up.py

Each turn runs every command once; the median of the turns counts. A ratio of 3 means that a
command takes three times as long as `python -c pass`.
"""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS = 7
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import typer'": ["-c", "import typer"],
    "python -c 'import numpy'": ["-c", "import numpy"],
    "vaecli --help": ["-m", "vaecli", "--help"],
    "vaecli runs": ["-m", "vaecli", "runs"],
    "vaecli data list": ["-m", "vaecli", "data", "list"],
}


def seconds(arguments: list[str], folder: Path) -> float:
    """Return how long Python takes with these arguments, from start to exit."""
    clock = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - clock


def main() -> None:
    """Print the median of each command and its ratio to the first."""
    with tempfile.TemporaryDirectory() as folder:
        turns = [
            {name: seconds(arguments, Path(folder)) for name, arguments in COMMANDS.items()}
            for _ in range(TURNS + 1)
        ][1:]  # the first turn fills the caches
    medians = {name: statistics.median(turn[name] for turn in turns) for name in COMMANDS}
    first = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:26} {median:6.3f} s   {median / first:5.1f} ×")


if __name__ == "__main__":
    main()
