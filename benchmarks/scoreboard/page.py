"""The results as docs/scoreboard.md: targets beside what was measured, every training, its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.scoreboard import plot
from benchmarks.scoreboard.measuring import Entry
from benchmarks.scoreboard.results import Results
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.trainings import PEERS, Row, Training
from benchmarks.scoreboard.verdicts import mean_of, title_of, verdicts
from vaecli.files import save

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scoreboard.md"
PLOT = ROOT / "docs" / "pictures" / "scoreboard.png"
NOTES = Path(__file__).parent / "notes.md"

BEGINNING = """\
# Scoreboard

`make scoreboard` measures all rows, `make scoreboard ROWS=Q3` one of them, and both write this page anew
from `benchmarks/scoreboard/results.json`. A finished training is not repeated, an interrupted one
is resumed. Each is an ordinary run, evaluated as `vaecli evaluate` does on the test set, on which nothing
was tuned: for that, `--split validation` holds out the last 5,000 training images.

The networks of others are rebuilt in `benchmarks/scoreboard/peers` with the layers, initial weights and
optimizer of their sources, and run through the same images, trainer, evaluator and clock:
"""

TARGETS = """\
## Targets

In brackets, and in the last column, stands what is hoped for beyond each target. Of several seeds the mean
counts, ± is their standard deviation; of one seed it is the standard error over images.
"""

PEER_WORDS = {
    "post": "the tutorial that vaecli follows, Adam at 5e-4",
    "keras-io": "keras.io's example, Adam at 1e-3",
    "tensorflow-cvae": "TensorFlow's tutorial, Adam at 1e-4, batches of 32",
    "pytorch-400": "pytorch/examples, 784-400-latents-400-784, Adam at 1e-3",
    "plain-conv": "4 × 4 convolutions of 32 and 64 channels, a dense layer of 256, and back, Adam at 5e-4",
    "plain-dense": "dense layers of 512 and 256, and back, Adam at 5e-4",
}

MARKS = {True: "yes", False: "**no**", None: "–"}


def write(results: Results, page: Path = PAGE, picture: Path = PLOT) -> None:
    """Write the page and its plot."""
    drawn = plot.draw(results, picture)
    if not drawn:
        picture.unlink(missing_ok=True)
    save(page, lambda file: file.write(text(results, has_plot=drawn).encode()))


def text(results: Results, *, has_plot: bool) -> str:
    """Return the page."""
    parts = [BEGINNING, *(f"- `{peer}`: {PEER_WORDS[peer]}" for peer in PEERS), ""]
    if has_plot:
        parts += ["![Held-out −ELBO against seconds of training](pictures/scoreboard.png)", ""]
    else:
        parts += ["There is no plot against seconds yet: no networks were compared on a quiet machine.", ""]
    parts += [TARGETS, *targets(results), "", *_machine(results.all()), "## Trainings", ""]
    parts += [line for row in ROWS.values() for line in _row(row, results)]
    if NOTES.exists():
        parts += [NOTES.read_text(encoding="utf-8").rstrip(), ""]
    return "\n".join(parts)


def targets(results: Results, rows: Sequence[Row] = tuple(ROWS.values())) -> list[str]:
    """Return the table of targets, in lines."""
    lines = ["| row | work | what | target | measured | met | beyond |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        for place, verdict in enumerate(verdicts(row, results)):
            first = (row.name, row.work) if place == 0 else ("", "")
            cells = (*first, verdict.title, verdict.target, verdict.measured)
            marks = (MARKS[verdict.is_met], MARKS[verdict.is_stretch_met])
            lines.append(f"| {' | '.join((*cells, *marks))} |")
    return lines


def _machine(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield on what, with which versions and when the entries were measured."""
    for machine in sorted({(entry.cores, entry.processor, _versions(entry)) for entry in entries}):
        dates = sorted(
            entry.date for entry in entries if (entry.cores, entry.processor, _versions(entry)) == machine
        )
        days = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
        cores, processor, versions = machine
        yield f"Measured on {cores} cores of {processor}, {days}, with {versions}."
    yield ""


def _versions(entry: Entry) -> str:
    return ", ".join(
        f"{library} {version}" for library, version in sorted(entry.protocol["versions"].items())
    )


def _row(row: Row, results: Results) -> Iterator[str]:
    """Yield a row's protocol, and what was measured of each of its trainings."""
    yield from (f"### {row.name}: {row.work}", "", f"{row.protocol}.", "")
    measured = [(training, results.of(row.name, training.name)) for training in row.trainings]
    measured = [(training, entries) for training, entries in measured if entries]
    if not measured:
        yield from ("Not measured.", "")
        return
    names = _shown(row)
    titles = (*(title_of(name) for name in names), "epochs", "seconds", "parameters", "load")
    yield f"| training | {' | '.join(titles)} |"
    yield f"|---|{'---|' * len(titles)}"
    for training, entries in measured:
        yield f"| {' | '.join((training.name, *_cells(training, entries, names)))} |"
    yield ""
    for training, _ in measured:
        if not training.is_peer:
            yield f"    {training.command}{_of_time(training)}"
    yield ""


def _shown(row: Row) -> list[str]:
    """Return the numbers of a row's targets, −ELBO first and each once."""
    names = ("negative_elbo", *(target.number for target in row.targets), "active_units")
    return list(dict.fromkeys(names))


def _cells(training: Training, entries: Sequence[Entry], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        mean = mean_of(entries, name)
        yield "–" if mean is None else str(mean)
    yield _range([entry.epochs for entry in entries])
    yield _range([round(entry.seconds) for entry in entries])
    yield f"{entries[0].parameters:,}"
    loads = [load for entry in entries for load in entry.load]
    yield f"{min(loads):.1f} to {max(loads):.1f}" if loads else "not known"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _of_time(training: Training) -> str:
    """Say what a command's number of epochs is where the clock decides it."""
    return "" if training.seconds is None else f" --epochs AS-MANY-AS-FIT-INTO-{training.seconds:g}-SECONDS"
