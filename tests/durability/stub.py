"""Trainings without a network, whose every byte follows from the epoch."""

import sys
import types
from dataclasses import dataclass, field

import numpy as np

import vaecli
import vaecli.data.named.shapes  # here, so that no child needs to
from tests.conftest import metrics_of, snapshot_of
from tests.durability.filelayer import FileLayer
from vaecli.config import TrainConfig
from vaecli.metrics import EpochMetrics
from vaecli.store import Checkpoint, DatasetRecord, RunWriter, Store, create_run, verify

SHAPE, COUNT, CLASSES = (4, 3, 1), 6, 2


def snapshot(epoch):
    return snapshot_of(epoch, 2, SHAPE, CLASSES, COUNT, side=2)


def checkpoint(epoch):
    weights = {"w": np.full((3, 2), epoch, np.float32)}
    return Checkpoint(epoch, weights, {"w/moment": np.full((3, 2), -epoch, np.float32)})


def record(name="stub"):
    return DatasetRecord(name, "0" * 64, "made for a test", SHAPE, ("left", "right"), 8, COUNT)


def make(root, total, *, keep="last", name=None):
    """Return the writer of a new run."""
    config = TrainConfig(dataset="stub", epochs=max(total, 1), checkpoints=keep).resolved()
    more = {
        "parameters": {"encoder": 2, "decoder": 4, "total": 6},
        "argv": [],
        "libraries": {},
        "machine": {},
    }
    return create_run(Store(root), config, record(), name=name, **more)


def go_on(writer, total, say=lambda epoch: None, start=None):
    """Train as `vaecli train` does: from the last epoch on, saying each one when it is saved."""
    with writer:
        run = writer.run
        if start is None:
            start = run.checkpoint().epoch + 1 if run.epochs() else 0
            writer.clear()
        for epoch in range(start, total + 1):
            writer.commit(
                total, metrics_of(epoch), snapshot(epoch), checkpoint(epoch), run.config.checkpoints
            )
            say(epoch)


def train(root, total, say=lambda epoch: None, *, keep="last", name=None):
    go_on(make(root, total, keep=keep, name=name), total, say, start=0)


def check(root, acknowledged=(), *, resume=None):
    """Assert that a store is sound after whatever happened to it, and return its runs.

    Args:
        root: The store.
        acknowledged: Epochs of its one run that were said to be saved.
        resume: Train on to this epoch.
    """
    runs = Store(root).runs()
    if acknowledged:
        assert runs, "the run is lost"
    for run in runs:
        assert run.state in ("finished", "interrupted", "failed")
        assert verify(run) == []
        epochs = run.epochs()
        assert epochs == tuple(range(len(epochs)))
        assert set(acknowledged) <= set(epochs)
        assert [run.metrics(epoch) for epoch in epochs] == [metrics_of(epoch) for epoch in epochs]
        if epochs:
            for epoch in epochs:
                np.testing.assert_array_equal(run.read_weights(epoch)["w"], checkpoint(epoch).weights["w"])
            np.testing.assert_array_equal(run.snapshot(epochs[-1]).mean, snapshot(epochs[-1]).mean)
            assert run.checkpoint().epoch == epochs[-1]
            np.testing.assert_array_equal(run.checkpoint().weights["w"], checkpoint(epochs[-1]).weights["w"])
        if resume is not None:
            with FileLayer():
                go_on(RunWriter(run.path), resume)
            assert (run.state, verify(run), run.epochs()[-1]) == ("finished", [], resume)
            assert not list(run.path.rglob(".tmp-*"))
    return runs


class StopTraining(Exception):  # noqa: N818 - the network room's name
    pass


@dataclass(frozen=True)
class Result:
    epoch: int
    metrics: EpochMetrics
    mean: np.ndarray
    log_var: np.ndarray
    grid: np.ndarray
    grid_latents: np.ndarray
    grid_dims: tuple
    reconstructions: np.ndarray


@dataclass
class Trainer:
    """What the network room's trainer looks like from outside; its steps do nothing."""

    config: TrainConfig
    train_images: np.ndarray
    heldout: np.ndarray
    fixed: np.ndarray
    epoch: int = field(default=0, init=False)

    @property
    def total_epochs(self):
        return self.config.epochs

    def epochs(self, start, stop, on_progress=None, should_stop=lambda: False):
        for self.epoch in range(start, stop + 1):
            if should_stop():
                raise StopTraining
            shape, random = self.fixed.shape[1:], np.random.default_rng(self.epoch)
            yield Result(
                self.epoch,
                metrics_of(self.epoch),
                random.normal(size=(len(self.heldout), 2)).astype(np.float32),
                np.zeros((len(self.heldout), 2), np.float32),
                np.zeros((2, 2, *shape), np.uint8),
                np.zeros((2, 2, 2), np.float32),
                (0, 1),
                np.zeros_like(self.fixed),
            )

    def weights(self):
        return {"w": np.full((3, 2), self.epoch, np.float32)}

    def optimizer_state(self):
        return {"w/moment": np.full((3, 2), -self.epoch, np.float32)}

    def restore(self, weights, optimizer_state):
        assert weights["w"].shape == optimizer_state["w/moment"].shape == (3, 2)

    def parameter_counts(self):
        return {"encoder": 2, "decoder": 4, "total": 6}


def stand_in_for_the_network():
    """Let `vaecli train` find the stub in the place of TensorFlow; for child processes only."""
    room = types.ModuleType("vaecli.network")
    room.Trainer, room.StopTraining = Trainer, StopTraining
    room.accelerator = lambda: "none"
    sys.modules["vaecli.network"] = vaecli.network = room


#: A training for the command line with the stub: little data, nothing downloaded.
ARGUMENTS = (
    "train",
    "--dataset",
    "shapes",
    "--size",
    "12x10",
    "--limit",
    "12",
    "--heldout-limit",
    "12",
    "--offline",
)
