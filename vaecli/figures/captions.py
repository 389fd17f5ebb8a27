"""What a paper would say below a figure: what it shows, of which data, and how the network was trained."""

from __future__ import annotations

from collections.abc import Sequence

from vaecli.runs import last_epoch
from vaecli.store import Run
from vaecli.words import nats

_LIKELIHOODS = {
    "bernoulli": "Bernoulli",
    "continuous-bernoulli": "continuous Bernoulli",
    "gaussian": "Gaussian",
    "logistic": "discretised logistic",
}


def paper_caption(what: str, runs: Sequence[Run], epoch: int | None = None) -> str:
    """Return a caption.

    Args:
        what: What is shown, a sentence.
        runs: The runs that it is shown of.
        epoch: The epoch, the last one drawn; by default the last one of each.
    """
    return " ".join([what, *(_setting(run, epoch, named=len(runs) > 1) for run in runs)])


def _setting(run: Run, epoch: int | None, *, named: bool) -> str:
    """Return of what a run is, and how it was trained."""
    data, config = run.dataset, run.config
    height, width, channels = data.shape
    drawn = last_epoch(run) if epoch is None or epoch not in run.epochs() else epoch
    likelihood = _LIKELIHOODS.get(str(config.likelihood), str(config.likelihood))
    latents = "1 latent" if config.latent_dim == 1 else f"{config.latent_dim} latents"
    words = [
        f"dataset {data.name}, {data.train_count:,} training and {data.heldout_count:,} held-out images"
        f" of {height} × {width} × {channels}",
        latents,
        f"{config.architecture} architecture",
        config.objective_words,
        f"{likelihood} likelihood",
        f"epoch {drawn} of {run.total_epochs}",
        f"held-out −ELBO {nats(run.metrics(drawn).negative_elbo)} nats",
    ]
    return f"{run.name}: {'; '.join(words)}." if named else f"{_begun('; '.join(words))}."


def _begun(words: str) -> str:
    """Return words as the beginning of a sentence.

    >>> _begun("dataset mnist; β = 1")
    'Dataset mnist; β = 1'
    """
    return words[:1].upper() + words[1:]


def title_of(run: Run) -> str:
    """Return a run's name as titles give it, and how far it is while it is being trained."""
    if not run.is_running:
        return run.name
    return f"{run.name}, running, epoch {last_epoch(run)} of {run.total_epochs}"
