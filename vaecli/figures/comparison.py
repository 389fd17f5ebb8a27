"""What tells runs apart that are drawn together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vaecli.store import Run

#: What a run is told apart by: how it is found, and how it is written.
_TRAITS: tuple[tuple[Callable[[Run], object], str], ...] = (
    (lambda run: run.dataset.name, "{}"),
    (lambda run: run.config.architecture, "{}"),
    (lambda run: run.config.latent_dim, "{} latents"),
    (lambda run: run.config.likelihood, "{}"),
    (lambda run: f"{run.config.beta:g}", "β = {}"),
)


def telling_names(runs: Sequence[Run]) -> list[str]:
    """Return the names of runs, each with the settings in which they differ.

    A single run, and runs that are alike, have their names only.
    """
    differing = [(find, words) for find, words in _TRAITS if len({find(run) for run in runs}) > 1]
    return ["  ·  ".join([run.name, *(words.format(find(run)) for find, words in differing)]) for run in runs]
