"""`vaecli runs`: what is in the artifact directory."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from vaecli.cli.help import Group, page
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Output,
    Quiet,
    RunReference,
    complete_run,
    open_run,
)
from vaecli.cli.output import deliver
from vaecli.cli.run_list import COLUMN_NAMES, as_csv, as_table, chosen
from vaecli.cli.streams import Streams
from vaecli.cli.tables import table
from vaecli.errors import Busy, DamagedArtifact, EnvironmentFailure, RunNotFound, UsageError
from vaecli.metrics import METRICS, EpochMetrics
from vaecli.runs import Summary, details_of, facts_of, summary_of, verified
from vaecli.store import Run, Store, check_name, read_archive, remove_run, write_archive
from vaecli.words import plain, spans

app = typer.Typer(
    help="List runs, newest first; show, verify, export, import or remove them.",
    **page(
        "vaecli runs",
        "vaecli runs --where dataset=fashion --sort elbo",
        "vaecli runs --csv > runs.csv",
        "vaecli runs --json",
        "vaecli runs show @~1",
        "vaecli runs verify --all",
        cls=Group,
    ),
)

RunReferences = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN]…",
        help="Runs, each as in `runs show`; by default the latest.",
        autocompletion=complete_run,
    ),
]


@app.callback(invoke_without_command=True)
def runs(
    ctx: typer.Context,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help=f"List only runs with this value; may be repeated. Columns: {', '.join(COLUMN_NAMES)}.",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="COLUMN", help="Sort by this column, the smallest first."),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order round.")] = False,
    as_comma_separated: Annotated[bool, typer.Option("--csv", help="Write the list as CSV.")] = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first."""
    if ctx.invoked_subcommand is not None:
        _refuse_options_before(ctx, ctx.invoked_subcommand)
        return
    if as_json and as_comma_separated:
        raise UsageError("--json and --csv cannot be combined.")
    streams = Streams(as_json=as_json)
    found = [run for run in Store(artifacts).runs() if os.path.lexists(run.path)]
    summaries = [summary_of(run) for run in found]
    listed = chosen(summaries, where or [], sort, reverse=reverse)
    if not listed and not as_json:
        streams.say(
            f"No run in {artifacts} is meant by --where."
            if found
            else f"There is no run in {artifacts} yet. Train one: vaecli train --dataset fashion"
        )
        return
    shown = [summaries[position] for position in listed]
    facts = []
    if as_json:
        facts = [{**_plain(summaries[place]), "details": details_of(found[place])} for place in listed]
    streams.result(as_csv(shown) if as_comma_separated else as_table(shown), facts)


@app.command(**page("vaecli runs show", "vaecli runs show fashion-1 --json"))
def show(
    run: RunReference = "latest", artifacts: Artifacts = DEFAULT_ARTIFACTS, as_json: AsJson = False
) -> None:
    """Show all that is known about a run, and the metrics of each epoch."""
    streams = Streams(as_json=as_json)
    found = open_run(artifacts, run)
    epochs = {epoch: found.metrics(epoch) for epoch in found.epochs()}
    facts = facts_of(found, epochs)
    streams.result("\n".join([*_outline(facts), "", *_metrics_table(epochs)]), facts)


@app.command(
    **page(
        "vaecli runs verify",
        "vaecli runs verify --all",
        "vaecli runs verify fashion-1 --repair",
        "vaecli runs verify fashion-1 --restore",
    )
)
def verify(
    runs: RunReferences = None,
    every: Annotated[bool, typer.Option("--all", help="Verify every run.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Move damaged epochs into damaged/ in the run's directory.")
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Move what turns out to be whole in damaged/ back into place.")
    ] = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Check every byte of a run and list what is changed, missing or extra.

    Exit 5 if anything is; 7 if something could not be read: it may be whole, and nothing is moved.
    """
    if runs and every:
        raise UsageError("RUN and --all cannot be combined.")
    if repair and restore:
        raise UsageError("--repair and --restore cannot be combined.")
    streams = Streams(as_json=as_json)
    store = Store(artifacts)
    found = store.runs() if every else [store.resolve(run) for run in runs or ["latest"]]
    for run in found if repair or restore else ():
        store.require_own(run)
    facts = [verified(run, repair=repair, restore=restore) for run in found]
    streams.result("\n".join(line for fact in facts for line in _verdict(fact)), facts)
    _refuse_unread(facts)
    damaged = [fact["name"] for fact in facts if fact["damage"]]
    if damaged:
        raise DamagedArtifact(
            f"Damaged: {len(damaged)} of {len(facts)} runs: {', '.join(damaged[:5])}.",
            mend="This cannot be moved aside: restore it from a copy."
            if repair
            else f"The rest stays usable; vaecli runs verify {damaged[0]} --repair moves this aside.",
        )


@app.command(**page("vaecli runs rm fashion-1", "vaecli runs rm fashion-1 mnist-2 --yes"))
def rm(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN…", help="The full names of the runs.", autocompletion=complete_run),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    quiet: Quiet = False,
) -> None:
    """Remove runs of the artifact directory permanently; no other command removes anything."""
    streams = Streams(quiet=quiet)
    found = [_in_full(artifacts, run) for run in dict.fromkeys(runs)]
    names = ", ".join(run.name for run in found)
    for run in found:
        if run.is_running:
            raise Busy(f"Run {run.name} is being trained.", mend="Wait for it, or stop it first.")
    if not yes and not _agreed(streams, f"Remove {names} with all epochs permanently? [y/N] "):
        streams.say("Nothing was removed.")
        return
    for run in found:
        remove_run(run)
        streams.say(f"Removed {run.name}.")


@app.command(
    **page("vaecli runs export", "vaecli runs export fashion-1 -o fashion.zip", "vaecli runs export -o -")
)
def export(
    run: RunReference = "latest",
    output: Output = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Verify a run and write it to one ZIP file."""
    streams = Streams(quiet=quiet, as_json=as_json)
    found = open_run(artifacts, run)
    facts = {"run": found.name, "epochs": len(found.epochs())}
    deliver(streams, output, f"{found.name}.zip", lambda file, _: write_archive(found, file), facts)


@app.command(
    "import",
    **page("vaecli runs import fashion.zip", "vaecli runs import fashion.zip --name theirs"),
)
def import_(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `vaecli runs export` wrote.")],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The run's name here.")] = None,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Verify the run in a ZIP file, add it to the artifact directory, and print its name."""
    streams = Streams(quiet=quiet, as_json=as_json)
    run = read_archive(archive, artifacts, check_name(name) if name else None)
    streams.result(run.name, {"name": run.name, "path": str(run.path), "epochs": len(run.epochs())})


def _refuse_options_before(ctx: typer.Context, command: str) -> None:
    """Raise `UsageError` for options typed before a command, which would not receive them."""
    for option in ctx.command.params:
        source = ctx.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(
                f"{option.opts[0]} stands before {command}.",
                mend=f"Put it after: vaecli runs {command} … {option.opts[0]} …",
            )


def _in_full(artifacts: Path, reference: str) -> Run:
    """Return the run that a reference means, unless it is only the beginning of a name."""
    run = open_run(artifacts, reference, to_change=True)
    if run.name != reference and run.name.startswith(reference):
        raise RunNotFound(
            f"There is no run {reference!r}.", mend=f"Did you mean {run.name!r}? Type it in full."
        )
    return run


def _agreed(streams: Streams, question: str) -> bool:
    """Ask at the terminal; where there is none, raise `UsageError`."""
    if not (sys.stdin.isatty() and streams.err.isatty()):
        raise UsageError("There is no terminal to ask on.", mend="Add --yes to remove without asking.")
    return streams.ask(question).lower() in ("y", "yes")


def _refuse_unread(facts: list[dict[str, Any]]) -> None:
    """Raise `EnvironmentFailure` if anything could not be read."""
    unread = [fact["name"] for fact in facts if fact["unreadable"]]
    if unread:
        raise EnvironmentFailure(
            f"Not read in full: {len(unread)} of {len(facts)} runs: {', '.join(unread[:5])}.",
            "Whether the unreadable files are damaged is not known; nothing there was moved.",
            "Make it readable, then verify again.",
        )


def _verdict(fact: dict[str, Any]) -> list[str]:
    """Return a line for a run, and one for each thing that was done to it or is wrong with it."""
    name = plain(fact["name"])
    lines = [f"{name}/{plain(target)} restored" for target in fact["restored"]]
    lines += [f"{name}/{plain(left['file'])} left: {plain(left['what'])}" for left in fact["left"]]
    lines += [f"{name}/{plain(source)} moved to {name}/damaged" for source in fact["moved"]]
    for damage in fact["damage"]:
        why = f": {plain(damage['what'])}" if damage["kind"] == "changed" else ""
        lines.append(f"{name}/{plain(damage['file'])} {damage['kind']}{why}")
    lines += [
        f"{name}/{plain(unread['file'])}".removesuffix("/.") + f" {plain(unread['what'])}"
        for unread in fact["unreadable"]
        if unread not in fact["left"]
    ]
    if not fact["damage"] and not fact["unreadable"]:
        lines.append(f"{name} is whole: {fact['epochs']} epochs.")
    return lines


def _plain(summary: Summary) -> dict[str, Any]:
    """Return a summary as plain values that JSON can hold."""
    return {**asdict(summary), "shape": list(summary.shape) if summary.shape else None}


def _outline(facts: dict[str, Any]) -> list[str]:
    """Return everything but the metrics, a line each, groups indented by their names."""
    lines = []
    for key, value in facts.items():
        if key == "metrics":
            continue
        if key in ("checkpoints", "weights"):
            lines.append(f"{key}  {spans(value) or '–'}")
        elif isinstance(value, dict):
            lines += [key, *(f"  {plain(name)}  {_inline(item)}" for name, item in value.items())]
        else:
            lines.append(f"{key}  {_inline(value)}")
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(plain, value)) or "–"
    return "–" if value is None else plain(value)


def _metrics_table(epochs: dict[int, EpochMetrics]) -> list[str]:
    """Return a row for each epoch; metrics that none of them has are left out."""
    columns: dict[str, list[str]] = {"epoch": [str(epoch) for epoch in epochs]}
    for metric in (metric for metric in METRICS if metric.title):
        cells = [metric.cell(metrics) for metrics in epochs.values()]
        if any(cell is not None for cell in cells):
            columns[str(metric.title)] = [cell or "–" for cell in cells]
    lines = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    return table(lines, right=tuple(range(len(columns)))).splitlines() if epochs else []
