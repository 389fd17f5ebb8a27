"""Write animations of 20 frames with vaecli's encoder and with imageio's: time, bytes and pixels.

    python benchmarks/animations.py

A small network is trained for 19 epochs first, which takes a minute. All writers get the same
frames, drawn before the clock starts: one per epoch, as a scatter of the held-out images and as
the 20 × 20 grid. They take turns, and the best turn of each counts.
"""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio.v3
import numpy as np
from PIL import Image, ImageSequence

import vaecli
from vaecli.render.encode import Timing, encode
from vaecli.render.frames import Frame

_TIMING = Timing(fps=2, hold=2)
_DELAYS = (10 * np.array(_TIMING.centiseconds(20))).tolist()


def ours(frames: Sequence[Frame], kind: str) -> bytes:
    """Return an animation as vaecli writes it."""
    buffer = io.BytesIO()
    encode(frames, buffer, kind, _TIMING)
    return buffer.getvalue()


def imageio_gif(frames: Sequence[Frame]) -> bytes:
    """Return a GIF as imageio writes it: through Pillow, with a palette per frame."""
    return imageio.v3.imwrite("<bytes>", frames, extension=".gif", duration=_DELAYS, loop=0)


def pillow_shared(frames: Sequence[Frame]) -> bytes:
    """Return a GIF as Pillow, which imageio calls, writes it with one palette for all frames."""
    few = np.concatenate([frames[index] for index in (0, 6, 13, 19)])
    palette = Image.fromarray(few).quantize(255, Image.Quantize.MEDIANCUT)
    first, *rest = (
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames
    )
    buffer = io.BytesIO()
    options = {"append_images": rest, "duration": _DELAYS, "loop": 0, "optimize": True}
    first.save(buffer, "GIF", save_all=True, **options)
    return buffer.getvalue()


def imageio_webp(frames: Sequence[Frame]) -> bytes:
    """Return a WebP as imageio writes it when asked for a lossless one."""
    options = {"duration": _DELAYS, "loop": 0, "lossless": True, "quality": 60}
    return imageio.v3.imwrite("<bytes>", frames, extension=".webp", **options)


WRITERS: dict[str, Callable[[Sequence[Frame]], bytes]] = {
    "GIF, vaecli": lambda frames: ours(frames, "gif"),
    "GIF, imageio": imageio_gif,
    "GIF, Pillow, one palette": pillow_shared,
    "WebP, vaecli": lambda frames: ours(frames, "webp"),
    "WebP, imageio, lossless": imageio_webp,
}


def shown(content: bytes) -> np.ndarray:
    """Return what a viewer shows: `(frames, height, width, 3)` uint8."""
    with Image.open(io.BytesIO(content)) as image:
        return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)])


def errors(frames: Sequence[Frame], content: bytes) -> tuple[float, float, float]:
    """Return how far the shown pixels are from the drawn ones, in levels of 255.

    Returns:
        The mean over all channels, pixels and frames; the share of the pixels, in percent, with a channel
        more than 16 levels off; the mean over the last frame, which rests.
    """
    drawn, seen = np.stack(frames).astype(np.int16), shown(content)
    if len(seen) != len(drawn):
        raise ValueError(f"{len(drawn)} frames were written, {len(seen)} are shown.")
    off = np.abs(drawn - seen)
    return float(off.mean()), 100 * float((off.max(axis=3) > 16).mean()), float(off[-1].mean())


def compare(frames: Sequence[Frame], turns: int) -> None:
    """Print time, bytes and errors of each writer."""
    best = dict.fromkeys(WRITERS, float("inf"))
    written = {}
    for _ in range(turns):
        for name, write in WRITERS.items():
            clock = time.perf_counter()
            written[name] = write(frames)
            best[name] = min(best[name], time.perf_counter() - clock)
    for name, content in written.items():
        mean, far, last = errors(frames, content)
        print(
            f"  {name:25} {best[name]:6.2f} s {len(content) / 1000:7.0f} kB   off by {mean:.2f} levels, "
            f"the last frame by {last:.2f}, {far:.2f} % of the pixels by more than 16"
        )


def drawings() -> dict[str, list[Frame]]:
    """Return the frames of a small run on Fashion-MNIST, by the name of the drawing."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = vaecli.load_dataset("fashion", limit=6000)
        config = vaecli.TrainConfig(architecture="dense", epochs=19)
        run = vaecli.train(dataset, config, vaecli.Store(Path(folder)))
        scatter, grid = vaecli.latent_plot(run, epochs="all"), vaecli.grid(run, epochs="all")
        return {"scatter": list(scatter.frames), "grid": list(grid.frames)}


def main() -> None:
    """Print a table for each drawing."""
    parser = argparse.ArgumentParser(description="Compare writers of animations.")
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    for name, frames in drawings().items():
        height, width, _ = frames[0].shape
        print(f"{name}: {len(frames)} frames of {width} × {height} pixels")
        compare(frames, turns)


if __name__ == "__main__":
    main()
