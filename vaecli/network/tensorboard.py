"""Epochs as TensorBoard shows them: scalars, images and the graph of the model.

The one module of this room that is given a directory to write to: TensorFlow alone writes
event files. It needs the extra `vaecli[tensorboard]`.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
import tensorflow as tf

from vaecli.errors import EnvironmentFailure
from vaecli.images import tiled
from vaecli.metrics import METRICS
from vaecli.network.evaluation import EpochResult
from vaecli.network.inference import Images
from vaecli.network.model import VAE


class TensorBoardLog:
    """Append epochs to the event files of a directory; a resumed run continues them.

    Args:
        directory: Where TensorBoard will look; made if absent. Epochs found there are not
            written again.
        originals: The fixed images, uint8 `(k, height, width, channels)`, drawn over their
            reconstructions.

    Raises:
        EnvironmentFailure: If TensorBoard is not installed or the directory not writable.
    """

    def __init__(self, directory: str, originals: Images) -> None:
        self._originals = originals
        try:
            directory.encode()
        except UnicodeEncodeError as error:
            raise EnvironmentFailure(
                f"TensorBoard cannot write to {directory}.", "Expected: a path in UTF-8."
            ) from error
        self._written = _written_epochs(directory)
        try:
            self._writer = tf.summary.create_file_writer(directory)
            self._writer.init()
        except tf.errors.OpError as error:
            raise EnvironmentFailure(
                f"TensorBoard's files cannot be written to {directory}.",
                "Expected: a directory that can be written to.",
                "Mend its permissions or leave --tensorboard out.",
            ) from error

    def __enter__(self) -> TensorBoardLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def graph(self, graph: bytes) -> None:
        """Write the model's graph, as `graph_bytes` gives it, unless it is there already."""
        if not self._written:
            with self._writer.as_default():
                tf.summary.graph(tf.compat.v1.GraphDef.FromString(graph))

    def epoch(self, result: EpochResult) -> None:
        """Write the scalars and the images of an epoch."""
        if result.epoch in self._written:
            return
        with self._writer.as_default(step=result.epoch):
            for metric in METRICS:
                value = getattr(result.metrics, metric.name)
                if metric.curve and value is not None:
                    tf.summary.scalar(metric.name, value)
            tf.summary.image(
                "reconstructions", tiled(np.stack([self._originals, result.reconstructions]))[None]
            )
            tf.summary.image("grid", tiled(result.grid)[None])
        self._writer.flush()
        self._written.add(result.epoch)

    def close(self) -> None:
        """Write out what is left; the log takes no more epochs."""
        self._writer.close()


def graph_bytes(vae: VAE) -> bytes:
    """Return the serialised GraphDef of a forward pass and its loss."""

    def loss(images: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        return vae.compute_loss(x=images, y_pred=vae.call(images, noise))

    images = tf.TensorSpec((None, *vae.image_shape), tf.float32, "images")
    noise = tf.TensorSpec((None, vae.latent_dim), tf.float32, "noise")
    graph = tf.function(loss, autograph=False).get_concrete_function(images, noise).graph
    return graph.as_graph_def().SerializeToString()


def _written_epochs(directory: str) -> set[int]:
    """Return the epochs that earlier event files of a directory hold."""
    try:
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    except ImportError as error:
        raise EnvironmentFailure(
            "TensorBoard is not installed.",
            "Expected: the package tensorboard, which --tensorboard needs.",
            "Type: pip install 'vaecli[tensorboard]'",
        ) from error
    files = sorted(path for path in Path(directory).glob("events.out.tfevents.*") if path.is_file())
    events = (event for file in files for event in EventFileLoader(str(file)).Load())
    return {int(event.step) for event in events if event.HasField("summary")}
