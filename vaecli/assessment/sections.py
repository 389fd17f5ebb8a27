"""The sections of an evaluation: what was observed of a run → numbers by their names.

A section is a generator, which leaves out what is not defined for a run. Its estimators stand in modules
of their own, as functions of arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from vaecli.assessment.elbo import grey_entropy
from vaecli.assessment.estimates import Estimate, mean_of, ratio_of
from vaecli.assessment.subject import Subject
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli
from vaecli.latents import active_units

Named = Iterator[tuple[str, Estimate]]

_CHUNK = 2048  # images whose entropy is looked up at a time


def elbo(subject: Subject) -> Named:
    """Yield the negative ELBO, its parts, and what it is beside the least that it can be."""
    terms, images = subject.terms, subject.split.images
    yield "negative_elbo", mean_of(terms.negative_elbo)
    yield "reconstruction", mean_of(terms.reconstruction)
    yield "kl", mean_of(terms.kl.sum(axis=1))
    yield "active_units", Estimate(float(active_units(subject.mean)))
    if isinstance(subject.likelihood, Bernoulli):
        starts = range(0, len(images), _CHUNK)
        floor = np.concatenate([grey_entropy(images[start : start + _CHUNK]) for start in starts])
        yield "floor", mean_of(floor)
        yield "excess", mean_of(terms.negative_elbo - floor)
    if subject.likelihood.is_discrete:
        bits = math.log(2) * math.prod(images.shape[1:])
        yield "bits_per_dimension", mean_of(terms.negative_elbo / bits)


def squared_error(subject: Subject) -> Named:
    """Yield the squared error of reconstructions, and that of as many principal components."""
    from vaecli.data import most_components, principal_components

    error, train, components = subject.squared_errors, subject.dataset.train.images, subject.latent_dim
    yield "squared_error", mean_of(error)
    if components <= most_components(train):
        linear = principal_components(train, components).squared_errors(subject.split.images)
        how = {"components": components, "fitted_on": len(train)}
        yield "pca_squared_error", mean_of(linear, **how)
        yield "squared_error_ratio", ratio_of(error, linear)
