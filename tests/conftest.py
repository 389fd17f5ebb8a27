"""Runs for whatever reads runs: fabricated through the real store, and one that was really trained."""

import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from vaecli.config import TrainConfig
from vaecli.data import Dataset, load_dataset
from vaecli.metrics import EpochMetrics
from vaecli.store import Checkpoint, DatasetRecord, Run, Snapshot, Store, create_run
from vaecli.training import train


def pytest_configure():
    """Hear the signals that a shell has its background jobs ignore; children would inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)


def metrics_of(epoch, latent_dim=2, elbo=None):
    """Return plausible metrics that improve with the epoch."""
    kl = [float(2 + epoch + dim) for dim in range(latent_dim)]
    reconstruction = float(elbo - sum(kl)) if elbo is not None else 300.0 - 10 * epoch
    return EpochMetrics(
        negative_elbo=reconstruction + sum(kl),
        reconstruction=reconstruction,
        kl=float(sum(kl)),
        kl_per_latent=tuple(kl),
        active_units=latent_dim,
        squared_error=0.05 / (1 + epoch),
        training_loss=290.0 - epoch if epoch else None,
        learning_rate=1e-3 if epoch else None,
        images_per_second=4000.0 if epoch else None,
        training_seconds=1.5 * bool(epoch),
        evaluation_seconds=0.25,
    )


def snapshot_of(epoch, latent_dim=2, shape=(12, 10, 1), classes=3, count=60, side=4, seed=0, inactive=()):
    """Return a snapshot whose classes drift apart as the epochs go, except in inactive latents."""
    random = np.random.default_rng([seed, epoch])
    labels = np.arange(count) % classes
    centres = np.random.default_rng(seed).normal(size=(classes, latent_dim))
    mean = epoch * (centres[labels] + 0.2 * random.normal(size=(count, latent_dim)))
    mean[:, list(inactive)] = 0.0
    rows, columns = (1, side) if latent_dim == 1 else (side, side)
    dims = (0,) if latent_dim == 1 else (0, 1)
    grid_latents = np.zeros((rows, columns, latent_dim), np.float32)
    grid_latents[..., 0] = np.linspace(-3, 3, columns)
    if latent_dim > 1:
        grid_latents[..., 1] = np.linspace(3, -3, rows)[:, None]
    k = 2 * classes
    return Snapshot(
        mean=mean.astype(np.float32),
        log_var=np.full((count, latent_dim), -0.5 * epoch, np.float32),
        labels=labels,
        index=np.arange(count),
        grid=random.integers(0, 256, (rows, columns, *shape), dtype=np.uint8),
        grid_latents=grid_latents,
        grid_dims=np.array(dims),
        originals=np.random.default_rng(seed).integers(0, 256, (k, *shape), dtype=np.uint8),
        original_labels=np.arange(k) % classes,
        original_index=np.arange(k),
        reconstructions=random.integers(0, 256, (k, *shape), dtype=np.uint8),
    )


def checkpoint_of(epoch):
    """Return a checkpoint of a network with one tensor."""
    weights = {"layer/kernel": np.full((2, 3), epoch, np.float32)}
    return Checkpoint(epoch, weights, {"step": np.array(epoch)})


@pytest.fixture
def store(tmp_path):
    """Return an empty store whose path has a space and an accent in it."""
    return Store(tmp_path / "my artéfacts")


class Unprivileged:
    """A context in which this process may do what any user may; within it, root is somebody else."""

    uid = 65534

    def own(self, path):
        """Give a directory and all in it to that user, and let it be reached."""
        if os.geteuid() == 0:
            for each in (path, *path.rglob("*")):
                os.chown(each, self.uid, -1, follow_symlinks=False)

    def __enter__(self):
        if os.geteuid() == 0:
            os.seteuid(self.uid)
            self.was_root = True
        return self

    def __exit__(self, *error):
        if self.was_root:
            os.seteuid(0)

    was_root = False


@pytest.fixture
def unprivileged(tmp_path):
    """Return a context without root's rights, in which the test's folder can be reached."""
    above = [folder for folder in (tmp_path, *tmp_path.parents) if folder.stat().st_uid == os.geteuid()]
    modes = {folder: folder.stat().st_mode for folder in above if not folder.stat().st_mode & 0o001}
    for folder, mode in modes.items():
        folder.chmod(mode | 0o011)
    yield Unprivileged()
    for folder, mode in modes.items():
        folder.chmod(mode)


@pytest.fixture
def fabricate(store):
    """Return a function that fabricates a run through the real store."""

    def make(
        epochs=3,
        *,
        total=None,
        name=None,
        dataset="toy",
        latent_dim=2,
        shape=(12, 10, 1),
        classes=3,
        class_names=None,
        keep="last",
        weights_of=None,
        seed=0,
        fingerprint="0" * 64,
        inactive=(),
        **config,
    ):
        record = DatasetRecord(
            name=dataset,
            fingerprint=fingerprint,
            source="made for a test",
            shape=shape,
            class_names=tuple(class_names or (f"class {number}" for number in range(classes))),
            train_count=600,
            heldout_count=60,
        )
        total = epochs if total is None else total
        settings = TrainConfig(
            dataset=dataset, latent_dim=latent_dim, epochs=max(total, 1), seed=seed, **config
        )
        with create_run(
            store,
            settings.resolved(),
            record,
            parameters={"encoder": 10, "decoder": 20, "total": 30},
            argv=["vaecli", "train"],
            libraries={"vaecli": "0"},
            machine={"cores": 2},
            name=name,
        ) as writer:
            for epoch in range(epochs + 1):
                writer.commit(
                    total,
                    metrics_of(epoch, latent_dim),
                    snapshot_of(epoch, latent_dim, shape, classes, seed=seed, inactive=inactive),
                    checkpoint_of(epoch),
                    keep,
                    keep_weights=weights_of is None or epoch in weights_of,
                )
            return writer.run

    return make


@pytest.fixture(scope="session")
def dataset():
    """Return a few dozen images of noise, taller than wide, in three classes."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (80, 12, 10), dtype=np.uint8)
    labels = np.arange(80) % 3
    return Dataset.from_arrays(
        "noise", images[:60], labels[:60], heldout_images=images[60:], heldout_labels=labels[60:]
    )


@pytest.fixture(scope="session")
def whole_run(dataset, tmp_path_factory):
    """Return the session's one real training: four epochs, never interrupted, all checkpoints kept."""
    config = TrainConfig(architecture="dense", epochs=4, batch_size=16, checkpoints="all")
    return train(dataset, config, Store(tmp_path_factory.mktemp("store")), name="whole")


@pytest.fixture(scope="session")
def lively_run(tmp_path_factory):
    """Return a run on coloured shapes with active latents, for which it is trained without a KL term."""
    shapes = load_dataset("shapes", size="12x10", channels=3, limit=128, heldout_limit=60)
    config = TrainConfig(
        architecture="dense", latent_dim=3, epochs=8, batch_size=8, beta=0.0, checkpoints="all"
    )
    return train(shapes, config, Store(tmp_path_factory.mktemp("store")), name="lively")


@pytest.fixture
def lively(lively_run, store):
    """Return a copy of that run in the test's own store."""
    store.root.mkdir(exist_ok=True)
    return Run(Path(shutil.copytree(lively_run.path, store.root / "lively")))


@pytest.fixture
def trained(whole_run, store):
    """Return a copy of the trained run in the test's own store."""
    store.root.mkdir(exist_ok=True)
    return Run(Path(shutil.copytree(whole_run.path, store.root / "whole")))


@pytest.fixture
def lean(trained):
    """Return a copy of the trained run that has lost all checkpoints but the last."""
    for epoch in trained.checkpoints()[:-1]:
        shutil.rmtree(trained.path / "checkpoints" / f"{epoch:04d}")
    return trained
