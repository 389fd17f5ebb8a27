"""The network of a run, for what must be encoded or decoded anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaecli.cli import chatter
from vaecli.cli.streams import Streams
from vaecli.store import Run

if TYPE_CHECKING:
    from vaecli.network import Network


def open_network(streams: Streams, run: Run, why: str, epoch: int | None = None) -> Network:
    """Return the network of a run as an epoch left it, by default the last one.

    Args:
        streams: Where to say that loading TensorFlow takes a moment.
        run: The run.
        why: What it is needed for, to complete "Loading TensorFlow to …".
        epoch: An epoch whose checkpoint was kept.

    Raises:
        RunNotFound: If the checkpoint is not on disk.
        DamagedArtifact: If it is damaged or does not fit the run.
    """
    checkpoint, config, shape = run.checkpoint(epoch), run.config, run.dataset.shape
    network = chatter.load_network(streams, why)
    loaded: Network = network.Network.from_weights(config, shape, checkpoint.weights)
    return loaded
