"""Entries and targets → what was measured, and whether that is enough."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.scoreboard.measuring import FORMS, TITLES, Entry
from benchmarks.scoreboard.results import Results
from benchmarks.scoreboard.trainings import Row, Target
from vaecli.assessment.numbers import NUMBERS
from vaecli.words import number

SENSES: Mapping[str, Callable[[float, float], bool]] = {
    "≤": operator.le,
    "≥": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Mean:
    """A number over the seeds that were measured.

    Attributes:
        value: The mean.
        spread: The standard deviation over seeds (with n − 1); None of one seed.
        error: Of one seed, the standard error over images, if there is one.
        seeds: How many seeds.
        form: How it is written.
    """

    value: float
    spread: float | None
    error: float | None
    seeds: int
    form: str

    def __str__(self) -> str:
        """Return the mean in words.

        >>> str(Mean(252.91, 0.12, None, 3, ".2f")), str(Mean(252.91, None, 0.87, 1, ".2f"))
        ('252.91 ± 0.12 (3 seeds)', '252.91 (1 seed, ± 0.87 over images)')
        """
        value = number(self.value, self.form)
        if self.spread is not None:
            return f"{value} ± {number(self.spread, self.form)} ({self.seeds} seeds)"
        error = "" if self.error is None else f", ± {number(self.error, self.form)} over images"
        return f"{value} (1 seed{error})"


@dataclass(frozen=True)
class Verdict:
    """A target beside what was measured.

    Attributes:
        title: What is measured of which training.
        target: The target in words.
        measured: What was measured in words.
        is_met: Whether the target is met; None where it cannot be told.
        is_stretch_met: The same of the stretch target.
    """

    title: str
    target: str
    measured: str
    is_met: bool | None
    is_stretch_met: bool | None


def mean_of(entries: Sequence[Entry], name: str) -> Mean | None:
    """Return a number over seeds, or None where none was measured."""
    found = [entry.numbers[name] for entry in entries if name in entry.numbers]
    if not found:
        return None
    values, form = [value for value, _ in found], form_of(name)
    spread = statistics.stdev(values) if len(values) > 1 else None
    return Mean(statistics.fmean(values), spread, found[0][1], len(values), form)


def form_of(name: str) -> str:
    """Return the format that a number is written in."""
    return NUMBERS[name].form if name in NUMBERS else FORMS[name]


def title_of(name: str) -> str:
    """Return what a number is called."""
    return NUMBERS[name].title if name in NUMBERS else TITLES[name]


def verdicts(row: Row, results: Results) -> list[Verdict]:
    """Return the verdict on each target of a row."""
    return [_verdict(row, target, results) for target in row.targets]


def _verdict(row: Row, target: Target, results: Results) -> Verdict:
    entries = results.of(row.name, target.training)
    mean, title = mean_of(entries, target.number), f"{target.training}: {title_of(target.number)}"
    limit, stretch, rival = target.limit, target.stretch, ""
    if limit is None and (best := best_peer(row, target.training, results)):
        rival, limit = best
        stretch = None if stretch is None else limit - stretch
    words = _words(target, limit, rival)
    if mean is None:
        return Verdict(title, words, "not measured", None, None)
    if limit is None:
        return Verdict(title, words, str(mean), None, None)
    holds = SENSES[target.sense]
    reached = None if stretch is None else holds(mean.value, stretch)
    return Verdict(title, words, str(mean), holds(mean.value, limit), reached)


def _words(target: Target, limit: float | None, rival: str) -> str:
    if target.limit is None:
        aim = "every peer after the same seconds"
        beyond = "" if target.stretch is None else f"; {target.stretch:g} below"
        found = "" if limit is None else f" (best measured: {rival} {number(limit, form_of(target.number))})"
        return f"{target.sense} {aim}{beyond}{found}"
    beyond = "" if target.stretch is None else f" ({target.stretch:g})"
    return f"{target.sense} {target.limit:g}{beyond}"


def best_peer(row: Row, name: str, results: Results) -> tuple[str, float] | None:
    """Return the peer with the lowest −ELBO after as many seconds as a training had, and that −ELBO.

    Of several seeds it is the mean over the seeds that peer and training share. A training of a time is
    compared at that time, though its own last epoch ended before it.

    Returns:
        None where the training or all peers were not measured.
    """
    training = row.training(name)
    own = {entry.seed: training.seconds or entry.seconds for entry in results.of(row.name, name)}
    found = []
    for peer in row.peers_of(training):
        entries = [entry for entry in results.of(row.name, peer.name) if entry.seed in own]
        if entries:
            mean = statistics.fmean(entry.after(own[entry.seed]) for entry in entries)
            found.append((mean, str(peer.settings["architecture"])))
    return min(found)[::-1] if found else None
