"""The library on NumPy arrays of your own: train, look into the run, draw, encode and decode.

    python examples/python_api.py [FOLDER]

The images are discs of random size and place, so that nothing needs to be fetched; a minute on two cores.
"""

import sys
from pathlib import Path

import numpy as np

import vaecli
from vaecli.latents import robust_bounds
from vaecli.render.encode import Timing, encode
from vaecli.render.frames import caption
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter


def discs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images `(count, 24, 24)` uint8 of a disc each, and labels: small, middle or large."""
    random = np.random.default_rng(seed)
    radius, x, y = random.uniform(2, 8, count), random.uniform(8, 16, count), random.uniform(8, 16, count)
    rows, columns = np.mgrid[:24, :24]
    distance = np.hypot(columns - x[:, None, None], rows - y[:, None, None])
    edges = np.clip(radius[:, None, None] - distance + 0.5, 0, 1)
    return np.rint(255 * edges).astype(np.uint8), np.digitize(radius, [4, 6])


out = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
out.mkdir(parents=True, exist_ok=True)

images, labels = discs(6000, seed=0)
heldout_images, heldout_labels = discs(1000, seed=1)
dataset = vaecli.Dataset.from_arrays(
    "discs",
    images,
    labels,
    heldout_images=heldout_images,
    heldout_labels=heldout_labels,
    class_names=["small", "middle", "large"],
)

# Train: every epoch is on disk as soon as it is done.
config = vaecli.TrainConfig(dataset="discs", epochs=5, latent_dim=2, batch_size=32)
run = vaecli.train(dataset, config, vaecli.Store(out / "artifacts"))
print(run.name, run.state, f"−ELBO {run.metrics(5)['negative_elbo']:.1f} nats per image")

# Draw: snapshots to frames to a GIF.
snapshots = [run.snapshot(epoch) for epoch in run.epochs()]
points = [snapshot.mean for snapshot in snapshots]
captions = [caption(epoch, run.metrics(epoch)["negative_elbo"]) for epoch in run.epochs()]
cloud = Cloud(points, snapshots[-1].labels, captions, title=run.name)
frames = scatter([cloud], run.dataset.class_names, robust_bounds(points, at_least=2.0))
with (out / "discs-latent.gif").open("wb") as file:
    encode(frames, file, "gif", Timing(fps=2))
print(file.name)

# Encode and decode: NumPy in, NumPy out.
network = vaecli.Network.from_weights(run.config, run.dataset.shape, run.checkpoint().weights)
mean, log_var = network.encode(dataset.heldout.images[:3])
print("mean", mean.round(2).tolist(), "standard deviation", np.exp(log_var / 2).round(2).tolist())
print("decoded", network.decode(mean).shape)
