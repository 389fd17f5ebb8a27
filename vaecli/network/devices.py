"""What TensorFlow trains on."""

from __future__ import annotations

import tensorflow as tf

NO_ACCELERATOR = "none"


def accelerator() -> str:
    """Return the names of the GPUs that TensorFlow uses, or `none` where it trains on the processor."""
    details = map(tf.config.experimental.get_device_details, tf.config.get_visible_devices("GPU"))
    return ", ".join(each.get("device_name", "GPU") for each in details) or NO_ACCELERATOR
