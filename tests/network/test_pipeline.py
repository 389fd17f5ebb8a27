from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from vaecli.errors import DataError
from vaecli.network import pipeline

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 3, 2, 1), np.uint8)
ORDER = np.random.default_rng(1).permutation(10)


class Files:
    """Images that are counted and copied out, and of which one cannot be read any more."""

    shape, nbytes = IMAGES.shape, IMAGES.nbytes

    def __init__(self, lost=None):
        self.lost, self.taken = lost, []

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, rows):
        self.taken.append(np.arange(10)[rows].tolist())
        if self.lost in self.taken[-1]:
            raise DataError(f"{self.lost}.png: gone.")
        return IMAGES[rows]


def test_every_image_comes_once_in_the_given_order_scaled_to_one() -> None:
    batches = list(pipeline.Batches(IMAGES, 4).epoch(ORDER))
    np.testing.assert_array_equal(np.concatenate(batches), IMAGES[ORDER] / np.float32(255))
    assert batches[0].dtype == tf.float32


def test_the_last_partial_batch_is_kept() -> None:
    sizes = [len(batch) for batch in pipeline.Batches(IMAGES, 4).epoch(np.arange(10))]
    assert sizes == [4, 4, 2]
    assert pipeline.step_count(10, 4) == 3


def test_fewer_images_than_a_batch_make_one_small_batch() -> None:
    sizes = [len(batch) for batch in pipeline.Batches(IMAGES, 128).epoch(np.arange(10))]
    assert sizes == [10]
    assert pipeline.step_count(10, 128) == 1


def test_images_left_where_they_are_give_the_same_batches(monkeypatch, tmp_path) -> None:
    held = list(pipeline.Batches(IMAGES, 4).epoch(ORDER))
    monkeypatch.setattr(pipeline, "MOST_HELD", 10)
    np.save(tmp_path / "images.npy", IMAGES)
    for source in (np.load(tmp_path / "images.npy", mmap_mode="r"), Files()):
        for one, other in zip(held, pipeline.Batches(source, 4).epoch(ORDER), strict=True):
            np.testing.assert_array_equal(one, other)


def test_few_images_are_taken_once_and_many_batch_by_batch(monkeypatch) -> None:
    few, many = Files(), Files()
    batches = pipeline.Batches(few, 4)
    list(batches.epoch(ORDER))
    assert few.taken == [list(range(10))]
    monkeypatch.setattr(pipeline, "MOST_HELD", 10)
    list(pipeline.Batches(many, 4).epoch(ORDER))
    assert many.taken == [ORDER[:4].tolist(), ORDER[4:8].tolist(), ORDER[8:].tolist()]


def test_an_image_that_is_lost_on_the_way_is_the_error_that_it_was(monkeypatch) -> None:
    monkeypatch.setattr(pipeline, "MOST_HELD", 10)
    batches = pipeline.Batches(Files(lost=ORDER[5]), 4)
    with pytest.raises(DataError, match=rf"{ORDER[5]}\.png: gone"), batches.failing_plainly():
        list(batches.epoch(ORDER))


def test_what_tensorflow_itself_raises_is_left_as_it_is() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError), pipeline.Batches(IMAGES, 4).failing_plainly():
        tf.reshape(tf.zeros(3), (2, 2))
