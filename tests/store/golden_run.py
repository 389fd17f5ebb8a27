"""Write the golden run of the present version of the format: `python -m tests.store.golden_run`.

The vaecli that introduces a version does this once. The same bytes come out as long as vaecli writes
that version as it did then.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vaecli.config import TrainConfig
from vaecli.metrics import EpochMetrics
from vaecli.store import Checkpoint, DatasetRecord, Snapshot, Store, create_run, formats

GOLDEN = Path(__file__).parent / "golden"
SHAPE, COUNT, LATENT_DIM = (4, 3, 1), 6, 2


def metrics_of(epoch):
    kl_per_latent = (2.5 + epoch, 0.5)
    reconstruction = 100.0 - 10 * epoch
    return EpochMetrics(
        negative_elbo=reconstruction + sum(kl_per_latent),
        reconstruction=reconstruction,
        kl=sum(kl_per_latent),
        kl_per_latent=kl_per_latent,
        active_units=2,
        squared_error=0.05 / (1 + epoch),
        pixel_scale=0.3 / (1 + epoch),
        training_loss=99.5 if epoch else None,
        images_per_second=1000.0 if epoch else None,
        training_seconds=float(epoch > 0),
        evaluation_seconds=0.25,
        learning_rate=0.001 if epoch else None,
    )


def snapshot_of(epoch):
    encodings = epoch * np.arange(COUNT * LATENT_DIM, dtype=np.float32).reshape(COUNT, LATENT_DIM)
    originals = np.arange(4 * np.prod(SHAPE), dtype=np.uint8).reshape(4, *SHAPE)
    return Snapshot(
        mean=encodings,
        log_var=-encodings / 8,
        labels=np.arange(COUNT) % 2,
        index=np.arange(COUNT) * 10,
        grid=np.full((2, 2, *SHAPE), 50 * epoch, np.uint8),
        grid_latents=np.array([[[-3, 3], [3, 3]], [[-3, -3], [3, -3]]], np.float32),
        grid_dims=np.array([0, 1]),
        originals=originals,
        original_labels=np.arange(4) % 2,
        original_index=np.arange(4) * 10,
        reconstructions=originals + np.uint8(epoch),
    )


def checkpoint_of(epoch):
    weights = {
        "decoder/dense_0/bias": np.arange(4, dtype=np.float32) + epoch,
        "decoder/dense_0/kernel": np.array([0.1, 1e5], np.float32),
    }
    moments = {f"{name}/first_moment": np.zeros_like(array) for name, array in weights.items()}
    return Checkpoint(epoch, weights, moments)


def write(root):
    """Write the run into a store, under the name of the format's version."""
    config = TrainConfig(
        dataset="tiny", architecture="dense", likelihood="gaussian", epochs=3, checkpoints="best"
    )
    dataset = DatasetRecord("tiny", "0" * 64, "made by hand", SHAPE, ("left", "right ünd <b>"), 8, COUNT)
    writer = create_run(
        Store(root),
        config.resolved(SHAPE[2], dataset.train_count),
        dataset,
        parameters={"encoder": 10, "decoder": 20, "total": 30},
        argv=["vaecli", "train", "-d", "tiny"],
        libraries={"vaecli": "0.1.0"},
        machine={"cores": 2, "system": "any", "accelerator": "none"},
        name=f"version-{formats.VERSION}",
        created=datetime(2026, 11, 25, tzinfo=UTC),
    )
    with writer:
        for epoch in range(3):
            snapshot, checkpoint = snapshot_of(epoch), checkpoint_of(epoch)
            writer.commit(3, metrics_of(epoch), snapshot, checkpoint, "best", keep_weights=epoch != 1)
        writer.record_stop(3, "diverged", "The loss of epoch 3 is nan.")
    (writer.run.path / "run.lock").unlink()


if __name__ == "__main__":
    shutil.rmtree(GOLDEN / f"version-{formats.VERSION}", ignore_errors=True)
    write(GOLDEN)
