"""How likely an image is, given the logits of a decoder: log p(x | z) in four kinds.

Whatever the kind, a decoder gives one logit per pixel and channel; the likelihood makes of
them a loss, an image to show, and images to sample. Losses are in nats per image, summed over
pixels and channels. Where pixels are continuous they are densities of x in [0, 1], which may
be larger than 1: the loss may be negative then, and is comparable within one kind alone.
"""

from __future__ import annotations

import math

import keras
import tensorflow as tf

#: The natural parameter l of the continuous Bernoulli stays within ±255: the mean of a pixel, 1/|l| for
#: a far one, is then within one grey level of black or white, and its density at most 255.
NATURAL_BOUND = 255.0

#: log σ is bent to stay above −6, as Rybkin et al. (2021) do: σ is at least two thirds of a grey level.
LOG_SIGMA_FLOOR = -6.0

#: The scale of logistic pixels is at least a quarter of a grey level.
LOG_SCALE_FLOOR = math.log(0.25 / 255.0)

_MEMORY = 0.95  # share of the running squared error that a step keeps


class Likelihood(keras.layers.Layer):
    """A distribution of images whose pixels are independent given their logits."""

    #: Whether pixels are 256 grey levels, so that −log p counts as bits of a code.
    is_discrete = False

    def __init__(self) -> None:
        super().__init__(name="likelihood")
        self.built = True

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return −log p(x | z) of each image.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
            logits: The same shape, any real number.
            training: Whether the images are those of a training step, from which the likelihood
                may learn.

        Returns:
            `(n,)` nats, summed over height, width and channels.
        """
        raise NotImplementedError

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return the expected image in [0, 1], to be shown; the shape is that of the logits."""
        raise NotImplementedError

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw images by inverting the distribution of each pixel.

        Args:
            logits: `(n, height, width, channels)`.
            uniform: The same shape, uniform in [0, 1).

        Returns:
            The same shape, in [0, 1].
        """
        raise NotImplementedError

    def scale(self) -> tf.Tensor | None:
        """Return the spread that all pixels share, in units of the range [0, 1], if there is one."""
        return None


class Bernoulli(Likelihood):
    """Pixels are black or white; a grey one counts as the expectation over both.

    With p = σ(l), −[x·log p + (1 − x)·log(1 − p)] = log(1 + eˡ) − x·l, which is exact for every
    finite logit. A grey x has a floor, its own entropy.

    >>> image = tf.constant([[[[1.0], [0.0]]]])
    >>> float(Bernoulli().loss(image, tf.zeros_like(image))[0])  # 2·log 2
    1.3862943649291992
    """

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the cross-entropy of each image."""
        return _summed(tf.nn.softplus(logits) - images * logits)

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return σ(l), the probability of white."""
        return tf.sigmoid(logits)

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw black or white pixels."""
        return tf.cast(uniform < tf.sigmoid(logits), tf.float32)


class ContinuousBernoulli(Likelihood):
    """The Bernoulli's form made a proper density on [0, 1] (Loaiza-Ganem and Cunningham, 2019).

    p(x) = e^(l·x) / ∫₀¹ e^(l·t) dt, so −log p(x) = log((eˡ − 1) / l) − l·x. Its mean is not σ(l)
    but 1 / (1 − e^−l) − 1 / l. A black pixel wants an l of −255, a hundred times as far as
    a Bernoulli's logit ever goes: units of the decoder die on such a way. So its logits u give
    l = 3·sinh(b·tanh(u / b)), where b = asinh(255 / 3) bounds l as `NATURAL_BOUND` says. Then the mean is
    within 0.03 of σ(u), black and white are as near as they are for the other kinds, and u = 0 is grey.
    """

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return −log of the density of each image."""
        natural = _natural(logits)
        size = tf.abs(natural)
        safe = tf.where(size < 0.1, 1.0, size)  # what `where` does not choose still has a gradient
        far = tf.maximum(natural, 0.0) + tf.math.log(-tf.math.expm1(-safe) / safe)
        near = natural / 2 + tf.square(natural) / 24 - tf.square(tf.square(natural)) / 2880
        return _summed(tf.where(size < 0.1, near, far) - natural * images)

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return 1 / (1 − e^−l) − 1 / l, by its series near 0."""
        natural = _natural(logits)
        safe = tf.where(tf.abs(natural) < 0.1, 1.0, natural)
        far = tf.sign(safe) / -tf.math.expm1(-tf.abs(safe)) - 1.0 / safe + tf.cast(safe < 0, tf.float32)
        near = 0.5 + natural / 12 - natural**3 / 720
        return tf.where(tf.abs(natural) < 0.1, near, far)

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Return log(1 + u·(eˡ − 1)) / l, mirrored so that no power overflows."""
        size = tf.maximum(tf.abs(_natural(logits)), 1e-3)  # closer to the uniform than float32 can tell
        dark = tf.math.log1p(uniform * tf.math.expm1(-size)) / -size
        return tf.where(logits < 0, dark, 1.0 - dark)


class Gaussian(Likelihood):
    """Normal pixels around σ(l), all with one standard deviation.

    By default that is the optimal one: the root of the mean squared error of the batch that is
    being trained on, for which the likelihood is largest (Rybkin et al., 2021, the optimal σ-VAE). It is
    frozen for all else: held-out images are judged with a running mean over the training steps.

    Args:
        sigma: A fixed standard deviation instead, in units of the range [0, 1].
    """

    def __init__(self, sigma: float | None = None) -> None:
        super().__init__()
        self.sigma = sigma
        if sigma is None:  # sums of squared errors and of weights, fading as Adam's moments do
            self.squared_error = self.add_weight(
                shape=(2,), initializer="zeros", trainable=False, name="squared_error"
            )

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return −log of the density of each image."""
        squared = tf.square(images - tf.sigmoid(logits))
        if training and self.sigma is None:
            log_sigma = self._log_sigma(self._learn(tf.reduce_mean(squared)))
        else:
            log_sigma = tf.math.log(self.scale())
        return _summed(0.5 * squared * tf.exp(-2.0 * log_sigma) + log_sigma + 0.5 * math.log(2.0 * math.pi))

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return σ(l)."""
        return tf.sigmoid(logits)

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw normal pixels; those beyond black or white are cut off."""
        tails = tf.clip_by_value(uniform, 1e-7, 1.0 - 1e-7)
        return tf.clip_by_value(self.mean(logits) + self.scale() * tf.math.ndtri(tails), 0.0, 1.0)

    def scale(self) -> tf.Tensor:
        """Return the standard deviation; before any training that of uniform pixels, 12^−½."""
        if self.sigma is not None:
            return tf.constant(self.sigma, tf.float32)
        total, weight = tf.unstack(self.squared_error.value)
        error = tf.where(weight > 0.0, tf.maximum(total, 0.0) / tf.maximum(weight, 1e-6), 1.0 / 12.0)
        return tf.exp(self._log_sigma(error))

    def _learn(self, error: tf.Tensor) -> tf.Tensor:
        """Remember the squared error of a training step, and hand it on."""
        seen = tf.stack([tf.stop_gradient(error), 1.0])
        self.squared_error.assign(_MEMORY * self.squared_error.value + (1.0 - _MEMORY) * seen)
        return error

    @staticmethod
    def _log_sigma(error: tf.Tensor) -> tf.Tensor:
        above = 0.5 * tf.math.log(error + 1e-12) - LOG_SIGMA_FLOOR
        return LOG_SIGMA_FLOOR + tf.nn.softplus(above)


class Logistic(Likelihood):
    """256 grey levels, each the share that a logistic distribution around ½ + l/4 has in its bin.

    The place follows the tangent of σ(l), and goes beyond black and white, too: only from there can
    black be certain. The bins are 1/255 wide, those of black and white reach to infinity
    (Salimans et al., 2017, eq. 2, with one component). All pixels share one scale, which is trained
    with the network. With a and b the upper and the lower edge of the bin in units of the scale,
    S(a) − S(b) = S(a)·S(−b)·(1 − e^(b − a)), S the logistic function: no digits cancel.
    """

    is_discrete = True

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(math.log(0.1)), name="log_scale"
        )

    def loss(self, images: tf.Tensor, logits: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return −log of the probability of each image; each value is a multiple of 1/255."""
        scale, half = self.scale(), 0.5 / 255.0
        away = images - _place(logits)
        below = tf.where(images > 1.0 - half, 0.0, tf.math.log_sigmoid((away + half) / scale))
        above = tf.where(images < half, 0.0, tf.math.log_sigmoid((half - away) / scale))
        inner = tf.cast((images >= half) & (images <= 1.0 - half), tf.float32)
        return -_summed(below + above + inner * tf.math.log(-tf.math.expm1(-2.0 * half / scale)))

    def mean(self, logits: tf.Tensor) -> tf.Tensor:
        """Return the mean of what is cut off at black and white.

        It is ∫₀¹ P(X > t) dt = s·[log(1 + e^(m/s)) − log(1 + e^((m − 1)/s))] around the place m;
        the sum over the 255 edges of the bins differs by less than a fiftieth of a grey level for scales of
        half a level and more.
        """
        place, scale = _place(logits), self.scale()
        mean = scale * (tf.nn.softplus(place / scale) - tf.nn.softplus((place - 1.0) / scale))
        return tf.clip_by_value(mean, 0.0, 1.0)

    def sample(self, logits: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw grey levels."""
        inside = tf.clip_by_value(uniform, 1e-7, 1.0 - 1e-7)
        drawn = _place(logits) + self.scale() * (tf.math.log(inside) - tf.math.log1p(-inside))
        return tf.round(255.0 * tf.clip_by_value(drawn, 0.0, 1.0)) / 255.0

    def scale(self) -> tf.Tensor:
        """Return the scale s; the standard deviation is π / √3 of it."""
        return tf.exp(LOG_SCALE_FLOOR + tf.nn.softplus(self.log_scale.value - LOG_SCALE_FLOOR))


def likelihood(kind: str, sigma: float | None = None) -> Likelihood:
    """Return a likelihood by its name, as in `config.LIKELIHOODS`.

    Args:
        kind: `bernoulli`, `continuous-bernoulli`, `gaussian` or `logistic`.
        sigma: The fixed standard deviation of `gaussian`; by default the optimal one.
    """
    kinds = {"bernoulli": Bernoulli, "continuous-bernoulli": ContinuousBernoulli, "logistic": Logistic}
    return Gaussian(sigma) if kind == "gaussian" else kinds[kind]()


def _natural(logits: tf.Tensor) -> tf.Tensor:
    """Return the natural parameter of a continuous Bernoulli, smoothly within ±`NATURAL_BOUND`."""
    bound = math.asinh(NATURAL_BOUND / 3.0)
    return 3.0 * tf.sinh(bound * tf.tanh(logits / bound))


def _place(logits: tf.Tensor) -> tf.Tensor:
    """Return where logistic pixels are centred, in units of the range [0, 1]."""
    return 0.5 + 0.25 * logits


def _summed(values: tf.Tensor) -> tf.Tensor:
    """Sum `(n, height, width, channels)` over each image."""
    return tf.reduce_sum(values, axis=(1, 2, 3))
