"""A classifier that is trained in less than a minute, and its features of images."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vaecli.blueprint.forward import in_batches
from vaecli.blueprint.halves import Half
from vaecli.config import TrainConfig
from vaecli.images import ImageSource
from vaecli.network import randomness
from vaecli.network.building import build
from vaecli.network.inference import BATCH, Floats, assign
from vaecli.network.optimizer import Adam, scheduled_rate
from vaecli.network.pipeline import Batches, scaled, step_count

TRAINING_BATCH = 256
LEAST_STEPS = 940  # four epochs of 60,000 images
MOST_EPOCHS = 40

_SCHEDULE = TrainConfig(learning_rate=2e-3, schedule="cosine")


class Classifier:
    """A classifier of images.

    Args:
        half: Images → features and logits of the classes, as `blueprint.classifier` draws it.
        seed: Initial weights, and the order of the images in training, follow from it.
    """

    def __init__(self, half: Half, seed: int = 0) -> None:
        self._model, self._seed = build(half, seed), seed
        self._variables = {f"{half.name}/{weight.path}": weight.value for weight in self._model.weights}
        self._adam = Adam(self._variables)
        self._shape = half.shapes[half.layers[0].name]

    def weights(self) -> dict[str, Floats]:
        """Return a copy of its weights, by name."""
        return {name: variable.numpy() for name, variable in self._variables.items()}

    def restore(self, weights: Mapping[str, Floats]) -> None:
        """Set its weights to those that `weights` gave.

        Raises:
            DamagedArtifact: If one is missing, unknown, of another shape or not finite.
        """
        assign(self._variables, weights)

    def learn(self, images: ImageSource, labels: NDArray[np.int64]) -> None:
        """Train on the cross-entropy for `LEAST_STEPS` steps or more, but at most `MOST_EPOCHS` epochs.

        Args:
            images: uint8 `(n, height, width, channels)`.
            labels: `(n,)`.
        """
        steps = step_count(len(images), TRAINING_BATCH)
        epochs = min(math.ceil(LEAST_STEPS / steps), MOST_EPOCHS)
        batches, step = Batches(images, TRAINING_BATCH), self._compiled_step(epochs * steps)
        for epoch in range(epochs):
            order = randomness.permutation(self._seed, epoch, len(images))
            with batches.failing_plainly():
                for index, batch in enumerate(batches.epoch(order)):
                    rows = order[index * TRAINING_BATCH : (index + 1) * TRAINING_BATCH]
                    step(batch, tf.constant(labels[rows]), tf.constant(epoch * steps + index, tf.int64))

    def apply(self, images: ImageSource) -> tuple[Floats, NDArray[np.int64]]:
        """Return the features, `(n, features)`, and the most likely labels, `(n,)`, of uint8 images."""
        signature = tf.TensorSpec((None, *self._shape), tf.uint8)
        model = tf.function(lambda batch: self._model(scaled(batch))).get_concrete_function(signature)
        features, logits = in_batches(
            lambda batch: tuple(tensor.numpy() for tensor in model(tf.constant(batch))), BATCH, images
        )
        return features, logits.argmax(axis=1)

    def _compiled_step(self, total: int) -> tf.types.experimental.ConcreteFunction:
        """Return a step of a training of so many, compiled for batches of any size."""

        def step(images: tf.Tensor, labels: tf.Tensor, taken: tf.Tensor) -> None:
            with tf.GradientTape() as tape:
                _, logits = self._model(images)
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(losses)
            gradients = tape.gradient(loss, list(self._variables.values()))
            self._adam.apply(gradients, scheduled_rate(_SCHEDULE, taken, total), taken)

        batch = tf.TensorSpec((None, *self._shape), tf.float32)
        labels, number = tf.TensorSpec((None,), tf.int64), tf.TensorSpec((), tf.int64)
        return tf.function(step, autograph=False).get_concrete_function(batch, labels, number)
