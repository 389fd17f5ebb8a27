"""What an evaluation is asked for beside what it always computes, and whether that makes sense."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaecli.assessment.draws import SAMPLERS
from vaecli.assessment.sections import MOST_INTEGRATED
from vaecli.errors import UsageError

if TYPE_CHECKING:
    from vaecli.store import Run

SPLITS = ("heldout", "train")

_SAMPLES = 100  # importance samples where everything is asked for


@dataclass(frozen=True)
class Wanted:
    """What an evaluation is asked for; `evaluate` says what each means."""

    split: str = "heldout"
    importance_samples: int | None = None
    exact: bool = False
    neighbours: bool = False
    aggregate: bool = False
    sampler: str | None = None
    binarise: int | None = None

    def completed(self, run: Run) -> Wanted:
        """Return the same with everything else that applies to a run and its images.

        What was asked for keeps its value; of images in black and white nothing is added but log p(x).
        """
        likely = replace(
            self,
            importance_samples=self.importance_samples or _SAMPLES,
            exact=run.config.latent_dim <= MOST_INTEGRATED,
        )
        if self.binarise is not None:
            return likely
        is_heldout = self.split == "heldout"
        sampler = self.sampler or (SAMPLERS[0] if is_heldout else None)
        return replace(likely, neighbours=is_heldout, aggregate=True, sampler=sampler)

    def check(self, run: Run) -> None:
        """Raise `UsageError` unless it makes sense for a run."""
        if self.split not in SPLITS:
            raise UsageError(f"split is {self.split!r}.", f"Expected one of: {', '.join(SPLITS)}.")
        if self.sampler not in (None, *SAMPLERS):
            raise UsageError(f"sampler is {self.sampler!r}.", f"Expected one of: {', '.join(SAMPLERS)}.")
        if self.neighbours and self.split != "heldout":
            raise UsageError("Training images are among their own neighbours.", "Expected: split heldout.")
        if self.sampler and self.split != "heldout":
            raise UsageError("Draws are compared with held-out images.", "Expected: split heldout.")
        if self.binarise is not None:
            self._check_binarise(run)

    def _check_binarise(self, run: Run) -> None:
        likelihood = run.config.resolved(run.dataset.shape[2]).likelihood
        if likelihood != "bernoulli":
            raise UsageError(
                "binarise is for the likelihood bernoulli.",
                f"Run {run.name} has {likelihood}: its pixels have shades.",
            )
        others = [name for name in ("neighbours", "aggregate", "sampler") if getattr(self, name)]
        if others:
            raise UsageError("binarise is for −ELBO and log p(x).", f"It was given with {', '.join(others)}.")
