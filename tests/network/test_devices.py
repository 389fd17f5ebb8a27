"""What TensorFlow trains on."""

import pytest
import tensorflow as tf

from vaecli.network.devices import accelerator


@pytest.mark.skipif(bool(tf.config.get_visible_devices("GPU")), reason="this machine has a GPU")
def test_a_machine_without_a_gpu_has_no_accelerator():
    assert accelerator() == "none"


def test_every_gpu_is_named(monkeypatch):
    names = {"first": {"device_name": "NVIDIA H100"}, "second": {}}
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: list(names) if kind == "GPU" else [])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", names.__getitem__)
    assert accelerator() == "NVIDIA H100, GPU"
