"""Arrays as text that a page holds: bytes in base64, little-endian, in the order that both sides know."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT16_MAX = float(np.finfo(np.float16).max)


def in_base64(data: bytes) -> str:
    """Return bytes as base64 text.

    >>> in_base64(b"VAE")
    'VkFF'
    """
    return base64.b64encode(data).decode("ascii")


def pack_float16(tensors: Mapping[str, NDArray[np.floating]]) -> bytes:
    """Return the values of tensors as float16, one tensor after the other in their order.

    What float16 cannot hold becomes the largest that it can.

    >>> pack_float16({"kernel": np.float32([[1.0]]), "bias": np.float32([-2.0, 1e9])}).hex()
    '003c00c0ff7b'
    """
    values = [np.clip(tensor, -FLOAT16_MAX, FLOAT16_MAX).ravel() for tensor in tensors.values()]
    return np.concatenate(values).astype("<f2").tobytes()


def pack_int8(tensors: Mapping[str, NDArray[np.floating]]) -> bytes:
    """Return the values of tensors as 8 bits each, half the size of float16.

    Of a tensor with more than one axis: a float32 step for each place of the last axis, then whole numbers of
    steps from −127 to 127. Others stay float16.

    >>> pack_int8({"kernel": np.float32([[1.27, 0.0], [-0.1, 0.0]]), "bias": np.float32([1.0])}).hex()
    '0ad7233c000000007f00f600003c'
    """
    return b"".join(
        _in_steps(tensor) if tensor.ndim > 1 else pack_float16({name: tensor})
        for name, tensor in tensors.items()
    )


def _in_steps(tensor: NDArray[np.floating]) -> bytes:
    rows = np.asarray(tensor, np.float32).reshape(-1, tensor.shape[-1])
    steps = (np.abs(rows).max(axis=0) / 127).astype("<f4")
    numbers = np.rint(rows / np.where(steps > 0, steps, 1)).astype(np.int8)
    return bytes(steps.tobytes() + numbers.tobytes())


def pack_uint16(values: NDArray[np.floating]) -> dict[str, Any]:
    """Return an array as whole numbers of 16 bits between the least and the largest of each column.

    Args:
        values: `(rows, columns)`, finite.

    Returns:
        `low` and `step` of each column, and the numbers row by row as base64.

    >>> packed = pack_uint16(np.float32([[0.0], [65.535]]))
    >>> packed["low"], [round(step, 4) for step in packed["step"]], packed["values"]
    ([0.0], [0.001], 'AAD//w==')
    """
    exact = np.asarray(values, np.float64)
    low = exact.min(axis=0)
    step = np.maximum((exact.max(axis=0) - low) / 65535, 1e-12)
    numbers = np.rint((exact - low) / step).astype("<u2")
    return {"low": low.tolist(), "step": step.tolist(), "values": in_base64(numbers.tobytes())}


def pack_integers(values: NDArray[np.integer]) -> str:
    """Return whole numbers as base64 of 32 bits each.

    >>> pack_integers(np.array([1, 258]))
    'AQAAAAIBAAA='
    """
    return in_base64(np.asarray(values).astype("<i4").tobytes())
