from __future__ import annotations

import numpy as np
import tensorflow as tf

from vaecli.network import pipeline

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 3, 2, 1), np.uint8)


def test_every_image_comes_once_in_the_given_order_scaled_to_one() -> None:
    order = np.random.default_rng(1).permutation(10)
    batches = list(pipeline.batches(tf.constant(IMAGES), order, 4))
    np.testing.assert_array_equal(np.concatenate(batches), IMAGES[order] / np.float32(255))
    assert batches[0].dtype == tf.float32


def test_the_last_partial_batch_is_kept() -> None:
    sizes = [len(batch) for batch in pipeline.batches(tf.constant(IMAGES), np.arange(10), 4)]
    assert sizes == [4, 4, 2]
    assert pipeline.step_count(10, 4) == 3


def test_fewer_images_than_a_batch_make_one_small_batch() -> None:
    sizes = [len(batch) for batch in pipeline.batches(tf.constant(IMAGES), np.arange(10), 128)]
    assert sizes == [10]
    assert pipeline.step_count(10, 128) == 1


def test_images_left_on_the_disk_give_the_same_batches(tmp_path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    order = np.random.default_rng(1).permutation(10)
    held = list(pipeline.batches(pipeline.held(mapped), order, 4))
    left = list(pipeline.batches(mapped, order, 4))
    for one, other in zip(held, left, strict=True):
        np.testing.assert_array_equal(one, other)


def test_only_few_images_are_copied_into_tensorflow(monkeypatch) -> None:
    assert tf.is_tensor(pipeline.held(IMAGES))
    monkeypatch.setattr(pipeline, "MOST_HELD", 10)
    assert pipeline.held(IMAGES) is IMAGES
