"""Training epoch by epoch: our own step, compiled over many steps at a time.

Keras' `fit` cannot be resumed bit for bit, and decides itself when Python is heard.
Here the batches of a chunk run inside one graph; the number of its steps is a tensor, so that
nothing is traced twice, and a chunk lasts about a quarter of a second, so that somebody
can watch and stop. No number depends on how an epoch is cut into chunks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import tensorflow as tf

from vaecli.config import TrainConfig
from vaecli.images import ImageSource
from vaecli.network import inference, objective, pipeline, randomness
from vaecli.network.averaging import MovingAverage
from vaecli.network.divergence import diverged, require_finite
from vaecli.network.evaluation import EpochResult, EpochTraining, evaluate
from vaecli.network.inference import Floats, Images, Network
from vaecli.network.optimizer import Adam, scheduled_rate

CHUNK_SECONDS = 0.25  # between two calls of `on_progress` and `should_stop`


class StopTraining(Exception):  # noqa: N818 - a request, not an error
    """Training was asked to stop; the unfinished epoch is dropped."""


@dataclass(frozen=True)
class Progress:
    """How far an epoch has come."""

    epoch: int
    step: int  # steps done
    steps: int
    loss: float  # mean over the epoch's images so far
    images_per_second: float


class Trainer:
    """Train the network of a config.

    Args:
        config: A resolved config.
        train_images: uint8 `(n, height, width, channels)`, taken batch by batch.
        heldout_images: uint8 images that training never sees, all of them encoded every epoch.
        fixed_images: uint8 images to reconstruct every epoch.
        chunk_seconds: About how long to compute between two calls of `on_progress`; 0 for
            one step at a time.
    """

    def __init__(
        self,
        config: TrainConfig,
        train_images: ImageSource,
        heldout_images: ImageSource,
        fixed_images: Images,
        chunk_seconds: float = CHUNK_SECONDS,
    ) -> None:
        height, width, channels = train_images.shape[1:]
        self.config = config = config.resolved(channels, len(train_images))
        assert config.epochs is not None
        assert config.batch_size is not None
        self.total_epochs, self.batch_size, self.draws = config.epochs, config.batch_size, config.draws
        self.heldout, self.fixed, self.chunk_seconds = heldout_images, fixed_images, chunk_seconds
        self.vae = inference.build(self.config, (height, width, channels))
        self.network = Network(self.vae)
        self.variables = inference.variables(self.vae)
        trained = {id(weight.value) for weight in self.vae.trainable_weights}
        self.optimizer = Adam(
            {n: v for n, v in self.variables.items() if id(v) in trained},
            weight_decay=self.config.weight_decay or 0.0,
            clip=self.config.clip or 0.0,
        )
        self.average = MovingAverage(self.optimizer.variables, self.config.ema) if self.config.ema else None
        self.count = len(train_images)
        self.steps = pipeline.step_count(self.count, self.batch_size)
        self.vae.objective = objective.of_config(config, self.steps, self.count)
        self._batches = pipeline.Batches(train_images, self.batch_size)
        self._chunk = 1
        self._advance = self._compiled_steps()

    def epochs(
        self,
        start: int,
        stop: int,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[EpochResult]:
        """Train and evaluate the epochs start…stop, both included, and yield each when done.

        Args:
            start: 0 begins with the untrained network; after a restore, the epoch after it.
            stop: The last epoch.
            on_progress: Called a few times a second while an epoch trains.
            should_stop: Asked just as often.

        Raises:
            DataError: If images that are decoded when they are taken cannot be any more.
            StopTraining: If `should_stop()` was true; the unfinished epoch leaves nothing.
            TrainingDiverged: If a loss, a weight or a figure is not a finite number.
        """
        for epoch in range(start, stop + 1):
            training = EpochTraining(self._learning_rate(0))
            if epoch > 0:
                training = self._train(epoch, on_progress or (lambda progress: None), should_stop)
            with self.average.in_place() if self.average else nullcontext():
                result = evaluate(self.network, self.heldout, self.fixed, self.config.seed, epoch, training)
            yield result

    def _train(
        self, epoch: int, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> EpochTraining:
        """Train an epoch, watched and stoppable, and require that it leaves finite numbers."""
        for progress in self._chunks(epoch):
            on_progress(progress)
            if should_stop():
                raise StopTraining
        left = self._kept_weights() | self._kept_state()
        require_finite({f"weight {name}": tensor for name, tensor in left.items()}, epoch)
        speed = progress.images_per_second
        return EpochTraining(
            self._learning_rate(epoch * self.steps - 1), progress.loss, self.count / speed, speed
        )

    def _chunks(self, epoch: int) -> Iterator[Progress]:
        """Take all steps of an epoch, pausing after every chunk of them."""
        order = randomness.permutation(self.config.seed, epoch, self.count)
        batches = iter(self._batches.epoch(order))
        key = tf.constant(randomness.key(self.config.seed, epoch, "noise"))
        before = tf.constant((epoch - 1) * self.steps, tf.int64)
        total, step = tf.constant(0.0, tf.float64), 0
        self._advance(batches, key, before, *_span(0, 0), total)  # gets ready before the clock starts
        clock = time.perf_counter()
        while step < self.steps:
            started, chunk = time.perf_counter(), min(self._chunk, self.steps - step)
            with self._batches.failing_plainly():
                total, broken = self._advance(batches, key, before, *_span(step, step + chunk), total)
            if broken >= 0:
                raise diverged("training loss", epoch, int(broken) + 1)
            now, step = time.perf_counter(), step + chunk
            self._chunk = paced(chunk, now - started, self.chunk_seconds)
            seen = min(step * self.batch_size, self.count)
            yield Progress(epoch, step, self.steps, float(total) / seen, seen / (now - clock))

    def _compiled_steps(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        """Trace `_take_steps` once, for any number of steps and any size of batch."""
        batches = tf.data.IteratorSpec(tf.TensorSpec((None, *self.vae.image_shape), tf.float32))
        key, number, total = ((2,), tf.int32), ((), tf.int64), ((), tf.float64)
        rest = (tf.TensorSpec(*argument) for argument in (key, number, number, number, total))
        return tf.function(self._take_steps).get_concrete_function(batches, *rest)

    def _take_steps(
        self,
        batches: tf.data.Iterator,
        key: tf.Tensor,
        before: tf.Tensor,
        first: tf.Tensor,
        stop: tf.Tensor,
        total: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take the steps first…stop of an epoch in one graph.

        Returns:
            The sum of the losses of the epoch's images so far, and the first step whose loss is
            not finite, or −1.
        """
        broken = tf.constant(-1, tf.int64)
        for step in tf.range(first, stop):
            loss, size = self._step(next(batches), key, before, step)
            if broken < 0 and not tf.math.is_finite(loss):
                broken = step
            total += tf.cast(loss * size, tf.float64)
        return total, broken

    @tf.autograph.experimental.do_not_convert
    def _step(
        self, images: tf.Tensor, key: tf.Tensor, before: tf.Tensor, step: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take one step on a batch.

        Args:
            images: float32 `(n, height, width, channels)` in [0, 1].
            key: `(2,)`, the epoch's key of the noise.
            before: Steps of all earlier epochs.
            step: The step in the epoch, from 0.

        Returns:
            The loss per image and the number of images of the batch.
        """
        left = self.count - step * self.batch_size
        size = tf.cast(tf.minimum(tf.cast(self.batch_size, tf.int64), left), tf.float32)
        shape = (self.draws * tf.shape(images)[0], self.config.latent_dim)
        noise_key = tf.random.experimental.stateless_fold_in(key, step, alg="philox")
        noise = tf.random.stateless_normal(shape, noise_key, alg="philox")
        with tf.GradientTape() as tape:
            prediction = self.vae.call(images, noise, self.draws)
            losses = self.vae.losses_of(images, prediction, before + step, training=True, draws=self.draws)
            loss = tf.reduce_sum(losses) / size
        gradients = tape.gradient(loss, list(self.optimizer.variables.values()))
        self.optimizer.apply(gradients, self._scheduled(before + step), before + step)
        if self.average:
            self.average.update(before + step)
        return loss, size

    def _scheduled(self, step: tf.Tensor) -> tf.Tensor:
        """Return the learning rate of a step counted over all epochs."""
        return scheduled_rate(self.config, step, self.total_epochs * self.steps)

    def _learning_rate(self, step: int) -> float:
        return float(self._scheduled(tf.constant(step, tf.int64)))

    def weights(self) -> dict[str, Floats]:
        """Return a copy of the weights that epochs are evaluated with, by name."""
        return {name: variable.numpy() for name, variable in self._kept_weights().items()}

    def optimizer_state(self) -> dict[str, Floats]:
        """Return a copy of the optimizer's state, by name; of averaged weights also the values themselves."""
        return {name: variable.numpy() for name, variable in self._kept_state().items()}

    def _kept_weights(self) -> dict[str, tf.Variable]:
        return self.variables | (self.average.averages if self.average else {})

    def _kept_state(self) -> dict[str, tf.Variable]:
        own = {f"{name}/current": variable for name, variable in self.optimizer.variables.items()}
        return self.optimizer.moments | (own if self.average else {})

    def restore(self, weights: Mapping[str, Floats], optimizer_state: Mapping[str, Floats]) -> None:
        """Go back to where `weights` and `optimizer_state` were taken.

        Raises:
            DamagedArtifact: If a tensor is missing, unknown, of another shape or not finite.
        """
        targets = self._kept_weights() | self._kept_state()
        inference.assign(targets, {**weights, **optimizer_state})

    def start_from(self, weights: Mapping[str, Floats]) -> None:
        """Begin with other weights than the seed's; the optimizer begins anew.

        Raises:
            DamagedArtifact: If a tensor is missing, unknown, of another shape or not finite.
        """
        inference.assign(self.variables, weights)
        for name, average in self.average.averages.items() if self.average else ():
            average.assign(weights[name])

    def parameter_counts(self) -> dict[str, int]:
        """Return the number of trained parameters of encoder, decoder with its likelihood, and both."""
        return self.vae.blueprint.parameter_counts()


def paced(steps: int, seconds: float, wanted: float) -> int:
    """Return how many steps last the wanted seconds, at most twice as many as before.

    >>> paced(10, 0.1, 0.15), paced(10, 0.01, 0.25), paced(10, 5.0, 0.25)
    (15, 20, 1)
    """
    return max(1, min(2 * steps, round(steps * wanted / seconds)))


def _span(first: int, stop: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Give two step numbers as tensors."""
    return tf.constant(first, tf.int64), tf.constant(stop, tf.int64)
