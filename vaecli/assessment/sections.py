"""The sections of an evaluation: what was observed of a run → numbers by their names.

A section is a generator, which leaves out what is not defined for a run. Its estimators stand in modules
of their own, as functions of arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.aggregate import COVERED, is_covered, log_aggregate_of_own
from vaecli.assessment.elbo import grey_entropy
from vaecli.assessment.estimates import Estimate, mean_of, ratio_of
from vaecli.assessment.factors import binned, mutual_information_gap, regressed
from vaecli.assessment.marginal import (
    AGREEMENT,
    Conditional,
    importance_weighted,
    integrate,
    log_normal,
    log_weights,
)
from vaecli.assessment.neighbours import K, neighbour_accuracy
from vaecli.assessment.seams import places, seam_ratio, steps_of, worst_place
from vaecli.assessment.subject import Subject
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli
from vaecli.blueprint.network import of_config
from vaecli.images import ImageSource
from vaecli.latents import active_units, prior_draws
from vaecli.observers import Say

Named = Iterator[tuple[str, Estimate]]

#: Images for which what takes long is computed, unless another number is asked for.
FEW = 1000

#: Posteriors of an aggregate posterior, latents drawn from it, and draws from the prior: at most so many.
MANY = 10_000

#: Factors that do not follow from an image: a disc has no angle, and a square the same one four times.
AMBIGUOUS = ("angle",)

_CHUNK = 2048  # images whose entropy is looked up at a time
_AT_ONCE = 50  # images whose importance weights are in memory at a time
MOST_INTEGRATED = 2  # latents that a grid can cover
_TAIL = 5.0  # standard deviations beyond which there is nothing of a Gaussian


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


def importance(subject: Subject, samples: int) -> Named:
    """Yield −log p(x) by importance weighting with so many latents for each image."""
    mean, log_var = subject.mean.astype(np.float64), subject.log_var.astype(np.float64)
    random = np.random.default_rng([subject.seed, samples])
    estimates = []
    for start in range(0, len(mean), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        noise = random.standard_normal((len(mean[part]), samples, subject.latent_dim))
        latents = mean[part, None] + np.exp(0.5 * log_var[part, None]) * noise
        found = subject.network.log_likelihood(subject.split.images[part], latents.astype(np.float32))
        estimates.append(importance_weighted(log_weights(found, latents, noise, log_var[part])))
    how = {"samples": samples, "images": len(mean)}
    yield "importance_weighted", mean_of(-np.concatenate(estimates), **how)


def exact(subject: Subject, say: Say) -> Named:
    """Yield −log p(x) by quadrature, and the inference gap; only for one or two latents.

    Nothing is yielded for a likelihood that has no natural parameter, or where the finest grid that is
    tried is not fine enough for the mean over images; `say` is then told why.
    """
    if subject.latent_dim > MOST_INTEGRATED:
        say(f"log p(x) is integrated over one or two latents, not over {subject.latent_dim}.")
        return
    conditional = _conditional(subject)
    if conditional is None:
        say(f"log p(x) cannot be integrated for the likelihood {subject.run.config.likelihood}.")
        return
    reach = np.abs(subject.mean) + _TAIL * np.exp(0.5 * subject.log_var)
    found = integrate(conditional, subject.latent_dim, max(_TAIL, float(reach.max())))
    if found.mean_change > AGREEMENT:
        say(f"log p(x) is not given: the finest step still changes it by {found.mean_change:.2f} nats.")
        return
    how = {
        "images": len(subject.split),
        "step": found.step,
        "largest_change": found.change,
        "mean_change": found.mean_change,
    }
    yield "negative_log_likelihood", mean_of(-found.log_marginal, **how)
    yield "inference_gap", mean_of(subject.terms.negative_elbo + found.log_marginal, **how)


def _conditional(subject: Subject) -> Conditional | None:
    """Return log p(x | z) of all images at any latents, as a matrix product, where there is such a form."""
    network, images = subject.network, subject.split.images[:]
    origin = np.zeros((1, subject.latent_dim), np.float32)
    at_origin = network.naturals(origin)
    if at_origin is None:
        return None
    pixels = images.reshape(len(images), -1) / 255.0
    own = network.log_likelihood(images, np.repeat(origin[None], len(images), axis=0))[:, 0]
    constant = own + at_origin[0] - pixels @ at_origin[1][0].astype(np.float64)  # (n,), what z leaves alone

    def conditional(latents: NDArray[np.float64]) -> NDArray[np.float64]:
        found = network.naturals(latents.astype(np.float32))
        assert found is not None
        black, natural = (part.astype(np.float64) for part in found)
        return np.asarray(pixels @ natural.T - black + constant[:, None])

    return conditional


def neighbours(subject: Subject) -> Named:
    """Yield how often the nearest training images have an image's class, by means and by components.

    Nothing is yielded where there are no classes.
    """
    train, own = subject.dataset.train, subject.split
    if len(subject.dataset.class_names) < 2:
        return
    how = {"neighbours": K, "among": len(train)}
    known, _ = subject.network.encode(train.images)
    found = neighbour_accuracy(subject.mean, own.labels, known, train.labels)
    yield "neighbour_accuracy", mean_of(found, **how)
    linear = subject.components
    if linear is not None:
        scores = linear.encode(own.images), linear.encode(train.images)
        found = neighbour_accuracy(scores[0], own.labels, scores[1], train.labels)
        yield "pca_neighbour_accuracy", mean_of(found, **how)


def squared_error(subject: Subject) -> Named:
    """Yield the squared error of reconstructions, and that of as many principal components."""
    error, components = subject.squared_errors, subject.components
    yield "squared_error", mean_of(error)
    if components is not None:
        linear = components.squared_errors(subject.split.images)
        how = {"components": subject.latent_dim, "fitted_on": len(subject.dataset.train)}
        yield "pca_squared_error", mean_of(linear, **how)
        yield "squared_error_ratio", ratio_of(error, linear)


def seams(subject: Subject) -> Named:
    """Yield the seam ratio of draws, reconstructions and real images, where decoded images are worst.

    Nothing is yielded where no layer of the decoder enlarges patches.
    """
    few = subject.spread(FEW)
    possible = places(of_config(subject.run.config, subject.dataset.shape).decoder)
    draws = prior_draws(len(few.split), subject.latent_dim, subject.seed)
    shown: dict[str, ImageSource | NDArray[np.float32]] = {
        "draws": subject.network.decode(draws),
        "reconstructions": subject.network.decode(few.mean),
        "images": few.split.images,
    }
    steps = {name: steps_of(images) for name, images in shown.items()}
    place = worst_place(possible, [steps["draws"], steps["reconstructions"]], steps["images"])
    if place is None:
        return
    for name, of in steps.items():
        found = seam_ratio(of, place)
        how = {"stride": place.stride, "offset": place.offset, "images": len(few.split)}
        yield f"seam_ratio_of_{name}", replace(found, how=how)


def aggregate(subject: Subject) -> Named:
    """Yield bounds of KL(q(z) ‖ p(z)), and the share of the prior that no posterior covers."""
    few = subject.spread(MANY)
    mean, log_var = few.mean.astype(np.float64), few.log_var.astype(np.float64)
    random, count = np.random.default_rng([subject.seed, len(mean)]), len(mean)
    excess = np.zeros((2, count))  # log q(z) − log p(z), with each latent's own posterior and without
    rounds = math.ceil(MANY / count)
    for _ in range(rounds):
        latents = mean + np.exp(0.5 * log_var) * random.standard_normal(mean.shape)
        excess += np.stack(log_aggregate_of_own(latents, mean, log_var)) - log_normal(latents)
    how = {"posteriors": count, "latent_samples": rounds}
    yield "aggregate_kl", mean_of(excess[0] / rounds, **how)
    if count > 1:
        yield "aggregate_kl_left_out", mean_of(excess[1] / rounds, **how)
    covered = mean_of(~is_covered(prior_draws(MANY, subject.latent_dim, subject.seed), mean, log_var))
    facts = {"posteriors": count, "draws": MANY, "density_ratio": COVERED}
    yield "uncovered_prior", Estimate(covered.value, covered.error, how=facts)


def factors(subject: Subject) -> Named:
    """Yield how far latents and the factors that the images were made from go together.

    Nothing is yielded where the factors are not known, or there is one latent.
    """
    known = [name for name in subject.split.factors if name not in AMBIGUOUS]
    if not known or subject.latent_dim < 2:
        return
    own, train = subject.split, subject.dataset.train.spread(MANY)
    random = np.random.default_rng([subject.seed, len(own)])
    mean, log_var = subject.network.encode(train.images)
    latents, others = (
        centre + np.exp(0.5 * spread) * random.standard_normal(centre.shape)
        for centre, spread in ((subject.mean, subject.log_var), (mean, log_var))
    )
    classes = len(subject.dataset.class_names)
    named = ["class"] * (classes > 1) + known
    how = {"factors": named, "images": len(own), "fitted_on": len(train)}
    bins = [own.labels if name == "class" else binned(own.factors[name]) for name in named]
    yield "mutual_information_gap", Estimate(mutual_information_gap(latents, bins), how=how)
    columns = [
        [np.eye(classes)[of.labels] if name == "class" else of.factors[name][:, None] for name in named]
        for of in (train, own)
    ]
    found = regressed(others, columns[0], latents, columns[1])
    for name, value in found._asdict().items():
        yield name, Estimate(value, how=how)
