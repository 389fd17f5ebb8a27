"""Arrays as text that a page holds: bytes in base64, little-endian, in the order that both sides know."""

from __future__ import annotations

import base64
from collections.abc import Mapping

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
