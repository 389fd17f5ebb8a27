"""`vaecli runs`: what is in the artifact directory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from vaecli.cli.options import DEFAULT_ARTIFACTS, Artifacts, AsJson, RunReference, examples, open_run
from vaecli.cli.streams import Streams
from vaecli.errors import DamagedArtifact
from vaecli.store import Run, Store

app = typer.Typer(
    help="List runs, newest first, or show one.",
    epilog=examples("vaecli runs", "vaecli runs --json", "vaecli runs show @~1"),
)

_KEYS = ("name", "dataset", "state", "epochs", "total_epochs", "negative_elbo", "age")
_COLUMNS = ("name", "dataset", "state", "epochs", "negative_elbo", "age")
_TITLES = ("name", "dataset", "state", "epochs", "−ELBO", "age")


@app.callback(invoke_without_command=True)
def runs(ctx: typer.Context, artifacts: Artifacts = DEFAULT_ARTIFACTS, as_json: AsJson = False) -> None:
    """List the runs, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    streams = Streams(as_json=as_json)
    facts = [_summary(run) for run in Store(artifacts).runs()]
    if not facts and not as_json:
        streams.say(f"There is no run in {artifacts} yet. Train one: vaecli train --dataset fashion")
        return
    rows = [[_cell(key, fact) for key in _COLUMNS] for fact in facts]
    streams.result(table([list(_TITLES), *rows], right=(3, 4)), facts)


@app.command(epilog=examples("vaecli runs show", "vaecli runs show fashion-1 --json"))
def show(
    run: RunReference = "latest", artifacts: Artifacts = DEFAULT_ARTIFACTS, as_json: AsJson = False
) -> None:
    """Show all that is known of a run, and the metrics of each epoch."""
    streams = Streams(as_json=as_json)
    found = open_run(artifacts, run)
    metrics = [{"epoch": epoch, **found.metrics(epoch)} for epoch in found.epochs()]
    facts = {
        "name": found.name,
        **found.document,
        "state": found.state,
        "checkpoints": list(found.checkpoints()),
        "metrics": metrics,
    }
    streams.result("\n".join([*_outline(facts), "", *_metrics_table(metrics)]), facts)


def table(rows: list[list[str]], right: tuple[int, ...] = ()) -> str:
    """Return rows as aligned columns; those in `right` flush right.

    >>> print(table([["name", "n"], ["a", "10"]], right=(1,)))
    name   n
    a     10
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def age(seconds: float) -> str:
    """Return a span in the largest whole unit.

    >>> age(30), age(150), age(7200), age(200000)
    ('30 s', '2 min', '2 h', '2 d')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"


def _summary(run: Run) -> dict[str, Any]:
    try:
        epochs = run.epochs()
        return {
            "name": run.name,
            "dataset": run.dataset.name,
            "state": run.state,
            "epochs": epochs[-1] if epochs else None,
            "total_epochs": run.total_epochs,
            "negative_elbo": run.metrics(epochs[-1])["negative_elbo"] if epochs else None,
            "age": (datetime.now(UTC) - run.created).total_seconds(),
        }
    except DamagedArtifact:
        return {**dict.fromkeys(_KEYS), "name": run.name, "state": "damaged"}


def _cell(key: str, fact: dict[str, Any]) -> str:
    value = fact[key]
    if value is None:
        return "–"
    if key == "epochs":
        return f"{value}/{fact['total_epochs']}"
    if key == "negative_elbo":
        return f"{value:.1f}"
    return age(value) if key == "age" else str(value)


def _outline(facts: dict[str, Any]) -> list[str]:
    """Return everything but the metrics, a line each, groups indented by their names."""
    lines = []
    for key, value in facts.items():
        if key == "metrics":
            continue
        if isinstance(value, dict):
            lines += [key, *(f"  {name}  {_inline(item)}" for name, item in value.items())]
        else:
            lines.append(f"{key}  {_inline(value)}")
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)


def _metrics_table(metrics: list[dict[str, Any]]) -> list[str]:
    head = ["epoch", "−ELBO", "reconstruction", "KL", "active", "training loss", "images/s", "seconds"]
    rows = [
        [
            str(row["epoch"]),
            f"{row['negative_elbo']:.2f}",
            f"{row['reconstruction']:.2f}",
            f"{row['kl']:.2f}",
            f"{row['active_units']}/{len(row['kl_per_latent'])}",
            "–" if row["training_loss"] is None else f"{row['training_loss']:.2f}",
            "–" if row["images_per_second"] is None else f"{row['images_per_second']:,.0f}",
            f"{row['training_seconds'] + row['evaluation_seconds']:.1f}",
        ]
        for row in metrics
    ]
    return table([head, *rows], right=tuple(range(8))).splitlines()
