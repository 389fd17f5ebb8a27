"""What is evaluated: a network, some images, and what the one makes of the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.elbo import Terms, gaussian_kl

if TYPE_CHECKING:
    from vaecli.blueprint.likelihood import Likelihood
    from vaecli.data import Components, Dataset, Split
    from vaecli.network import Network
    from vaecli.store import Run

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Subject:
    """What all sections of an evaluation share.

    Attributes:
        run: The run.
        dataset: What it was trained on.
        split: The images that are evaluated.
        network: The network with the weights of one epoch.
        seed: Whatever is drawn follows from it.
        mean: `(n, latent_dim)`, of the posterior of each image.
        log_var: `(n, latent_dim)`.
        terms: The negative ELBO of each image in its parts.
        squared_errors: `(n,)`, of reconstructions from the mean, per pixel and channel.
    """

    run: Run
    dataset: Dataset
    split: Split
    network: Network
    seed: int
    mean: Floats
    log_var: Floats
    terms: Terms
    squared_errors: NDArray[np.float64]

    def spread(self, count: int) -> Subject:
        """Return the same of at most `count` images, spread evenly over the classes."""
        split = self.split.spread(count)
        rows = np.searchsorted(self.split.index, split.index)
        terms = Terms(self.terms.reconstruction[rows], self.terms.kl[rows])
        return replace(
            self,
            split=split,
            mean=self.mean[rows],
            log_var=self.log_var[rows],
            terms=terms,
            squared_errors=self.squared_errors[rows],
        )

    @cached_property
    def components(self) -> Components | None:
        """As many principal components of the training images as there are latents, if there can be."""
        from vaecli.data import most_components, principal_components

        train = self.dataset.train.images
        if self.latent_dim > most_components(train):
            return None
        return principal_components(train, self.latent_dim)

    @property
    def latent_dim(self) -> int:
        """The run's latents."""
        return self.run.config.latent_dim

    @property
    def likelihood(self) -> Likelihood:
        """The distribution of the pixels."""
        return self.network.likelihood


def observe(run: Run, dataset: Dataset, split: Split, network: Network, noise: Floats, seed: int) -> Subject:
    """Encode the images of a split, and decode a latent of each.

    Args:
        run: The run.
        dataset: What it was trained on.
        split: The images.
        network: The network with the weights of one epoch.
        noise: `(n, latent_dim)`, standard normal: what the latents are sampled with.
        seed: What else is drawn follows from it.
    """
    mean, log_var, reconstruction, squared = network.assess(split.images, noise)
    terms = Terms(reconstruction.astype(np.float64), gaussian_kl(mean, log_var))
    return Subject(run, dataset, split, network, seed, mean, log_var, terms, np.asarray(squared, np.float64))
