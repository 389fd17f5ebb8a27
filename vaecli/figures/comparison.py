"""What tells runs apart that are drawn together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vaecli.errors import UsageError
from vaecli.runs import open_run
from vaecli.store import Run

#: Runs that another is compared with: one of them, or several, each as `open_run` takes it.
Others = Run | str | Sequence[Run | str]

#: What a run is told apart by: how it is found, and how it is written.
_TRAITS: tuple[tuple[Callable[[Run], object], str], ...] = (
    (lambda run: run.dataset.name, "{}"),
    (lambda run: run.config.architecture, "{}"),
    (lambda run: run.config.latent_dim, "{} latents"),
    (lambda run: run.config.likelihood, "{}"),
    (lambda run: run.config.objective_words, "{}"),
)


def all_runs(run: Run | str, compare: Others) -> list[Run]:
    """Return a run, and those that it is compared with."""
    others = [compare] if isinstance(compare, Run | str) else compare
    return [open_run(each) for each in (run, *others)]


def telling_names(runs: Sequence[Run]) -> list[str]:
    """Return the names of runs, each with the settings in which they differ.

    A single run, and runs that are alike, have their names only.
    """
    differing = [(find, words) for find, words in _TRAITS if len({find(run) for run in runs}) > 1]
    return ["  ·  ".join([run.name, *(words.format(find(run)) for find, words in differing)]) for run in runs]


def check_same_images(runs: Sequence[Run]) -> None:
    """Raise `UsageError` unless runs were trained on the same images of the same shape."""
    first = runs[0]
    for other in runs[1:]:
        ours, theirs = ((run.dataset.fingerprint, run.dataset.shape) for run in (first, other))
        if ours != theirs:
            raise UsageError(
                f"{first.name} and {other.name} have different images.",
                "Expected: runs on the same dataset, shaped alike.",
            )
