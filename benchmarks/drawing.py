"""Draw and write 20 frames of a 10,000-point scatter: vaecli against matplotlib and imageio as they come.

    python benchmarks/drawing.py

Both draw the same points in the same number of pixels; the ratios are of time and of bytes.
"""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import io
import time

import imageio.v3
import matplotlib as mpl
import numpy as np

from vaecli.latents import robust_bounds
from vaecli.render.encode import Timing, encode
from vaecli.render.panel import Cloud
from vaecli.render.scatter import scatter

FRAMES, POINTS, CLASSES = 20, 10_000, 10


def drifting_points() -> tuple[list[np.ndarray], np.ndarray]:
    """Return the points of each frame, ten classes that drift apart, and their labels."""
    random = np.random.default_rng(0)
    labels = np.arange(POINTS) % CLASSES
    centres, spread = random.normal(size=(CLASSES, 2)), random.normal(size=(POINTS, 2))
    return [frame / FRAMES * (2 * centres[labels] + 0.4 * spread) for frame in range(FRAMES)], labels


def ours(points: list[np.ndarray], labels: np.ndarray) -> bytes:
    """Return the GIF as vaecli makes it."""
    names = [str(number) for number in range(CLASSES)]
    buffer = io.BytesIO()
    encode(scatter([Cloud(points, labels)], names, robust_bounds(points)), buffer, "gif", Timing(fps=2))
    return buffer.getvalue()


def plain(points: list[np.ndarray], labels: np.ndarray) -> bytes:
    """Return the GIF as a new figure per frame and imageio's defaults make it."""
    mpl.use("agg")
    import matplotlib.pyplot as plt

    frames = []
    for frame in points:
        figure, axes = plt.subplots(figsize=(6.4, 6.4), dpi=100)
        axes.scatter(*frame.T, c=labels, cmap="tab10", s=4)
        axes.set(xlim=(-5, 5), ylim=(-5, 5))
        figure.canvas.draw()
        frames.append(np.asarray(figure.canvas.buffer_rgba())[..., :3].copy())
        plt.close(figure)
    return imageio.v3.imwrite("<bytes>", frames, extension=".gif", duration=500, loop=0)


def main() -> None:
    """Print time and size of both and their ratios."""
    points, labels = drifting_points()
    made = {}
    for name, make in {"vaecli": ours, "matplotlib + imageio": plain}.items():
        clock = time.perf_counter()
        content = make(points, labels)
        made[name] = time.perf_counter() - clock, len(content)
        print(f"{name:22} {made[name][0]:6.2f} s   {made[name][1] / 1000:7.0f} kB")
    (our_time, our_size), (their_time, their_size) = made.values()
    print(f"ratio {their_time / our_time:.1f} × the time, {their_size / our_size:.1f} × the bytes")


if __name__ == "__main__":
    main()
