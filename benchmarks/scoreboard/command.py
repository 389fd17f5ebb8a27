"""The command line of the scoreboard."""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import vaecli
from benchmarks.scoreboard import page
from benchmarks.scoreboard.measuring import measured
from benchmarks.scoreboard.pictures import SPLITS
from benchmarks.scoreboard.results import COMMITTED, Results
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.running import Runner
from benchmarks.scoreboard.trainings import Row
from vaecli.chatter import aside
from vaecli.errors import VaecliError
from vaecli.observers import Say
from vaecli.registry import ARCHITECTURES

HERE = Path(__file__).parent


def main(arguments: Sequence[str]) -> None:
    """Train and evaluate what is missing of the rows, and show their targets."""
    options = _parser().parse_args(arguments)
    ARCHITECTURES.look_in(HERE / "peers")
    rows = options.rows or list(ROWS.values())
    is_test = options.split == "test"
    results = Results(COMMITTED if is_test else options.artifacts / "validation.json")
    failed = False
    if not options.page:
        with os.fdopen(os.dup(2), "w", encoding="utf-8", buffering=1) as stderr, aside():
            say = partial(print, file=stderr)
            runner = Runner(vaecli.Store(options.artifacts), options.split, options.images, say)
            failed = measure(rows, results, runner, say, options.seeds, options.only)
    print("\n".join(page.targets(results, rows)))
    if is_test:
        page.write(results)
    sys.exit(failed)


def measure(
    rows: Sequence[Row],
    results: Results,
    runner: Runner,
    say: Say,
    seeds: int | None = None,
    only: Sequence[str] = (),
) -> bool:
    """Train and evaluate what is missing, the first seed of every row before any second one.

    Args:
        rows: What to measure.
        results: What was measured already; takes what is new.
        runner: Trains.
        say: Called with a line on what fails.
        seeds: How many, by default as many as each row takes.
        only: Architectures; others are left out.

    Returns:
        Whether anything failed; it was said, and the rest was measured.
    """
    failed = False
    for seed in range(seeds or max(row.seeds for row in rows)):
        for row in rows:
            if seeds is None and seed >= row.seeds:
                continue
            for training in row.trainings:
                if only and training.settings.get("architecture", "conv") not in only:
                    continue
                try:
                    run = runner.name_of(row, training, seed)
                    if not results.has(row.name, training, seed, run):
                        trained = runner.trained(row, training, seed)
                        results.put(measured(row.name, training, seed, trained, say))
                except VaecliError as error:
                    failed = True
                    say(f"{row.name}, {training.name}, seed {seed}: {error}")
    return failed


def _row(name: str) -> Row:
    """Return the row of a name."""
    if name not in ROWS:
        raise argparse.ArgumentTypeError(f"there is no {name}; the rows are {', '.join(ROWS)}")
    return ROWS[name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scoreboard",
        description="Measure rows of the scoreboard: what is missing is trained and evaluated.",
    )
    parser.add_argument("rows", nargs="*", type=_row, metavar="ROW", help="Q1 and so on; by default all")
    parser.add_argument("--seeds", type=int, help="how many seeds; by default as many as a row takes")
    parser.add_argument("--split", choices=SPLITS, default="test", help="validation: for tuning")
    parser.add_argument("--only", nargs="+", default=[], metavar="ARCHITECTURE", help="leave out the others")
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="where the CIFAR subset lies")
    parser.add_argument("--artifacts", type=Path, default=HERE / "artifacts", help="where runs are kept")
    parser.add_argument("--page", action="store_true", help="train nothing: show what was measured")
    return parser
