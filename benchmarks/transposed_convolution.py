"""Compare vaecli's transposed convolution with TensorFlow's own, in turns in one run.

    python benchmarks/transposed_convolution.py

Prints the milliseconds that a batch's result and gradients take: minimum, median and maximum of the turns.
"""
# ruff: noqa: T201 - a script prints

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import tensorflow as tf

from vaecli.network.transposed import transposed

#: Images, side, channels, kernel's side, stride, filters: the last layers of `conv` for images of
#: 28 × 28 × 1, 32 × 32 × 3 and 64 × 64 × 3.
LAYERS = [(128, 7, 64, 8, 4, 1), (128, 8, 64, 8, 4, 3), (64, 8, 64, 16, 8, 3)]
Operation = Callable[[tf.Tensor, tf.Tensor, int], tf.Tensor]


def stock(images: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Return what TensorFlow's own operation makes."""
    count, height, width, _ = images.shape
    shape = count, height * stride, width * stride, kernel.shape[2]
    return tf.nn.conv2d_transpose(images, kernel, shape, stride, "SAME")


def seconds(operation: Operation, images: tf.Tensor, kernel: tf.Tensor, stride: int) -> Callable[[], float]:
    """Return a function that computes the result and both gradients, and gives the seconds that took."""

    @tf.function
    def both() -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            tape.watch((images, kernel))
            result = operation(images, kernel, stride)
        return tape.gradient(result, (images, kernel), output_gradients=result)

    def timed() -> float:
        clock = time.perf_counter()
        for tensor in both():
            tensor.numpy()
        return time.perf_counter() - clock

    timed()
    return timed


def main() -> None:
    """Print a line per layer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=30)
    turns = parser.parse_args().turns
    for count, side, channels, size, stride, filters in LAYERS:
        images = tf.random.stateless_normal((count, side, side, channels), (0, 1))
        kernel = tf.random.stateless_normal((size, size, filters, channels), (0, 2))
        sides = {"vaecli": seconds(transposed, images, kernel, stride)}
        sides["TensorFlow"] = seconds(stock, images, kernel, stride)
        taken = {name: [] for name in sides}
        for _ in range(turns):
            for name, timed in sides.items():
                taken[name].append(1e3 * timed())
        for name, times in taken.items():
            spread = f"{min(times):6.2f} {statistics.median(times):6.2f} {max(times):6.2f} ms"
            print(f"{side * stride} × {side * stride} × {filters} {name:10} {spread}")
        ratio = statistics.median(taken["TensorFlow"]) / statistics.median(taken["vaecli"])
        print(f"ratio of the medians {ratio:.2f}")


if __name__ == "__main__":
    main()
