"""A blueprint's likelihood as a Keras layer: what it learns are the layer's weights."""

from __future__ import annotations

import keras
import tensorflow as tf

from vaecli.blueprint.likelihood import Likelihood
from vaecli.network import operations


class LikelihoodLayer(keras.layers.Layer):
    """A distribution of images given logits, with its state; see `blueprint.likelihood.Likelihood`.

    Args:
        kind: The distribution.
    """

    def __init__(self, kind: Likelihood) -> None:
        super().__init__(name="likelihood")
        self.kind = kind
        self._own = {
            weight.name: self.add_weight(
                shape=weight.shape,
                initializer=keras.initializers.Constant(weight.initial),
                trainable=weight.is_trained,
                name=weight.name,
            )
            for weight in kind.weights
        }
        self.built = True

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return −log p(x | z) of each image, `(n,)` nats; in training, learn from them."""
        losses = self.kind.loss(operations, images, logits, self._state, training=training)
        if training:
            for name, value in self.kind.learn(operations, images, logits, self._state).items():
                self._own[name].assign(value)
        return losses

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return the expected image in [0, 1]; the shape is that of the logits."""
        return self.kind.mean(operations, logits, self._state)

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw images, from numbers that are uniform in [0, 1); all shapes are that of the logits."""
        return self.kind.sample(operations, logits, uniform, self._state)

    def natural(self, logits: tf.Tensor) -> tf.Tensor | None:
        """Return what `Likelihood.natural` does; the shape is that of the logits."""
        return self.kind.natural(operations, logits, self._state)

    def scale(self) -> tf.Tensor | None:
        """Return the spread that all pixels share, in units of the range [0, 1], if there is one."""
        return self.kind.scale(operations, self._state)

    @property
    def _state(self) -> dict[str, tf.Tensor]:
        return {name: weight.value for name, weight in self._own.items()}
