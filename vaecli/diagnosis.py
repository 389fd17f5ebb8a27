"""What is wrong with a training that ended, in words and with the command to try.

Everything is judged by what a run stores: its settings, the metrics of its epochs and the pictures of
its last one. A diagnosis names the most likely cause first; a healthy run has none.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from vaecli.config import LEAST_STEPS, TrainConfig, option_of
from vaecli.errors import UsageError
from vaecli.metrics import EpochMetrics
from vaecli.store import Run
from vaecli.words import nats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: A training with less than this fraction of the steps that a default one has is short.
SHORT = 0.5
#: Reconstructions whose variance is less than this fraction of the images' are all alike.
ALIKE = 0.1
#: A −ELBO that rose by more than this fraction of what the training had gained, and by a nat, rose.
RISEN = 0.02


@dataclass(frozen=True)
class Symptom:
    """One thing that is wrong.

    Attributes:
        kind: `short`, `alike`, `collapsed`, `overfitted`, `unsteady` or `unregularised`.
        what: A sentence.
        mend: The command to try.
    """

    kind: str
    what: str
    mend: str


def diagnose(run: Run) -> list[Symptom]:
    """Return what is wrong with a run that has ended, the most likely cause first.

    Args:
        run: A run with at least one epoch.

    Raises:
        DamagedArtifact: If one of its epochs is damaged.
    """
    metrics = {epoch: run.metrics(epoch) for epoch in run.epochs()}
    if max(metrics) == 0:
        return []
    checks: tuple[Callable[[Run, dict[int, EpochMetrics]], Iterator[Symptom]], ...]
    checks = (_short, _alike, _collapsed, _risen, _unregularised)
    found = [symptom for check in checks for symptom in check(run, metrics)]
    return [each for each in found if each.kind not in _explained(found)]


def _explained(found: list[Symptom]) -> set[str]:
    """Return the kinds that another symptom explains already."""
    kinds = [each.kind for each in found]
    return {"alike", "collapsed"} - {kinds[0]} if kinds and kinds[0] in ("short", "alike") else set()


def train_command(run: Run, **changes: Any) -> str:
    """Return the command that trains like a run, with some settings changed, in the fewest words.

    Args:
        run: The run.
        changes: Settings → other values; None leaves one to its default.
    """
    config, record = run.config, run.dataset
    images, channels = record.train_count, record.shape[2]
    wanted = replace(config, **changes).resolved(channels, images)
    said = wanted
    for knob in reversed(fields(TrainConfig)):
        with suppress(UsageError):  # one knob may need another
            left_out = replace(said, **{knob.name: knob.default})
            if left_out.resolved(channels, images) == wanted:
                said = left_out
    words = ["vaecli", "train"]
    for knob in fields(TrainConfig):
        if (value := getattr(said, knob.name)) != knob.default or knob.name == "dataset":
            shown = f"{value:g}" if isinstance(value, float) else f"{value}"
            words += [knob.metadata["short"] or option_of(knob.name), shown]
    return shlex.join(words)


def _short(run: Run, metrics: dict[int, EpochMetrics]) -> Iterator[Symptom]:
    config, images = run.config, run.dataset.train_count
    assert config.batch_size is not None
    steps = max(metrics) * -(-images // config.batch_size)
    if steps < SHORT * LEAST_STEPS:
        usual = replace(config, epochs=None, batch_size=None).resolved(run.dataset.shape[2], images)
        yield Symptom(
            "short",
            f"The training was short: {_count(steps, 'step')} in {_count(max(metrics), 'epoch')}. "
            f"{_count(images, 'image')} usually take {usual.epochs} epochs in batches of {usual.batch_size}.",
            train_command(run, epochs=None, batch_size=None, kl_warmup=None),
        )


def _alike(run: Run, metrics: dict[int, EpochMetrics]) -> Iterator[Symptom]:
    spread = relative_spread(run)
    if spread is not None and spread < ALIKE:
        more = min(2 * max(metrics), 100_000)
        yield Symptom(
            "alike",
            f"The reconstructions are all alike: their variance is {spread:.1%} of that of the images.",
            train_command(run, epochs=more, kl_warmup=more / 2),
        )


def relative_spread(run: Run) -> float | None:
    """Return the variance of the followed images' last reconstructions relative to that of the images.

    Σ‖x̂ − mean of x̂‖² / Σ‖x − mean of x‖², both means pixel by pixel over the followed images: about 1
    where reconstructions tell images apart, 0 where all are the same; None where all images are the same.
    """
    snapshot = run.snapshot(run.epochs()[-1])
    images = _squared_distances_from_mean(snapshot.originals)
    return _squared_distances_from_mean(snapshot.reconstructions) / images if images else None


def _squared_distances_from_mean(images: NDArray[np.uint8]) -> float:
    return float(((images - images.mean(axis=0)) ** 2).sum())


def _collapsed(run: Run, metrics: dict[int, EpochMetrics]) -> Iterator[Symptom]:
    config, active, epochs = run.config, metrics[max(metrics)].active_units, max(metrics)
    if 2 * active > config.latent_dim or config.latent_dim == 1 == active:
        return
    what = (
        "No latent is active: all images have the same encoding, and what is decoded does not depend on it."
        if active == 0
        else f"{active} of {config.latent_dim} latents are active; the others hold nothing of the images."
    )
    plain = {"beta": 1.0, "objective": "elbo" if config.objective == "tc" else config.objective}
    changes = plain if config.beta > 1 else {"kl_warmup": epochs / 2}
    yield Symptom("collapsed", what, train_command(run, **changes))


def _risen(run: Run, metrics: dict[int, EpochMetrics]) -> Iterator[Symptom]:
    best = min(metrics, key=lambda epoch: metrics[epoch].negative_elbo)
    lowest, first, last = metrics[best], metrics[min(metrics)], metrics[max(metrics)]
    rise = last.negative_elbo - lowest.negative_elbo
    if (
        best == 0
        or not run.config.minimises_elbo
        or run.stopped_early() is not None
        or rise < max(1, RISEN * (first.negative_elbo - lowest.negative_elbo))
    ):
        return
    assert last.training_loss is not None
    assert lowest.training_loss is not None
    since = (
        f"Epoch {best} was the best: since then the −ELBO of held-out images has risen by {nats(rise)} nats"
    )
    if last.training_loss < lowest.training_loss:
        yield Symptom(
            "overfitted",
            f"{since}, while the loss of the images trained on has fallen: the network learns them by heart.",
            train_command(run, epochs=best, kl_warmup=None),
        )
    else:
        assert run.config.learning_rate is not None
        slower = float(f"{run.config.learning_rate / 3:.0e}")
        yield Symptom(
            "unsteady",
            f"{since}, and so has the loss of the images trained on.",
            train_command(run, learning_rate=slower),
        )


def _unregularised(run: Run, metrics: dict[int, EpochMetrics]) -> Iterator[Symptom]:
    if run.config.beta == 0 and run.config.objective != "tc":
        yield Symptom(
            "unregularised",
            "The KL term is off (beta 0): nothing keeps the encodings near the prior, so grids and random "
            "draws show places where no image is.",
            train_command(run, beta=1.0),
        )


def _count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> _count(1, "step"), _count(1200, "step")
    ('1 step', '1,200 steps')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
