"""Compare a training step of vaecli with Keras' own `fit`, in one interleaved run.

    python benchmarks/training_speed.py --architecture dense

Machines and their moods differ, so only ratios within one run say anything: both sides
train the same network on the same random images, in turns, and the best turn of each counts.
"""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import keras
import numpy as np

from vaecli.config import ARCHITECTURES, TrainConfig
from vaecli.network import VAE, Trainer


def ours(images: np.ndarray, config: TrainConfig) -> Callable[[], float]:
    """Return a function that trains one epoch with vaecli and gives images per second."""
    trainer = Trainer(config, images, images[:1], images[:1])
    epochs = trainer.epochs(1, config.epochs)
    return lambda: next(epochs).metrics.images_per_second or 0.0


def keras_fit(images: np.ndarray, config: TrainConfig) -> Callable[[], float]:
    """Return a function that trains one epoch with `fit` and gives images per second."""
    vae = VAE(config.architecture, images.shape[1:], config.latent_dim)
    vae.compile(optimizer=keras.optimizers.Adam(config.learning_rate))
    scaled = images.astype(np.float32) / 255
    vae.fit(scaled[: config.batch_size], batch_size=config.batch_size, verbose=0)  # traces

    def epoch() -> float:
        clock = time.perf_counter()
        vae.fit(scaled, batch_size=config.batch_size, verbose=0)
        return len(images) / (time.perf_counter() - clock)

    return epoch


def main() -> None:
    """Print images per second of both, their ratio and the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="conv")
    parser.add_argument("--images", type=int, default=12_800)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    images = np.random.default_rng(0).integers(0, 256, (arguments.images, 28, 28, 1), np.uint8)
    config = TrainConfig(architecture=arguments.architecture, epochs=arguments.turns).resolved()
    sides = {"vaecli": ours(images, config), "keras fit": keras_fit(images, config)}
    turns = [{name: side() for name, side in sides.items()} for _ in range(arguments.turns)]
    best = {name: max(turn[name] for turn in turns) for name in sides}
    for name, speed in best.items():
        print(f"{arguments.architecture:6} {name:10} {speed:8,.0f} images/s")
    print(f"ratio {best['vaecli'] / best['keras fit']:.2f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
