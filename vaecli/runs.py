"""Runs: by what they are called, in short, in full, and read to the last byte."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from vaecli.blueprint.network import of_config
from vaecli.errors import DamagedArtifact, EnvironmentFailure, RunNotFound
from vaecli.metrics import EpochMetrics
from vaecli.store import Finding, Restoration, Run, Store, set_aside
from vaecli.store import restore as restore_run
from vaecli.store import verify as verify_run


def default_store() -> Store:
    """Return the store that is meant where none is named: `VAECLI_ARTIFACTS`, or `./artifacts`."""
    return Store(os.environ.get("VAECLI_ARTIFACTS") or "artifacts")


def open_run(reference: Run | str = "latest", store: Store | None = None) -> Run:
    """Return the run that a word means; a run is returned as it is.

    Args:
        reference: A name, a unique prefix of one, `latest` or `@`, `@~1` for the one before, or a
            path with a slash in it; see `Store.resolve`.
        store: Where to look, by default in `default_store()`.

    Raises:
        RunNotFound: If no run matches it or more than one does.
    """
    if isinstance(reference, Run):
        return reference
    return (store or default_store()).resolve(reference)


def last_epoch(run: Run) -> int:
    """Return the last epoch on disk.

    Raises:
        RunNotFound: If none was finished.
    """
    epochs = run.epochs()
    if not epochs:
        raise RunNotFound(f"Run {run.name} has no finished epoch.", mend=f"vaecli train --resume {run.name}")
    return epochs[-1]


@dataclass(frozen=True)
class Summary:
    """What a list of runs says of one; None where it is not known.

    Attributes:
        name: The run's name.
        dataset: The name of its dataset.
        state: As `Run.state`; or `damaged`, or `unreadable`.
        epochs: The last epoch on disk.
        total_epochs: The epoch at which it is finished.
        negative_elbo: Of the last epoch, in nats per image.
        age: Seconds since it was created.
        shape: `(height, width, channels)` of its images.
        latent_dim: Its latents.
        architecture: Its architecture.
        beta: The weight of its KL term.
        likelihood: The distribution of its pixels: −ELBOs compare within one only.
    """

    name: str
    dataset: str | None
    state: str
    epochs: int | None
    total_epochs: int | None
    negative_elbo: float | None
    age: float | None
    shape: tuple[int, int, int] | None = None
    latent_dim: int | None = None
    architecture: str | None = None
    beta: float | None = None
    likelihood: str | None = None


def summary_of(run: Run) -> Summary:
    """Return what a list of runs says of a run, whatever its condition."""
    try:
        epochs = run.epochs()
        last = epochs[-1] if epochs else None
        return Summary(
            name=run.name,
            dataset=run.dataset.name,
            state=run.state,
            epochs=last,
            total_epochs=run.total_epochs,
            negative_elbo=None if last is None else run.metrics(last).negative_elbo,
            age=(datetime.now(UTC) - run.created).total_seconds(),
            shape=run.dataset.shape,
            latent_dim=run.config.latent_dim,
            architecture=run.config.architecture,
            beta=run.config.beta,
            likelihood=run.config.likelihood,
        )
    except EnvironmentFailure:
        state = "unreadable"
    except (DamagedArtifact, RunNotFound):
        state = "damaged"
    return Summary(run.name, None, state, None, None, None, None)


def details_of(run: Run) -> dict[str, Any] | None:
    """Return what `facts_of` gives of a run, or None if something of it cannot be read."""
    try:
        return facts_of(run, {epoch: run.metrics(epoch) for epoch in run.epochs()})
    except (DamagedArtifact, EnvironmentFailure, RunNotFound):
        return None


def facts_of(run: Run, metrics: Mapping[int, EpochMetrics]) -> dict[str, Any]:
    """Return all that is known of a run as plain values.

    Its parameters are counted by the blueprint of its network. `checkpoints` are the epochs that can be
    resumed from, `weights` those that can be decoded and encoded with; `stopped_early` is the best epoch of a
    training that ended before its last one.

    Args:
        run: The run.
        metrics: Of each of its epochs.

    Raises:
        DamagedArtifact: If one of its files is damaged.
    """
    return {
        "name": run.name,
        **run.document,
        "parameters": of_config(run.config, run.dataset.shape).parameter_counts(),
        "state": run.state,
        "stopped_early": run.stopped_early(),
        "checkpoints": list(run.checkpoints()),
        "weights": [epoch for epoch in metrics if run.keeps_weights(epoch)],
        "metrics": [{"epoch": epoch, **found.to_dict()} for epoch, found in metrics.items()],
    }


def verified(run: Run, *, repair: bool = False, restore: bool = False) -> dict[str, Any]:
    """Read every byte of a run, repair it as asked, and return what was found and done.

    Args:
        run: The run.
        repair: Move damaged epochs into the run's folder `damaged`, if nothing but damage was found.
        restore: Move what turns out to be whole in `damaged` back into place.

    Returns:
        Plain values, as docs/schemas/runs-verify.json describes them.
    """
    outcome = restore_run(run) if restore else Restoration([], [])
    found = verify_run(run)
    moved = set_aside(run) if repair and found and all(finding.is_damage for finding in found) else []
    found = verify_run(run) if moved else found
    damage = [finding for finding in found if finding.is_damage]
    unread = [finding for finding in (*found, *outcome.left) if not finding.is_damage]
    return {
        "name": run.name,
        "epochs": _count(run),
        "damage": [asdict(finding) for finding in damage],
        "unreadable": [_without_kind(finding) for finding in unread],
        "moved": moved,
        "restored": outcome.restored,
        "left": [_without_kind(finding) for finding in outcome.left],
    }


def _count(run: Run) -> int:
    """Return how many epochs are on disk, none where they cannot be listed."""
    try:
        return len(run.epochs())
    except (DamagedArtifact, EnvironmentFailure):
        return 0


def _without_kind(finding: Finding) -> dict[str, str]:
    return {"file": finding.file, "what": finding.what}
