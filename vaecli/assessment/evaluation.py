"""A run and a dataset → numbers.

Everything is computed on images that the network did not train on, unless training images are asked for,
with β = 1 and latents sampled from the posterior: the figures of two runs can be compared whatever their
training minimised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaecli import machine
from vaecli.assessment import sections
from vaecli.assessment.binarisation import binarised
from vaecli.assessment.draws import draws
from vaecli.assessment.estimates import Estimate, mean_of
from vaecli.assessment.numbers import NUMBERS
from vaecli.assessment.sections import Named
from vaecli.assessment.subject import Subject, observe
from vaecli.assessment.wanted import Wanted
from vaecli.chatter import announce_loading
from vaecli.errors import DataError
from vaecli.observers import Say, silence
from vaecli.runs import last_epoch, open_run

if TYPE_CHECKING:
    from vaecli.data import Dataset, Split
    from vaecli.store import Run


@dataclass(frozen=True)
class Protocol:
    """How the numbers of an evaluation were made.

    Attributes:
        epoch: The epoch whose weights were used.
        weights: `exact`; or `rounded` to float16, if the epoch's checkpoint is gone.
        dataset: The dataset's name.
        fingerprint: SHA-256 over all its images, before any limit.
        split: `heldout` or `train`.
        images: How many images of the split were used.
        of: How many it has.
        likelihood: The run's.
        latent_dim: The run's latents.
        latent_samples: Latents sampled for each image.
        seed: The noise of these samples follows from it.
        binarised: The seed that the images were drawn in black and white with; None for the images
            themselves.
        versions: Library → version.
    """

    epoch: int
    weights: str
    dataset: str
    fingerprint: str
    split: str
    images: int
    of: int
    likelihood: str
    latent_dim: int
    latent_samples: int
    seed: int
    binarised: int | None
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {**self.__dict__, "versions": dict(self.versions)}


@dataclass(frozen=True, eq=False)
class PerImage:
    """The figures of single images: the odd one out has the largest.

    Attributes:
        index: `(n,)`, the position of each image in its split.
        label: `n` class names.
        file: `n` names of files, empty where an image has none.
        negative_elbo: `(n,)`, nats.
        reconstruction: `(n,)`, nats.
        kl: `(n,)`, nats.
        squared_error: `(n,)`, of reconstructions from the mean, per pixel and channel.
    """

    index: NDArray[np.int64]
    label: tuple[str, ...]
    file: tuple[str, ...]
    negative_elbo: NDArray[np.float64]
    reconstruction: NDArray[np.float64]
    kl: NDArray[np.float64]
    squared_error: NDArray[np.float64]

    def columns(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return tuple(column.name for column in fields(self))

    def rows(self) -> Iterator[tuple[int | str | float, ...]]:
        """Yield the figures of each image, in the order of the fields."""
        columns = (getattr(self, name) for name in self.columns())
        plain = (column.tolist() if isinstance(column, np.ndarray) else column for column in columns)
        yield from zip(*plain, strict=True)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The numbers of a run.

    Attributes:
        run: The run's name.
        protocol: How they were made.
        estimates: Each number by its name; `NUMBERS` says what they mean.
        kl_per_latent: The KL of each latent, nats per image.
        per_image: The figures of single images.
    """

    run: str
    protocol: Protocol
    estimates: Mapping[str, Estimate]
    kl_per_latent: tuple[Estimate, ...]
    per_image: PerImage

    def __getitem__(self, name: str) -> Estimate:
        """Return a number by its name."""
        return self.estimates[name]

    def to_dict(self) -> dict[str, Any]:
        """Return run, protocol and numbers as plain values that JSON can hold."""
        return {
            "run": self.run,
            "protocol": self.protocol.to_dict(),
            "numbers": {name: estimate.to_dict() for name, estimate in self.estimates.items()},
            "kl_per_latent": [estimate.to_dict() for estimate in self.kl_per_latent],
        }


def evaluate(
    run: Run | str = "latest",
    dataset: Dataset | None = None,
    *,
    split: str = "heldout",
    images: int | None = None,
    epoch: int | None = None,
    seed: int | None = None,
    importance_samples: int | None = None,
    exact: bool = False,
    neighbours: bool = False,
    aggregate: bool = False,
    sampler: str | None = None,
    binarise: int | None = None,
    everything: bool = False,
    say: Say = silence,
) -> Evaluation:
    """Evaluate a run.

    Args:
        run: The run, or a word that means one (see `open_run`).
        dataset: What it was trained on; by default it is loaded by the word that the run remembers.
        split: `heldout`, or `train` for the images that it was trained on.
        images: At most this many images, spread evenly over the classes; by default all.
        epoch: The epoch, by default the last one. If its checkpoint is gone, its rounded weights are used.
        seed: The noise of the sampled latents follows from it; by default the run's, which gives the figures
            that were kept while it trained.
        importance_samples: Also estimate log p(x) with so many latents for each image.
        exact: Also integrate log p(x) over one or two latents, which gives the inference gap.
        neighbours: Also say how often the nearest training images have a held-out image's class.
        aggregate: Also say how far the posteriors of all images together are from the prior.
        sampler: Also say how near images decoded from draws are to held-out images: draws from the `prior`,
            or from a `gaussian-mixture` that is fitted to latents of training images.
        binarise: Evaluate −ELBO and log p(x) of images drawn in black and white from the grey ones with
            this seed.
        everything: All of the above that applies to the run and the images, with 100 importance samples and
            draws from the prior unless others are asked for.
        say: Called with a line on what takes a moment.

    log p(x) is computed for `sections.FEW` images unless `images` says how many.

    Raises:
        DataError: If the dataset is not the run's.
        RunNotFound: If the epoch is not on disk, or keeps no weights.
        UsageError: If there is no such split or sampler, or what is asked for makes no sense: neighbours of
            training images, or binarised images where the likelihood is not `bernoulli`.
    """
    run = open_run(run)
    wanted = Wanted(split, importance_samples, exact, neighbours, aggregate, sampler, binarise)
    wanted = wanted.completed(run) if everything else wanted
    wanted.check(run)
    epoch = last_epoch(run) if epoch is None else epoch
    exact_weights = run.exact_weights(epoch)
    weights = run.read_weights(epoch) if exact_weights is None else exact_weights
    dataset = _dataset_of(run) if dataset is None else dataset
    _require_dataset(run, dataset)
    seed = run.config.seed if seed is None else seed
    whole: Split = getattr(dataset, split)
    chosen = whole if images is None else whole.spread(images)
    if binarise is not None:
        chosen = replace(chosen, images=binarised(chosen.images, chosen.index, binarise))
    announce_loading("evaluate", say)
    from vaecli.network import Network, heldout_noise

    network = Network.from_weights(run.config, run.dataset.shape, weights)
    noise = heldout_noise(seed, epoch, len(whole), run.config.latent_dim)
    own_noise = noise[np.searchsorted(whole.index, chosen.index)]
    subject = observe(run, dataset, chosen, network, own_noise, seed)
    few = subject if images is not None else subject.spread(sections.FEW)
    estimates = dict(chain.from_iterable(_parts(wanted, subject, few, say)))
    return Evaluation(
        run=run.name,
        protocol=Protocol(
            epoch=epoch,
            weights="rounded" if exact_weights is None else "exact",
            dataset=dataset.name,
            fingerprint=dataset.fingerprint,
            split=split,
            images=len(chosen),
            of=len(whole),
            likelihood=str(run.config.resolved(run.dataset.shape[2]).likelihood),
            latent_dim=run.config.latent_dim,
            latent_samples=1,
            seed=seed,
            binarised=binarise,
            versions=machine.libraries(),
        ),
        estimates={name: estimates[name] for name in NUMBERS if name in estimates},
        kl_per_latent=tuple(mean_of(column) for column in subject.terms.kl.T),
        per_image=_per_image(subject),
    )


def _parts(wanted: Wanted, subject: Subject, few: Subject, say: Say) -> Iterator[Named]:
    """Yield the sections that are wanted, those that take long of fewer images."""
    yield sections.elbo(subject)
    if wanted.binarise is None:
        yield sections.squared_error(subject)
        yield sections.seams(subject)
        yield sections.factors(subject)
    if wanted.importance_samples is not None:
        yield sections.importance(few, wanted.importance_samples)
    if wanted.exact:
        yield sections.exact(few, say)
    if wanted.neighbours:
        yield sections.neighbours(subject)
    if wanted.aggregate:
        yield sections.aggregate(subject)
    if wanted.sampler is not None:
        yield draws(subject, wanted.sampler, say)


def _dataset_of(run: Run) -> Dataset:
    """Return the dataset that a run was trained on, by the word that it remembers."""
    from vaecli.data import load_dataset

    config = run.config
    return load_dataset(
        config.dataset,
        limit=config.limit,
        heldout_limit=config.heldout_limit,
        **config.image_settings(),
    )


def _require_dataset(run: Run, dataset: Dataset) -> None:
    """Raise `DataError` unless a dataset is the one that a run was trained on."""
    if dataset.fingerprint != run.dataset.fingerprint:
        raise DataError(
            f"Dataset {dataset.name} is not the one that run {run.name} was trained on.",
            f"Expected the fingerprint {run.dataset.fingerprint[:12]}…, found {dataset.fingerprint[:12]}….",
        )


def _per_image(subject: Subject) -> PerImage:
    split, names = subject.split, subject.dataset.class_names
    return PerImage(
        index=split.index,
        label=tuple(names[label] for label in split.labels),
        file=split.files or ("",) * len(split),
        negative_elbo=subject.terms.negative_elbo,
        reconstruction=subject.terms.reconstruction,
        kl=subject.terms.kl.sum(axis=1),
        squared_error=subject.squared_errors,
    )
