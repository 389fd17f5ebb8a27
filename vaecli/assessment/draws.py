"""What a decoder makes of latents that are drawn: how near it comes to the images, as a set.

Draws are compared with held-out images in the features of the dataset's own classifier, each scaled so that
the held-out images have mean 0 and variance 1. Two other sets tell what the distances mean: training images,
which no draws can be expected to be nearer than, and draws from the Gaussian of as many principal components
as there are latents, which any network should be nearer than.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vaecli.assessment.distances import K, frechet_distance, kernel_distance, surrounding
from vaecli.assessment.estimates import Estimate, mean_of
from vaecli.assessment.judge import judge_of
from vaecli.assessment.mixture import COMPONENTS, fit_mixture
from vaecli.assessment.sections import MANY, Named
from vaecli.assessment.subject import Subject
from vaecli.images import ImageSource, to_uint8
from vaecli.latents import prior_draws
from vaecli.observers import Say

if TYPE_CHECKING:
    from vaecli.data import Components

SAMPLERS = ("prior", "gaussian-mixture")


def draws(subject: Subject, sampler: str, say: Say) -> Named:
    """Yield distances, density and coverage of draws, of training images and of PCA-Gaussian draws.

    Nothing is yielded where there are no classes to train a classifier on, or too few images for
    neighbourhoods; `say` is then told why.

    Args:
        subject: What is evaluated, held-out images among it.
        sampler: One of `SAMPLERS`.
        say: Also told where the classifier has to be trained.
    """
    dataset, few = subject.dataset, subject.spread(MANY)
    count = len(few.split)
    if len(dataset.class_names) < 2:
        say(f"Draws are not compared with images: {dataset.name} has no classes to train a classifier on.")
        return
    if min(count, len(dataset.train)) <= K:
        say(f"Draws are not compared with images: there are {count}, and it takes more than {K}.")
        return
    judge = judge_of(dataset, say)
    sets: dict[str, ImageSource] = {
        "": to_uint8(subject.network.decode(latents_of(subject, sampler, count))),
        "_of_images": dataset.train.spread(count).images,
    }
    if subject.components is not None:
        sets["_of_pca"] = _linear_draws(subject, subject.components, count)
    real = judge.features(few.split.images)
    centre, scale = real.mean(axis=0), real.std(axis=0) + 1e-6
    real = (real - centre) / scale
    how = {"sampler": sampler, "draws": count, "images": count, **judge.facts()}
    for name, images in sets.items():
        features = (judge.features(images) - centre) / scale
        kernel, around = kernel_distance(real, features), surrounding(real, features)
        density = mean_of(around.density)
        yield f"frechet_distance{name}", Estimate(frechet_distance(real, features), how=how)
        yield f"kernel_distance{name}", Estimate(kernel.value, kernel.error, how=how)
        yield f"density{name}", Estimate(density.value, density.error, how={**how, "neighbours": K})
        yield f"coverage{name}", mean_of(around.coverage, **how, neighbours=K)


def latents_of(subject: Subject, sampler: str, count: int) -> NDArray[np.float32]:
    """Return latents that are drawn from the prior, or from a mixture fitted to latents of training images.

    Args:
        subject: Its seed is what they follow from.
        sampler: One of `SAMPLERS`.
        count: How many.

    Returns:
        `(count, latent_dim)`.
    """
    if sampler == "prior":
        return prior_draws(count, subject.latent_dim, subject.seed)
    mean, log_var = subject.network.encode(subject.dataset.train.spread(MANY).images)
    noise = np.random.default_rng([subject.seed, len(mean)]).standard_normal(mean.shape)
    mixture = fit_mixture(mean + np.exp(0.5 * log_var) * noise, COMPONENTS, subject.seed)
    return mixture.draw(count, subject.seed).astype(np.float32)


def _linear_draws(subject: Subject, linear: Components, count: int) -> NDArray[np.uint8]:
    """Return images drawn from the Gaussian of the training images' principal components."""
    scores = linear.encode(subject.dataset.train.images)
    noise = np.random.default_rng([subject.seed, count]).standard_normal((count, scores.shape[1]))
    pixels = linear.decode(noise * scores.std(axis=0, dtype=np.float64))
    return to_uint8(np.clip(pixels, 0, 1)).reshape(count, *subject.dataset.shape)
