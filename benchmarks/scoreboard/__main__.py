"""Measure rows of the scoreboard: `python benchmarks/scoreboard Q3 --seeds 3`; without rows, all of them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])  # so that it runs as a folder and as a module alike

from benchmarks.scoreboard.command import main  # noqa: E402 - the line above makes it possible

if __name__ == "__main__":
    main(sys.argv[1:])
