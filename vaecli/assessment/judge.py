"""A judge of images: a classifier that is trained on a dataset once, and then kept in the user's cache.

It is trained on the training images alone. The numbers that its features give are comparable where the digest
of its weights is the same, which is why the digest stands beside them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaecli.blueprint.classifier import classifier
from vaecli.data import Dataset
from vaecli.data.computed import digest_of, keep_arrays, kept_arrays
from vaecli.errors import DamagedArtifact, EnvironmentFailure
from vaecli.images import ImageSource
from vaecli.observers import Say

if TYPE_CHECKING:
    from vaecli.network.classifier import Classifier

_KIND = "classifiers"
_VERSION = "1"  # of the recipe: another one is another classifier


@dataclass(frozen=True, eq=False)
class Judge:
    """A trained classifier.

    Attributes:
        accuracy: The share of held-out images whose class it finds.
        digest: SHA-256 of its weights.
    """

    _network: Classifier
    accuracy: float
    digest: str

    def features(self, images: ImageSource) -> NDArray[np.float32]:
        """Return the features of uint8 images, `(n, features)`."""
        return self._network.apply(images)[0]

    def facts(self) -> dict[str, Any]:
        """Return what identifies it, as plain values."""
        return {"classifier": self.digest[:12], "classifier_accuracy": self.accuracy}


def judge_of(dataset: Dataset, say: Say) -> Judge:
    """Return the judge of a dataset with two classes or more, trained if it is not in the cache.

    Args:
        dataset: Its training images are trained on, its held-out images give the accuracy.
        say: Called with a line where it has to be trained, and where it cannot be kept.
    """
    from vaecli.network.classifier import Classifier

    network, key = Classifier(classifier(dataset.shape, len(dataset.class_names))), _key(dataset)
    kept = kept_arrays(_KIND, key)
    if kept is not None:
        accuracy = float(kept.pop("accuracy", np.array(np.nan)))
        try:
            network.restore(kept)
            return Judge(network, accuracy, digest_of(kept))
        except DamagedArtifact:
            say("The classifier in the cache is not of this version: it is trained again.")
    say("Training a classifier whose features draws are compared in; then it is kept …")
    network.learn(dataset.train.images, dataset.train.labels)
    _, found = network.apply(dataset.heldout.images)
    accuracy, weights = float((found == dataset.heldout.labels).mean()), network.weights()
    try:
        keep_arrays(_KIND, key, {**weights, "accuracy": np.array(accuracy)})
    except EnvironmentFailure as failure:
        say(f"The classifier is not kept. {failure.what}")
    return Judge(network, accuracy, digest_of(weights))


def _key(dataset: Dataset) -> str:
    """Return a digest of all that the classifier follows from."""
    split = dataset.train
    digest = hashlib.sha256(f"{_VERSION} {dataset.fingerprint} {dataset.class_names}".encode())
    digest.update(np.ascontiguousarray(split.index).data)
    digest.update(np.ascontiguousarray(split.labels).data)
    return digest.hexdigest()
